//! What clients ask of payments.

use codec::Codec;
use neurostore_primitives::{EarningsInfo, NodeId};

use crate::{Balance, Config, NodeEarnings, Pallet, PricePerGibWindow, RentRates};

sp_api::decl_runtime_apis! {
    /// Prices and earnings.
    pub trait PaymentsApi<Balance>
    where
        Balance: Codec,
    {
        /// What a node earned.
        fn earnings(node: NodeId) -> EarningsInfo<Balance>;
        /// The rent of a GiB of shard for one window.
        fn price() -> Balance;
    }
}

impl<T: Config> Pallet<T> {
    /// What a node earned, as it stands in this block.
    pub fn earnings(node: NodeId) -> EarningsInfo<Balance> {
        let earnings = NodeEarnings::<T>::get(node);
        let now = Self::now();
        EarningsInfo {
            withdrawable: earnings.stream.withdrawable(now),
            streaming: earnings.stream.streaming(now),
            rate_per_window: RentRates::<T>::get(node),
            credited_total: earnings.credited_total,
            withdrawn_total: earnings.withdrawn_total,
        }
    }

    /// The rent of a GiB of shard for one window.
    pub fn price() -> Balance {
        PricePerGibWindow::<T>::get()
    }
}
