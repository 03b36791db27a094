//! The one way in which a node loses bond.

use frame_support::{
    defensive,
    traits::{
        fungible::BalancedHold,
        tokens::imbalance::{Imbalance, OnUnbalanced},
    },
};
use neurostore_primitives::NodeId;

use crate::{Balance, Config, Event, HoldReason, Nodes, Pallet};

impl<T: Config> Pallet<T> {
    /// Takes `amount` of a node's bond, or what is left of it. Whatever costs bond comes through
    /// here.
    pub(crate) fn slash(id: NodeId, amount: Balance) {
        let Some(node) = Nodes::<T>::get(id) else {
            defensive!("only registered nodes have a bond");
            return;
        };
        let reason = HoldReason::StorageBond.into();
        let due = amount.min(node.bond);
        let (credit, missing) = T::Currency::slash(&reason, &node.identity.operator, due);
        if missing > 0 {
            defensive!("a recorded bond is held");
        }
        let amount = credit.peek();
        T::OnSlash::on_unbalanced(credit);
        let bond = node.bond.saturating_sub(amount);
        Self::update(id, |node| node.bond = bond);
        Self::deposit_event(Event::BondSlashed {
            node: id,
            amount,
            bond,
        });
    }
}
