//! The set that nodes are drawn from: a tree of sums over their weights.

mod tree;

pub use tree::{Page, FAN_OUT, MAX_LEVELS, MAX_TREE_NODES};

use frame_support::defensive;
use neurostore_primitives::{Candidate, EligibleSet, NodeClass, NodeId};

use crate::{Config, Nodes, Pallet};
use tree::WeightTree;

impl<T: Config> Pallet<T> {
    /// Sets the weight with which `node` is drawn.
    pub(crate) fn set_weight(node: NodeId, weight: u64) {
        WeightTree::<T>::set(node, weight);
    }

    /// The weight with which `node` is drawn, as the tree has it.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn weight_of(node: NodeId) -> u64 {
        WeightTree::<T>::weight_of(node)
    }

    /// The first page of the tree whose sum its parent has wrong, as (level, page).
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn wrong_sum() -> Option<(u8, u32)> {
        WeightTree::<T>::wrong_sum()
    }
}

/// The eligible nodes as they stand when it is made. Draws read it, and change nothing until they
/// are done, so the total is read once.
pub(crate) struct Eligible<T> {
    total: u64,
    pallet: core::marker::PhantomData<T>,
}

impl<T: Config> Eligible<T> {
    pub(crate) fn now() -> Self {
        Self {
            total: WeightTree::<T>::total(),
            pallet: core::marker::PhantomData,
        }
    }
}

impl<T: Config> EligibleSet for Eligible<T> {
    type Operator = T::AccountId;

    fn total_free_leaves(&self) -> u64 {
        self.total
    }

    fn at(&self, point: u64) -> Option<(u64, Candidate<T::AccountId>)> {
        let stretch = WeightTree::<T>::at(point)?;
        let Some(node) = Nodes::<T>::get(stretch.node) else {
            defensive!("a node with a weight has a record");
            return None;
        };
        let candidate = Candidate {
            node: stretch.node,
            operator: node.identity.operator,
            class: node.identity.class,
            free_leaves: stretch.weight,
        };
        Some((stretch.start, candidate))
    }

    fn operator_of(&self, node: NodeId) -> Option<T::AccountId> {
        Nodes::<T>::get(node).map(|node| node.identity.operator)
    }

    fn class_of(&self, node: NodeId) -> Option<NodeClass> {
        Nodes::<T>::get(node).map(|node| node.identity.class)
    }
}
