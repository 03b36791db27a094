//! What is done at the two ends of a block, and when a block is full.

use frame_support::{
    dispatch::DispatchClass, migrations::MultiStepMigrator, pallet_prelude::Weight, traits::Get,
};

use crate::{closings::COHORTS_CLOSED_PER_BLOCK, pallet::*, queue::QUEUED_PER_BLOCK, WeightInfo};

/// Bytes of an answer as a transaction, with its signature and extensions: half of them are room for
/// extensions to come.
pub const ANSWER_BYTES: u32 = 512;

/// What a runtime's extensions are charged for an answer: this part of its call at most. The
/// runtime's tests hold it to what they are.
const EXTENSIONS_PART: u64 = 5;

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
    /// them with, then opens its windows. The key is looked at in every block, before it is counted.
    pub(crate) fn end_block(now: u32) {
        Self::settle_batch();
        Self::look_at_the_active_key();
        if Self::block_is_full() || Self::keys_are_missing() {
            FullBlocks::<T>::mutate(|full| *full = full.saturating_add(1));
        }
        Self::open_windows(now);
    }

    /// Whether an honest answer may have found no place in this block.
    fn block_is_full() -> bool {
        // While a migration runs over several blocks, no transaction is let in.
        <T as frame_system::Config>::MultiBlockMigrator::ongoing()
            || !Self::has_room_for_an_answer()
    }

    /// Whether one more answer would have been let in: the rule of `frame_system::CheckWeight` for
    /// operational transactions. What users may fill is full long before, and it has to be a block
    /// full of answers that stops the clock of answers: anybody could stop it otherwise.
    fn has_room_for_an_answer() -> bool {
        let limits = T::BlockWeights::get();
        let class = limits.get(DispatchClass::Operational);
        let mut used = frame_system::Pallet::<T>::block_weight();
        used.accrue(Self::answer_weight(), DispatchClass::Operational);
        let answers = *used.get(DispatchClass::Operational);
        let in_class = class.max_total.is_none_or(|most| answers.all_lte(most));
        let in_block = used.total().all_lte(limits.max_block)
            || class.reserved.is_none_or(|kept| answers.all_lte(kept));
        let bytes = frame_system::Pallet::<T>::block_size().saturating_add(ANSWER_BYTES);
        let most_bytes = *T::BlockLength::get().max.get(DispatchClass::Operational);
        in_class && in_block && bytes <= most_bytes
    }

    /// What an answer is charged before it is let in, at least.
    pub fn answer_weight() -> Weight {
        let call = T::WeightInfo::submit_proof();
        let limits = T::BlockWeights::get();
        call.saturating_add(call.saturating_div(EXTENSIONS_PART))
            .saturating_add(limits.get(DispatchClass::Operational).base_extrinsic)
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
