//! What the index says of a shard.
#![allow(clippy::cast_possible_truncation)] // The codec's derive casts the numbers of variants.

use std::time::{SystemTime, UNIX_EPOCH};

use codec::{Decode, Encode};
use neurostore_primitives::{ReservationId, ShardClass, ShardRoot, SlotIndex};
use serde::Serialize;

/// The state of a stored shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShardState {
    /// Whole as far as is known.
    #[codec(index = 0)]
    Live,
    /// Its bytes are gone or changed. Uploading it again repairs it.
    #[codec(index = 1)]
    Damaged,
    /// No longer needed; its bytes go once the chain is past this block.
    #[codec(index = 2)]
    Removed {
        /// The last block at which the bytes are still kept.
        keep_until: u32,
    },
}

/// A stored shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct ShardRecord {
    /// Its size class.
    pub class: ShardClass,
    /// Its bytes.
    pub len: u64,
    /// When it was stored, in seconds since 1970.
    pub received_at: u64,
    /// Its state.
    pub state: ShardState,
}

impl ShardRecord {
    /// A live shard of `class` received at `received_at`.
    pub fn live(class: ShardClass, received_at: u64) -> Self {
        Self {
            class,
            len: class.shard_bytes(),
            received_at,
            state: ShardState::Live,
        }
    }

    /// A live shard of `class` received now.
    pub(super) fn received_now(class: ShardClass) -> Self {
        // A clock before 1970 is as good as no clock: the time is for people to read.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self::live(class, since.map_or(0, |since| since.as_secs()))
    }

    /// Whether the shard counts against the capacity the node offers.
    pub fn counts(&self) -> bool {
        !matches!(self.state, ShardState::Removed { .. })
    }
}

/// The slot of a reservation for which a shard was received: what a receipt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Claim {
    /// The reservation.
    pub reservation: ReservationId,
    /// The slot.
    pub slot: SlotIndex,
}

/// A shard of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedShard {
    /// Its root, which is its name.
    pub root: ShardRoot,
    /// What the index says of it.
    pub record: ShardRecord,
    /// The slots it was received for.
    pub claims: Vec<Claim>,
}
