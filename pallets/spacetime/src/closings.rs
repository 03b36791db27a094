//! How windows end: proven, missed, or excused where the fault is the chain's own.

use neurostore_primitives::{
    FaultReason, NodeHealth, NodeId, WindowIndex, WindowLedger, WindowOutcome,
};

use crate::{pallet::*, Cohort, TakenProof};

/// Opening blocks whose challenges may be closed in one block. One opens in a block, so anything
/// above one catches up after a run of full blocks in which the clock stood still.
pub(crate) const COHORTS_CLOSED_PER_BLOCK: u32 = 4;

/// Whether a missed window is held against the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The node had its time.
    Node,
    /// Blocks were full for so long that nobody can be blamed.
    Nobody,
}

impl<T: Config> Pallet<T> {
    /// Closes the challenges whose answer time is over, oldest first, and returns how many opening
    /// blocks that were.
    ///
    /// Challenges of a later block never end before those of an earlier one, so one number says
    /// where to look. The nodes whose next window opens in this block are always closed before it
    /// does: their block is the oldest that can be open.
    pub(crate) fn close_due(now: u32) -> u64 {
        let oldest = now.saturating_sub(WindowBlocks::<T>::get());
        let first = NextClosing::<T>::get();
        let mut next = first.max(oldest);
        let mut closed: u64 = 0;
        for _ in 0..COHORTS_CLOSED_PER_BLOCK {
            if next >= now {
                break;
            }
            if let Some(cohort) = Cohorts::<T>::get(next) {
                if now <= Self::deadline(next, &cohort) {
                    break;
                }
                closed = closed.saturating_add(1);
                Self::close(now, next, cohort);
            }
            next = next.saturating_add(1);
        }
        if next != first {
            NextClosing::<T>::put(next);
        }
        closed
    }

    fn close(now: u32, opened_at: u32, cohort: Cohort<T::MaxOpeningsPerBlock>) {
        Cohorts::<T>::remove(opened_at);
        // At the end of the window, not of the answer time: there was no room for so long.
        let full = FullBlocks::<T>::get().saturating_sub(cohort.full_before);
        let blocks = now.saturating_sub(opened_at).saturating_sub(1);
        let had_room = blocks.saturating_sub(full) >= AnswerBlocks::<T>::get();
        let blame = if had_room { Blame::Node } else { Blame::Nobody };
        for node in cohort.nodes {
            let Some(challenge) = Challenges::<T>::take(node) else {
                continue;
            };
            if challenge.answered && Self::queued() > 0 {
                // In time; the queue decides.
                continue;
            }
            let window = challenge.window;
            if Self::was_suspended_since(challenge.circuit, opened_at) {
                Self::defer(node, window);
                continue;
            }
            // An answer that nothing waits of is lost, with the place that it had in the queue. And
            // without a key whatever had come could not have been checked.
            if challenge.answered || !PreparedKeys::<T>::contains_key(challenge.circuit) {
                Self::excuse(node, window);
                continue;
            }
            let reason = if challenge.refused > 0 {
                FaultReason::InvalidAnswer
            } else {
                FaultReason::NoAnswer
            };
            Self::miss(node, window, reason, blame);
        }
    }

    /// The window is proven, as of the block in which its proof came.
    pub(crate) fn accept(proven: &TakenProof) {
        let (node, window) = (proven.node, proven.window);
        let at = proven.taken_at;
        Self::forget_challenge(node, window);
        Self::remember(node, window, WindowOutcome::Proven { at });
        T::Ledger::proven(node, window, WindowBlocks::<T>::get());
        T::Health::proven(node);
        Self::deposit_event(Event::ProofAccepted { node, window });
    }

    /// The window is missed: it earns nothing, and the node's health suffers where it is to blame.
    pub(crate) fn miss(node: NodeId, window: WindowIndex, reason: FaultReason, blame: Blame) {
        let at = Self::now();
        Self::forget_challenge(node, window);
        Self::remember(node, window, WindowOutcome::Missed { at, reason });
        T::Ledger::missed(node, window);
        if blame == Blame::Node {
            T::Health::missed(node);
        }
        Self::deposit_event(Event::WindowMissed {
            node,
            window,
            reason,
        });
    }

    /// The window ends without a verdict: the chain could not read its own key, or the answer as it
    /// had kept it. As where no challenge could be formed, the rent goes to the repair fund.
    pub(crate) fn excuse(node: NodeId, window: WindowIndex) {
        Self::forget_challenge(node, window);
        T::Ledger::missed(node, window);
        Self::deposit_event(Event::WindowExcused { node, window });
    }

    /// Ends the challenge of this window, not that of a later one.
    pub(crate) fn forget_challenge(node: NodeId, window: WindowIndex) {
        if Challenges::<T>::get(node).is_some_and(|open| open.window == window) {
            Challenges::<T>::remove(node);
        }
    }

    /// Keeps how a window ended, at the cost of the oldest one kept.
    fn remember(node: NodeId, window: WindowIndex, outcome: WindowOutcome) {
        Outcomes::<T>::mutate(node, |kept| {
            if kept.is_full() {
                kept.remove(0);
            }
            // There is room now.
            let _ = kept.try_push((window, outcome));
        });
    }
}
