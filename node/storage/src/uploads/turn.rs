//! Slots whose upload is on its way: one at a time each.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use crate::store::Claim;

/// The slots that are being uploaded for.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashSet<Claim>>>);

/// The right to upload for one slot; given back when dropped.
pub(super) struct Turn {
    all: Turns,
    claim: Claim,
}

impl Turns {
    /// The right to upload for a slot, where nobody has it.
    pub(super) fn take(&self, claim: Claim) -> Option<Turn> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(claim).then(|| Turn {
            all: self.clone(),
            claim,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.claim);
    }
}

#[cfg(test)]
mod tests {
    use neurostore_primitives::{ReservationId, SlotIndex};

    use super::*;

    #[test]
    fn a_slot_has_one_upload_at_a_time() {
        let turns = Turns::default();
        let claim = Claim {
            reservation: ReservationId(1),
            slot: SlotIndex::new(2).unwrap(),
        };
        let first = turns.take(claim).unwrap();
        assert!(turns.take(claim).is_none());
        drop(first);
        assert!(turns.take(claim).is_some());
    }
}
