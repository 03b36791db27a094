//! Rent that owners pay ahead, as placement uses it.

use frame_support::{
    dispatch::DispatchResult,
    traits::{fungible::MutateHold, tokens::Precision, DefensiveSaturating},
};
use neurostore_primitives::{rate_per_slot, NodeId, RentLedger, ShardClass};
use sp_runtime::DispatchError;

use crate::{
    Balance, Config, Error, HoldReason, Pallet, PricePerGibWindow, RentRates, RepairFund,
    UnspentRent,
};

/// Money moves first and the buckets follow it: a payment that fails leaves them as they were,
/// also where no call is there to be rolled back.
impl<T: Config> RentLedger for Pallet<T> {
    type AccountId = T::AccountId;
    type Balance = Balance;
    type Error = DispatchError;

    fn rate_per_slot(class: ShardClass) -> Result<Balance, DispatchError> {
        let rate = rate_per_slot(PricePerGibWindow::<T>::get(), class);
        Ok(rate.ok_or(Error::<T>::PriceTooHigh)?)
    }

    fn hold(owner: &T::AccountId, rent: Balance) -> DispatchResult {
        T::Currency::hold(&HoldReason::Rent.into(), owner, rent)
    }

    fn unhold(owner: &T::AccountId, rent: Balance) -> DispatchResult {
        T::Currency::release(&HoldReason::Rent.into(), owner, rent, Precision::Exact).map(|_| ())
    }

    fn collect_held(owner: &T::AccountId, rent: Balance) -> DispatchResult {
        Self::pay_in_held(owner, rent)?;
        add_unspent::<T>(rent);
        Ok(())
    }

    fn collect(owner: &T::AccountId, rent: Balance) -> DispatchResult {
        Self::pay_in(owner, rent)?;
        add_unspent::<T>(rent);
        Ok(())
    }

    fn slot_begins(node: NodeId, rate: Balance) {
        change_rate::<T>(node, |old| old.defensive_saturating_add(rate));
    }

    fn slot_ends(node: NodeId, rate: Balance) {
        change_rate::<T>(node, |old| old.defensive_saturating_sub(rate));
    }

    fn settle_early(owner: &T::AccountId, refund: Balance, forfeit: Balance) -> DispatchResult {
        let spent = refund.checked_add(forfeit);
        let left = spent.and_then(|spent| UnspentRent::<T>::get().checked_sub(spent));
        let left = left.ok_or(Error::<T>::MoreThanUnspentRent)?;
        if refund > 0 {
            Self::pay_out(owner, refund)?;
        }
        UnspentRent::<T>::put(left);
        add_to_repair_fund::<T>(forfeit);
        Ok(())
    }
}

fn add_unspent<T: Config>(rent: Balance) {
    // All of it is in the pot, and no account can hold more than there is.
    UnspentRent::<T>::mutate(|unspent| unspent.defensive_saturating_accrue(rent));
}

/// What nobody earned pays for repair.
pub(crate) fn add_to_repair_fund<T: Config>(amount: Balance) {
    RepairFund::<T>::mutate(|fund| fund.defensive_saturating_accrue(amount));
}

/// A node without shards keeps no entry.
fn change_rate<T: Config>(node: NodeId, change: impl FnOnce(Balance) -> Balance) {
    match change(RentRates::<T>::get(node)) {
        0 => RentRates::<T>::remove(node),
        rate => RentRates::<T>::insert(node, rate),
    }
}
