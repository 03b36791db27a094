//! What must hold of this pallet's state in every block.

use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    traits::{fungible::InspectHold, Get},
};
use neurostore_primitives::NodeId;
use sp_runtime::TryRuntimeError;

use crate::{Balance, Config, HoldReason, NextNodeId, NodeByAccount, NodeByPeerKey, Nodes, Pallet};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::records_are_within_bounds()?;
        Self::indexes_name_every_node_once()?;
        Self::the_tree_has_every_weight()?;
        Self::every_bond_is_held()
    }

    fn records_are_within_bounds() -> Result<(), TryRuntimeError> {
        let next = NextNodeId::<T>::get();
        ensure!(
            next.0 <= T::MaxNodes::get(),
            "more nodes than there may ever be"
        );
        for (id, node) in Nodes::<T>::iter() {
            ensure!(id < next, "a node has a number that was never given");
            ensure!(
                node.used_leaves <= node.capacity_leaves,
                "a node is fuller than it is large"
            );
            ensure!(
                node.identity.country.is_well_formed(),
                "a node's country is malformed"
            );
        }
        Ok(())
    }

    fn indexes_name_every_node_once() -> Result<(), TryRuntimeError> {
        let nodes = Nodes::<T>::iter_keys().count();
        ensure!(
            NodeByAccount::<T>::iter_keys().count() == nodes,
            "accounts and nodes differ in number"
        );
        ensure!(
            NodeByPeerKey::<T>::iter_keys().count() == nodes,
            "peer keys and nodes differ in number"
        );
        for (id, node) in Nodes::<T>::iter() {
            ensure!(
                NodeByAccount::<T>::get(&node.identity.account) == Some(id),
                "a node's account names another node"
            );
            ensure!(
                NodeByPeerKey::<T>::get(node.identity.peer_key) == Some(id),
                "a node's peer key names another node"
            );
        }
        Ok(())
    }

    fn the_tree_has_every_weight() -> Result<(), TryRuntimeError> {
        for id in 0..NextNodeId::<T>::get().0 {
            let weight = Nodes::<T>::get(NodeId(id)).map_or(0, |node| node.weight());
            ensure!(
                Self::weight_of(NodeId(id)) == weight,
                "the tree has another weight than the node"
            );
        }
        ensure!(
            Self::wrong_sum().is_none(),
            "a page of the tree has another sum than its parent says"
        );
        Ok(())
    }

    fn every_bond_is_held() -> Result<(), TryRuntimeError> {
        let mut bonds = BTreeMap::<T::AccountId, Balance>::new();
        for node in Nodes::<T>::iter_values() {
            let bond = bonds.entry(node.identity.operator).or_default();
            *bond = bond.saturating_add(node.bond);
        }
        let reason = HoldReason::StorageBond.into();
        for (operator, bond) in bonds {
            ensure!(
                T::Currency::balance_on_hold(&reason, &operator) == bond,
                "an operator's hold is not the sum of his bonds"
            );
        }
        Ok(())
    }
}
