//! The bond of a node: how much it is, and how it is held.

use frame_support::{
    dispatch::DispatchResult,
    traits::{fungible::MutateHold, tokens::Precision, Get},
};
use neurostore_primitives::LEAVES_PER_GIB;

use crate::{Balance, Config, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
    /// The bond for a node that offers `capacity_leaves`; a started GiB counts by its leaves,
    /// rounded up to a planck.
    pub fn bond_for(capacity_leaves: u64) -> Balance {
        // Saturates only beyond the largest capacity (`integrity_test`), and nobody has that much
        // to hold.
        T::BondPerGib::get()
            .saturating_mul(u128::from(capacity_leaves))
            .div_ceil(LEAVES_PER_GIB)
            .saturating_add(T::MinBond::get())
    }

    /// Brings what is held from `operator` for one node from one amount to another.
    ///
    /// An operator's nodes share one hold, so only the difference moves.
    pub(crate) fn move_bond(operator: &T::AccountId, from: Balance, to: Balance) -> DispatchResult {
        let reason = HoldReason::StorageBond.into();
        if to >= from {
            T::Currency::hold(&reason, operator, to.saturating_sub(from))
        } else {
            let freed = from.saturating_sub(to);
            T::Currency::release(&reason, operator, freed, Precision::Exact).map(|_| ())
        }
    }
}
