//! What must hold of this pallet's state in every block.

use frame_support::{ensure, traits::fungible::Inspect};
use sp_runtime::TryRuntimeError;

use crate::{
    Balance, Config, NodeEarnings, OpenWindows, Pallet, RentRates, RepairFund, UnspentRent,
};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::the_pot_covers_every_bucket()?;
        Self::totals_of_each_node_agree()?;
        Self::nothing_is_kept_for_nothing()
    }

    /// What the pot owes, its own existential deposit included.
    pub(crate) fn obligations() -> Balance {
        let open = OpenWindows::<T>::iter_values();
        let earned = NodeEarnings::<T>::iter_values().map(|earnings| earnings.stream.total());
        let buckets = [
            T::Currency::minimum_balance(),
            UnspentRent::<T>::get(),
            RepairFund::<T>::get(),
        ];
        open.chain(earned)
            .chain(buckets)
            .fold(0, Balance::saturating_add)
    }

    /// At least, not exactly: anybody may send a gift to the pot's account.
    fn the_pot_covers_every_bucket() -> Result<(), TryRuntimeError> {
        ensure!(
            T::Currency::balance(&Self::pot_account()) >= Self::obligations(),
            "the pot has less than its buckets say"
        );
        Ok(())
    }

    fn totals_of_each_node_agree() -> Result<(), TryRuntimeError> {
        for earnings in NodeEarnings::<T>::iter_values() {
            let kept = earnings.stream.total();
            ensure!(
                Some(earnings.credited_total) == earnings.withdrawn_total.checked_add(kept),
                "what was credited is neither kept nor withdrawn"
            );
        }
        Ok(())
    }

    fn nothing_is_kept_for_nothing() -> Result<(), TryRuntimeError> {
        ensure!(
            RentRates::<T>::iter_values().all(|rate| rate > 0),
            "a node without shards has a rent rate"
        );
        ensure!(
            OpenWindows::<T>::iter_values().all(|amount| amount > 0),
            "a window that can earn nothing is kept"
        );
        Ok(())
    }
}
