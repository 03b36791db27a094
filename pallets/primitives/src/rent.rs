//! Rent and streams: the arithmetic of money over time. Amounts are plancks (10^-12 NEURO).

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    shard::{ShardClass, TOTAL_SHARDS},
    units::Balance,
};

/// Leaves of 1 KiB in a GiB: prices are named per GiB.
pub const LEAVES_PER_GIB: u128 = 1 << 20;
/// Blocks of six seconds in a tick of twelve, the unit of settlement.
pub const TICK_BLOCKS: u32 = 2;

/// Rent of one slot of `class` for one window at `price_per_gib_window`; `None` on overflow.
/// Rounded up, so that no shard is stored for nothing.
pub fn rate_per_slot(price_per_gib_window: Balance, class: ShardClass) -> Option<Balance> {
    let scaled = price_per_gib_window.checked_mul(u128::from(class.leaves()))?;
    Some(scaled.div_ceil(LEAVES_PER_GIB))
}

/// Rent of all 15 slots for `windows` windows; `None` on overflow.
pub fn rent_total(rate_per_slot: Balance, windows: u32) -> Option<Balance> {
    rate_per_slot
        .checked_mul(TOTAL_SHARDS as u128)?
        .checked_mul(u128::from(windows))
}

/// The part of `credit` released after `elapsed_ticks` of a stream of `total_ticks`: linear, never
/// more than the credit. A stream of no ticks is released at once.
pub fn stream_released(credit: Balance, elapsed_ticks: u32, total_ticks: u32) -> Balance {
    if elapsed_ticks >= total_ticks {
        return credit;
    }
    let (elapsed, total) = (u128::from(elapsed_ticks), u128::from(total_ticks));
    // Split, so that no credit however large overflows: credit = whole * total + rest.
    let whole = credit.checked_div(total).unwrap_or_default();
    let rest = credit.checked_rem(total).unwrap_or_default();
    let of_rest = rest
        .saturating_mul(elapsed)
        .checked_div(total)
        .unwrap_or_default();
    whole.saturating_mul(elapsed).saturating_add(of_rest)
}

/// The exact charge for a segment, as runtime APIs return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Quote<Balance> {
    /// Rent of one slot for one window.
    pub rate_per_slot: Balance,
    /// Rent of all slots for all windows.
    pub rent: Balance,
    /// Deposit for the segment's record, returned when it goes.
    pub deposit: Balance,
}

/// What a node earned, as runtime APIs return it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct EarningsInfo<Balance> {
    /// Released and not yet withdrawn: what `withdraw` pays now.
    pub withdrawable: Balance,
    /// Proven and still streaming out.
    pub streaming: Balance,
    /// Rent that the shards it holds now bring in a proven window.
    pub rate_per_window: Balance,
    /// All that was ever credited.
    pub credited_total: Balance,
    /// All that was ever withdrawn.
    pub withdrawn_total: Balance,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_shard_costs_something() {
        assert_eq!(rate_per_slot(1, ShardClass::new(0).unwrap()), Some(1));
        assert_eq!(rate_per_slot(1 << 20, ShardClass::new(0).unwrap()), Some(1));
        assert_eq!(rate_per_slot(u128::MAX, ShardClass::new(16).unwrap()), None);
    }

    proptest! {
        #[test]
        fn a_stream_never_releases_more_than_its_credit_and_never_less_than_before(
            credit: u128, a in 0u32..10_000, b in 0u32..10_000, total in 0u32..5_000,
        ) {
            let (early, late) = (a.min(b), a.max(b));
            prop_assert!(stream_released(credit, early, total) <= stream_released(credit, late, total));
            prop_assert!(stream_released(credit, late, total) <= credit);
            prop_assert_eq!(stream_released(credit, total, total), credit);
        }
    }
}
