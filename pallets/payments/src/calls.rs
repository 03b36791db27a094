//! What the calls do.

use frame_support::{dispatch::DispatchResult, ensure};
use neurostore_primitives::{rate_per_slot, rent_total, NodeId, NodeRegistry, ShardClass};
use sp_runtime::SaturatedConversion;

use crate::{Balance, Config, Error, Event, NodeEarnings, Pallet, PricePerGibWindow};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_withdraw(caller: T::AccountId, id: NodeId) -> DispatchResult {
        let node = T::Registry::info(id).ok_or(Error::<T>::UnknownNode)?;
        ensure!(node.operator == caller, Error::<T>::NotOperator);
        let mut earnings = NodeEarnings::<T>::get(id);
        let amount = earnings.stream.take_withdrawable(Self::now());
        ensure!(amount > 0, Error::<T>::NothingToWithdraw);

        Self::pay_out(&caller, amount)?;
        earnings.withdrawn_total = earnings.withdrawn_total.saturating_add(amount);
        NodeEarnings::<T>::insert(id, earnings);
        Self::deposit_event(Event::Withdrawn {
            node: id,
            to: caller,
            amount,
        });
        Ok(())
    }

    pub(crate) fn do_set_price(price_per_gib_window: Balance) -> DispatchResult {
        ensure!(
            Self::is_payable(price_per_gib_window),
            Error::<T>::PriceTooHigh
        );
        PricePerGibWindow::<T>::put(price_per_gib_window);
        Self::deposit_event(Event::PriceSet {
            price_per_gib_window,
        });
        Ok(())
    }

    /// Whether the rent of anything that can be reserved, however long, can be computed.
    pub(crate) fn is_payable(price_per_gib_window: Balance) -> bool {
        ShardClass::all()
            .next_back()
            .and_then(|class| rate_per_slot(price_per_gib_window, class))
            .and_then(|rate| rent_total(rate, u32::MAX))
            .is_some()
    }

    /// This block's number as streams count it.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}
