//! The pot: one account that holds all rent from payment to withdrawal.

use frame_support::{
    dispatch::DispatchResult,
    traits::{
        fungible::{Inspect, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation, Restriction},
        Get,
    },
};
use sp_runtime::traits::AccountIdConversion;

use crate::{Balance, Config, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
    /// The account of the pot.
    pub fn pot_account() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// Mints the existential deposit into the pot at genesis. It belongs to no bucket and never
    /// leaves (every payment preserves the account), so the pot is there before the first rent
    /// however small, and cannot be reaped after the last.
    pub(crate) fn open_pot() {
        let pot = Self::pot_account();
        let missing = T::Currency::minimum_balance().saturating_sub(T::Currency::balance(&pot));
        if missing > 0 {
            assert!(
                T::Currency::mint_into(&pot, T::Currency::minimum_balance()).is_ok(),
                "the pot cannot be opened"
            );
        }
    }

    pub(crate) fn pay_in(from: &T::AccountId, amount: Balance) -> DispatchResult {
        let pot = Self::pot_account();
        T::Currency::transfer(from, &pot, amount, Preservation::Preserve).map(|_| ())
    }

    /// Politely: rent that another pallet has frozen meanwhile is not taken from under it.
    pub(crate) fn pay_in_held(from: &T::AccountId, amount: Balance) -> DispatchResult {
        T::Currency::transfer_on_hold(
            &HoldReason::Rent.into(),
            from,
            &Self::pot_account(),
            amount,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Polite,
        )
        .map(|_| ())
    }

    pub(crate) fn pay_out(to: &T::AccountId, amount: Balance) -> DispatchResult {
        let pot = Self::pot_account();
        T::Currency::transfer(&pot, to, amount, Preservation::Preserve).map(|_| ())
    }
}
