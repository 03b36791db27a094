//! What is done at the two ends of a block, and when a block is full.

use frame_support::{
    dispatch::DispatchClass, migrations::MultiStepMigrator, pallet_prelude::Weight, traits::Get,
};

use crate::{closings::COHORTS_CLOSED_PER_BLOCK, pallet::*, queue::QUEUED_PER_BLOCK, WeightInfo};

/// A block is full when calls took more than this part of what they may take.
const FULL_PERCENT: u64 = 90;

impl<T: Config> Pallet<T> {
    /// Prepares a key that has to be, checks the queue otherwise, closes what is over, and returns
    /// the weight of that and of the openings at the block's end.
    ///
    /// One block never does both of the first: preparing a key takes as long as a part of the
    /// queue.
    pub(crate) fn begin_block(now: u32) -> Weight {
        let first = if Self::prepare_next_key() {
            T::WeightInfo::set_verifying_key()
        } else {
            T::WeightInfo::check_queued_proof().saturating_mul(Self::check_queued())
        };
        let closed = Self::close_due(now);
        let opening = Members::<T>::decode_len(Self::offset_of_block(now)).unwrap_or_default();
        Self::hook_weight(first, closed, u64::try_from(opening).unwrap_or(u64::MAX))
    }

    /// A closed cohort is charged as if it were full, and a batch as one of a single circuit: the
    /// first answer of every other circuit is charged for it.
    fn hook_weight(first: Weight, cohorts: u64, opening: u64) -> Weight {
        let closings = cohorts.saturating_mul(T::MaxOpeningsPerBlock::get().into());
        T::WeightInfo::begin_block()
            .saturating_add(T::WeightInfo::settle_batch())
            .saturating_add(first)
            .saturating_add(T::WeightInfo::close_challenge().saturating_mul(closings))
            .saturating_add(T::WeightInfo::open_challenge().saturating_mul(opening))
    }

    /// Checks the proofs of this block, counts it if it had no room for answers or no key to check
    /// them with, then opens its windows.
    pub(crate) fn end_block(now: u32) {
        Self::settle_batch();
        if Self::block_is_full() || Self::keys_are_missing() {
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

    /// The constants leave room for calls in the worst block of hooks.
    pub(crate) fn check_config() {
        let openings = u64::from(T::MaxOpeningsPerBlock::get());
        assert!(openings > 0, "windows open");
        let queue = T::WeightInfo::check_queued_proof().saturating_mul(QUEUED_PER_BLOCK);
        let first = queue.max(T::WeightInfo::set_verifying_key());
        let worst = Self::hook_weight(first, COHORTS_CLOSED_PER_BLOCK.into(), openings);
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
