//! Proofs that wait to be checked one by one: those of blocks that did not pass together, and those
//! whose key is still to be prepared.

use frame_support::traits::Get;
use neurostore_primitives::{FaultReason, NodeHealth};
use neurostore_verifier::{verify_checked, CheckedProof, VerifyError};

use crate::{closings::Blame, pallet::*, prepared_keys::NoKey, Grounds, QueuedProof, TakenProof};

/// Queued proofs that one block checks: a sixth of a block of two seconds, so that a full queue is
/// done in some minutes and transactions go on meanwhile.
pub(crate) const QUEUED_PER_BLOCK: u64 = 64;

impl<T: Config> Pallet<T> {
    /// Proofs that wait.
    pub(crate) fn queued() -> u64 {
        let (first, end) = QueueEnds::<T>::get();
        end.saturating_sub(first)
    }

    /// Whether one more proof may wait, should the batch of this block fail.
    pub(crate) fn queue_has_room() -> bool {
        let waiting = Batch::<T>::decode_len().unwrap_or_default();
        let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
        Self::queued().saturating_add(waiting) < T::MaxQueuedProofs::get().into()
    }

    /// Puts proofs at the end of the queue. They are taken only as long as there is room.
    pub(crate) fn enqueue(proofs: impl IntoIterator<Item = TakenProof>) {
        QueueEnds::<T>::mutate(|(_, end)| {
            for queued in proofs.into_iter().filter_map(QueuedProof::new) {
                Queue::<T>::insert(*end, queued);
                *end = end.saturating_add(1);
            }
        });
    }

    /// Checks the oldest proofs of the queue, and returns how many. The first whose key is still to
    /// be prepared holds up all behind it.
    pub(crate) fn check_queued() -> u64 {
        let (first, end) = QueueEnds::<T>::get();
        let until = end.min(first.saturating_add(QUEUED_PER_BLOCK));
        let mut next = first;
        while next < until {
            match Queue::<T>::get(next).map(|queued| Self::settle_queued(&queued)) {
                Some(Err(HeldUp)) => break,
                Some(Ok(())) => {}
                None => Self::deposit_event(Event::QueuedProofLost { place: next }),
            }
            Queue::<T>::remove(next);
            next = next.saturating_add(1);
        }
        if next != first {
            QueueEnds::<T>::put((next, end));
        }
        next.saturating_sub(first)
    }

    /// Only a proof that this runtime can read, under a key that it can read, is judged.
    fn settle_queued(queued: &QueuedProof) -> Result<(), HeldUp> {
        let Some(taken) = queued.taken() else {
            Self::excuse(queued.node, queued.window);
            return Ok(());
        };
        if Self::is_suspended(taken.circuit) {
            Self::defer(taken.node, taken.window);
            return Ok(());
        }
        let key = match Self::key_of(taken.circuit) {
            Ok(key) => key,
            Err(NoKey::Yet) => return Err(HeldUp),
            Err(NoKey::Lost) => {
                Self::excuse(taken.node, taken.window);
                return Ok(());
            }
        };
        let verdict = CheckedProof::decode(&taken.proof)
            .and_then(|proof| verify_checked(&key, &[taken.statement], &proof));
        match verdict {
            Ok(()) => Self::accept(&taken),
            Err(VerifyError::Rejected) => Self::punish(&taken),
            // Its points were sound and its statement was one when it was taken.
            Err(_) => Self::excuse(taken.node, taken.window),
        }
        Ok(())
    }

    /// The node answered with an invalid proof: the window is missed. Where the proof was taken on
    /// trust, the node pays for what it made the chain check.
    fn punish(taken: &TakenProof) {
        let reason = FaultReason::InvalidAnswer;
        Self::miss(taken.node, taken.window, reason, Blame::Node);
        if taken.grounds == Grounds::Trust {
            T::Health::deceived(taken.node);
        }
    }
}

/// The key of a queued proof is still to be prepared.
struct HeldUp;
