//! The registry as other pallets see it, and the one way in which a node's record changes.

use alloc::vec::Vec;
use frame_support::{defensive, traits::DefensiveSaturating};
use neurostore_primitives::{
    draw_nodes, DrawError, NodeId, NodeInfo, NodeRegistry, NodeRoom, ShardClass,
};

use crate::{eligible::Eligible, Balance, Config, Node, NodeByAccount, Nodes, Pallet};

impl<T: Config> Pallet<T> {
    /// Changes a node's record and keeps its weight in the tree in step. Every change after
    /// registration goes through here.
    pub(crate) fn update<R>(
        id: NodeId,
        change: impl FnOnce(&mut Node<T::AccountId>) -> R,
    ) -> Option<R> {
        let mut node = Nodes::<T>::get(id)?;
        let before = node.weight();
        let result = change(&mut node);
        let after = node.weight();
        Nodes::<T>::insert(id, node);
        if after != before {
            Self::set_weight(id, after);
        }
        Some(result)
    }
}

impl<T: Config> NodeRegistry for Pallet<T> {
    type AccountId = T::AccountId;
    type Balance = Balance;

    fn info(node: NodeId) -> Option<NodeInfo<T::AccountId, Balance>> {
        Self::node(node)
    }

    fn node_of(account: &T::AccountId) -> Option<NodeId> {
        NodeByAccount::<T>::get(account)
    }
}

impl<T: Config> NodeRoom for Pallet<T> {
    fn draw_and_allocate(
        randomness: &[u8; 32],
        class: ShardClass,
        taken: &[NodeId],
        count: usize,
    ) -> Result<Vec<NodeId>, DrawError> {
        let drawn = draw_nodes(randomness, &Eligible::<T>::now(), class, taken, count)?;
        let leaves = u64::from(class.leaves());
        for id in &drawn {
            // Within capacity: the draw passes over nodes with less room, and draws none twice.
            let allocated = Self::update(*id, |node| {
                node.used_leaves = node.used_leaves.defensive_saturating_add(leaves);
            });
            if allocated.is_none() {
                defensive!("a drawn node has a record");
            }
        }
        Ok(drawn)
    }

    fn release(id: NodeId, leaves: u64) {
        let released = Self::update(id, |node| {
            node.used_leaves = node.used_leaves.defensive_saturating_sub(leaves);
        });
        if released.is_none() {
            defensive!("room is released on a node that took it");
        }
    }
}
