//! Proofs of blocks that did not pass together, checked one by one.

use alloc::vec::Vec;
use neurostore_primitives::{FaultReason, NodeHealth, WindowLedger, WindowOutcome};
use neurostore_verifier::{verify_checked, CheckedProof};

use crate::{pallet::*, TakenProof};

/// Queued proofs that one block checks: a sixth of a block of two seconds, so that a full queue is
/// done in some minutes and transactions go on meanwhile.
pub(crate) const QUEUED_PER_BLOCK: u64 = 64;

impl<T: Config> Pallet<T> {
    /// Proofs that wait.
    pub(crate) fn queued() -> u64 {
        let (first, end) = QueueEnds::<T>::get();
        end.saturating_sub(first)
    }

    /// Puts proofs at the end of the queue. The batch took them only as long as there was room.
    pub(crate) fn enqueue(proofs: Vec<TakenProof>) {
        QueueEnds::<T>::mutate(|(_, end)| {
            for proof in proofs {
                Queue::<T>::insert(*end, proof);
                *end = end.saturating_add(1);
            }
        });
    }

    /// Checks the oldest proofs of the queue, and returns how many.
    pub(crate) fn check_queued() -> u64 {
        let (first, end) = QueueEnds::<T>::get();
        let until = end.min(first.saturating_add(QUEUED_PER_BLOCK));
        if first >= until {
            return 0;
        }
        for place in first..until {
            if let Some(taken) = Queue::<T>::take(place) {
                Self::settle_queued(&taken);
            }
        }
        QueueEnds::<T>::put((until, end));
        until.saturating_sub(first)
    }

    fn settle_queued(taken: &TakenProof) {
        let proof = CheckedProof::from_bytes_trusted(&taken.proof);
        let is_valid = Self::prepared_key(taken.circuit)
            .is_some_and(|key| verify_checked(&key, &[taken.statement], &proof).is_ok());
        if is_valid {
            Self::accept(taken);
        } else {
            Self::convict(taken);
        }
    }

    /// The node answered with an invalid proof that was taken on trust: the window is missed, and
    /// the node pays for what it made the chain check.
    fn convict(taken: &TakenProof) {
        let (node, window) = (taken.node, taken.window);
        let reason = FaultReason::InvalidAnswer;
        Self::forget_challenge(node, window);
        let at = Self::now();
        Self::remember(node, window, WindowOutcome::Missed { at, reason });
        T::Ledger::missed(node, window);
        T::Health::missed(node);
        T::Health::deceived(node);
        Self::deposit_event(Event::WindowMissed {
            node,
            window,
            reason,
        });
    }
}
