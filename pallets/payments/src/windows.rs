//! Money's side of a window, as spacetime uses it.

use frame_support::{defensive, traits::DefensiveSaturating};
use neurostore_primitives::{NodeId, WindowIndex, WindowLedger, TICK_BLOCKS};

use crate::{
    rent::add_to_repair_fund, Config, Event, NodeEarnings, OpenWindows, Pallet, RentRates,
    UnspentRent,
};

impl<T: Config> WindowLedger for Pallet<T> {
    fn opened(node: NodeId, window: WindowIndex) {
        if OpenWindows::<T>::contains_key(node, window) {
            defensive!("a window opens once");
            return;
        }
        let rate = RentRates::<T>::get(node);
        let amount = UnspentRent::<T>::mutate(|unspent| {
            // Agreements pay for every window of their shards ahead. Were it otherwise, no window
            // may promise what is not there.
            let amount = rate.min(*unspent);
            unspent.defensive_saturating_reduce(amount);
            amount
        });
        if amount < rate {
            defensive!("the rent of open agreements is in the pot");
        }
        if amount > 0 {
            OpenWindows::<T>::insert(node, window, amount);
        }
    }

    fn proven(node: NodeId, window: WindowIndex, stream_blocks: u32) {
        let Some(amount) = OpenWindows::<T>::take(node, window) else {
            return;
        };
        NodeEarnings::<T>::mutate(node, |earnings| {
            earnings
                .stream
                .add(amount, Self::now(), stream_blocks / TICK_BLOCKS);
            earnings.credited_total.defensive_saturating_accrue(amount);
        });
        Self::deposit_event(Event::Credited {
            node,
            window,
            amount,
        });
    }

    fn missed(node: NodeId, window: WindowIndex) {
        let Some(amount) = OpenWindows::<T>::take(node, window) else {
            return;
        };
        add_to_repair_fund::<T>(amount);
        Self::deposit_event(Event::WindowForfeited {
            node,
            window,
            amount,
        });
    }
}
