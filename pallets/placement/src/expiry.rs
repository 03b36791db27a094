//! The beginning of a block: what lapses, what ends, and the weight of the draws to come.

use frame_support::{
    pallet_prelude::Weight,
    traits::{Defensive, Get},
};

use crate::{pallet::*, EndReason, WeightInfo};

impl<T: Config> Pallet<T> {
    /// Ends what is due and returns the weight of that and of the draws at the block's end.
    pub(crate) fn begin_block(now: u32) -> Weight {
        let lapsed = Self::lapse_due(now);
        let ended = Self::end_due(now);
        // Tasks of this block are drawn in a later one, so these are all that can be drawn now.
        let waiting = DrawQueue::<T>::decode_len().unwrap_or_default();
        let draws = u64::try_from(waiting)
            .unwrap_or(u64::MAX)
            .min(u64::from(T::MaxDrawsPerBlock::get()));
        Self::hook_weight(lapsed, ended, draws)
    }

    fn hook_weight(lapsed: u64, ended: u64, draws: u64) -> Weight {
        T::WeightInfo::begin_block()
            .saturating_add(T::WeightInfo::lapse().saturating_mul(lapsed))
            .saturating_add(T::WeightInfo::end_agreement().saturating_mul(ended))
            .saturating_add(T::WeightInfo::draw().saturating_mul(draws))
    }

    fn lapse_due(now: u32) -> u64 {
        let mut lapsed: u64 = 0;
        for id in Lapses::<T>::take(now) {
            lapsed = lapsed.saturating_add(1);
            if let Some(reservation) = Reservations::<T>::get(id).defensive() {
                // Held by this very reservation: a refusal to free it is for the log.
                let _ = Self::end_reservation(id, &reservation, EndReason::Lapsed).defensive();
            }
        }
        lapsed
    }

    fn end_due(now: u32) -> u64 {
        let mut ended: u64 = 0;
        for (segment, owner) in Endings::<T>::take(now) {
            ended = ended.saturating_add(1);
            Self::expire_agreement(segment, owner);
        }
        ended
    }

    /// The constants fit each other, and the hooks of this pallet take at most half a block. Those of
    /// other pallets are not in the sum.
    pub(crate) fn check_config() {
        assert!(T::MinWindows::get() > 0, "an agreement has a window");
        assert!(T::MinWindows::get() <= T::MaxWindows::get());
        assert!(
            T::ReservationBlocks::get() > 1,
            "the draw comes a block after the call"
        );
        assert!(T::MaxDrawsPerBlock::get() > 0, "draws are made");
        assert!(T::MaxDrawQueue::get() >= T::MaxDrawsPerBlock::get());
        let worst = Self::hook_weight(
            T::MaxLapsesPerBlock::get().into(),
            T::MaxEndingsPerBlock::get().into(),
            T::MaxDrawsPerBlock::get().into(),
        );
        let half = T::BlockWeights::get().max_block.ref_time() / 2;
        assert!(
            worst.ref_time() <= half,
            "hooks may take half a block at most"
        );
    }
}
