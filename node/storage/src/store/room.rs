//! The space ledger: what is stored, what is on its way, and what the node offers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::record::{ShardRecord, ShardState};

/// How much of the offered capacity is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Occupancy {
    /// Bytes of shards the node offers to hold.
    pub capacity_bytes: u64,
    /// Shards stored, damaged ones included, removed ones not.
    pub shards: u64,
    /// Their bytes.
    pub stored_bytes: u64,
    /// Bytes of accepted uploads that have not ended.
    pub incoming_bytes: u64,
    /// Shards that are no longer needed and wait for their removal.
    pub removed_shards: u64,
    /// Their bytes; they do not count against the capacity.
    pub removed_bytes: u64,
    /// Shards whose bytes are gone or changed.
    pub damaged_shards: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Mutex<Occupancy>>);

impl Room {
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(Occupancy {
            capacity_bytes,
            ..Occupancy::default()
        })))
    }

    /// Counters stay right even if a thread died while it held the lock: each change is one step.
    fn lock(&self) -> MutexGuard<'_, Occupancy> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn occupancy(&self) -> Occupancy {
        *self.lock()
    }

    /// Takes `bytes` for an upload, or says how many are left.
    pub(crate) fn take(&self, bytes: u64) -> Result<Ticket, u64> {
        let mut now = self.lock();
        let taken = now.stored_bytes.saturating_add(now.incoming_bytes);
        let left = now.capacity_bytes.saturating_sub(taken);
        if bytes > left {
            return Err(left);
        }
        now.incoming_bytes = now.incoming_bytes.saturating_add(bytes);
        Ok(Ticket {
            room: self.clone(),
            bytes,
        })
    }

    /// Books that a shard's record went from `before` to `after`.
    pub(crate) fn changed(&self, before: Option<&ShardRecord>, after: Option<&ShardRecord>) {
        let mut now = self.lock();
        if let Some(record) = before {
            now.book(record, |counter, by| *counter = counter.saturating_sub(by));
        }
        if let Some(record) = after {
            now.book(record, |counter, by| *counter = counter.saturating_add(by));
        }
    }
}

impl Occupancy {
    fn book(&mut self, record: &ShardRecord, step: fn(&mut u64, u64)) {
        if record.counts() {
            step(&mut self.shards, 1);
            step(&mut self.stored_bytes, record.len);
        } else {
            step(&mut self.removed_shards, 1);
            step(&mut self.removed_bytes, record.len);
        }
        if record.state == ShardState::Damaged {
            step(&mut self.damaged_shards, 1);
        }
    }
}

/// Room taken for one upload; given back when dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    room: Room,
    bytes: u64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut now = self.room.lock();
        now.incoming_bytes = now.incoming_bytes.saturating_sub(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use neurostore_primitives::ShardClass;

    use super::*;

    #[test]
    fn room_is_taken_when_the_upload_is_accepted_and_given_back_when_it_ends() {
        let room = Room::new(10);
        let first = room.take(6).unwrap();
        assert_eq!(room.take(5).unwrap_err(), 4);
        drop(first);
        assert!(room.take(10).is_ok());
    }

    #[test]
    fn a_removed_shard_frees_the_capacity_it_took() {
        let room = Room::new(1024);
        let live = ShardRecord::live(ShardClass::default(), 0);
        room.changed(None, Some(&live));
        assert_eq!(room.take(1).unwrap_err(), 0);
        let removed = ShardRecord {
            state: ShardState::Removed { keep_until: 9 },
            ..live
        };
        room.changed(Some(&live), Some(&removed));
        assert!(room.take(1024).is_ok());
        assert_eq!(room.occupancy().removed_bytes, 1024);
        room.changed(Some(&removed), None);
        assert_eq!(room.occupancy().removed_bytes, 0);
    }
}
