//! The two ends of a block: missed windows at its beginning, new ones at its end.

use frame_support::{
    dispatch::DispatchClass, migrations::MultiStepMigrator, pallet_prelude::Weight, traits::Get,
};
use neurostore_primitives::{
    FaultReason, NodeHealth, NodeId, WindowIndex, WindowLedger, WindowOutcome,
};

use crate::{pallet::*, queue::QUEUED_PER_BLOCK, Cohort, WeightInfo};

/// Opening blocks whose challenges may be closed in one block. One opens in a block, so anything
/// above one catches up after a run of full blocks in which the clock stood still.
pub(crate) const COHORTS_CLOSED_PER_BLOCK: u32 = 4;
/// A block is full when calls took more than this part of what they may take.
const FULL_PERCENT: u64 = 90;

impl<T: Config> Pallet<T> {
    /// Closes what is over, and returns the weight of that and of the openings at the block's end.
    pub(crate) fn begin_block(now: u32) -> Weight {
        let queued = Self::check_queued();
        let closed = Self::close_due(now);
        let opening = Members::<T>::decode_len(Self::offset_of_block(now)).unwrap_or_default();
        Self::hook_weight(queued, closed, u64::try_from(opening).unwrap_or(u64::MAX))
    }

    /// A closed cohort is charged as if it were full, and a batch as one of a single circuit: the
    /// first answer of every other circuit is charged for it.
    fn hook_weight(queued: u64, cohorts: u64, opening: u64) -> Weight {
        let closings = cohorts.saturating_mul(T::MaxOpeningsPerBlock::get().into());
        T::WeightInfo::begin_block()
            .saturating_add(T::WeightInfo::settle_batch())
            .saturating_add(T::WeightInfo::check_queued_proof().saturating_mul(queued))
            .saturating_add(T::WeightInfo::close_challenge().saturating_mul(closings))
            .saturating_add(T::WeightInfo::open_challenge().saturating_mul(opening))
    }

    /// Checks the proofs of this block, counts it if it is full, then opens its windows.
    pub(crate) fn end_block(now: u32) {
        Self::settle_batch();
        if Self::block_is_full() {
            FullBlocks::<T>::mutate(|full| *full = full.saturating_add(1));
        }
        Self::open_windows(now);
    }

    /// Whether an honest answer may have found no place in this block. Answers are operational:
    /// users' calls alone never fill what these may take.
    fn block_is_full() -> bool {
        // While a migration runs over several blocks, no transaction is let in.
        if <T as frame_system::Config>::MultiBlockMigrator::ongoing() {
            return true;
        }
        let limits = T::BlockWeights::get();
        let most = limits
            .get(DispatchClass::Operational)
            .max_total
            .unwrap_or(limits.max_block);
        let used = frame_system::Pallet::<T>::block_weight().total();
        let most_bytes = *T::BlockLength::get().max.get(DispatchClass::Operational);
        let used_bytes = frame_system::Pallet::<T>::block_size();
        above(used.ref_time(), most.ref_time())
            || above(used.proof_size(), most.proof_size())
            || above(used_bytes.into(), most_bytes.into())
    }

    /// Closes the challenges whose answer time is over, oldest first, and returns how many opening
    /// blocks that were.
    ///
    /// Challenges of a later block never end before those of an earlier one, so one number says
    /// where to look. The nodes whose next window opens in this block are always closed before it
    /// does: their block is the oldest that can be open.
    fn close_due(now: u32) -> u64 {
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
        // At the end of the window, not of the answer time: blocks were full for so long that
        // nobody can be blamed.
        let full = FullBlocks::<T>::get().saturating_sub(cohort.full_before);
        let blocks = now.saturating_sub(opened_at).saturating_sub(1);
        let had_room = blocks.saturating_sub(full) >= AnswerBlocks::<T>::get();
        for node in cohort.nodes {
            let Some(challenge) = Challenges::<T>::take(node) else {
                continue;
            };
            if challenge.answered {
                // In time; the queue decides.
                continue;
            }
            let reason = if challenge.refused > 0 {
                FaultReason::InvalidAnswer
            } else {
                FaultReason::NoAnswer
            };
            let window = challenge.window;
            Self::remember(node, window, WindowOutcome::Missed { at: now, reason });
            T::Ledger::missed(node, window);
            if had_room {
                T::Health::missed(node);
            }
            Self::deposit_event(Event::WindowMissed {
                node,
                window,
                reason,
            });
        }
    }

    /// Keeps how a window ended, at the cost of the oldest one kept.
    pub(crate) fn remember(node: NodeId, window: WindowIndex, outcome: WindowOutcome) {
        Outcomes::<T>::mutate(node, |kept| {
            if kept.is_full() {
                kept.remove(0);
            }
            // There is room now.
            let _ = kept.try_push((window, outcome));
        });
    }

    /// The constants leave room for calls in the worst block of hooks.
    pub(crate) fn check_config() {
        let openings = u64::from(T::MaxOpeningsPerBlock::get());
        assert!(openings > 0, "windows open");
        let worst = Self::hook_weight(QUEUED_PER_BLOCK, COHORTS_CLOSED_PER_BLOCK.into(), openings);
        assert!(
            worst.ref_time() <= T::BlockWeights::get().max_block.ref_time() / 2,
            "hooks may take half a block at most"
        );
        let first_of_a_circuit =
            T::WeightInfo::submit_proof_to_batch().saturating_add(T::WeightInfo::settle_batch());
        assert!(
            first_of_a_circuit.all_lte(T::WeightInfo::submit_proof()),
            "an answer is charged for what it takes at most"
        );
        assert!(
            T::MaxProofsPerBatch::get() > 0
                && T::MaxProofsPerBatch::get() <= T::MaxQueuedProofs::get(),
            "the proofs of a batch that fails find room in the queue"
        );
    }
}

fn above(used: u64, most: u64) -> bool {
    u128::from(used).saturating_mul(100) > u128::from(most).saturating_mul(FULL_PERCENT.into())
}
