//! What clients ask of the registry.

use alloc::vec::Vec;
use codec::Codec;
use neurostore_primitives::{NodeId, NodeInfo};

use crate::{Balance, Config, NextNodeId, NodeByAccount, Nodes, Pallet};

/// Nodes that one answer of `nodes` holds at most: about 40 KiB.
pub const MAX_NODES_PER_PAGE: u32 = 256;

sp_api::decl_runtime_apis! {
    /// The registry of storage nodes.
    pub trait StorageNodesApi<AccountId, Balance>
    where
        AccountId: Codec,
        Balance: Codec,
    {
        /// Everything known of a node.
        fn node(node: NodeId) -> Option<NodeInfo<AccountId, Balance>>;
        /// The node that signs with `account`.
        fn node_of(account: AccountId) -> Option<NodeId>;
        /// The nodes from number `from` on, at most `limit` and never more than
        /// `MAX_NODES_PER_PAGE`.
        fn nodes(from: NodeId, limit: u32) -> Vec<NodeInfo<AccountId, Balance>>;
        /// The bond for a node that offers `capacity_leaves`.
        fn bond_for(capacity_leaves: u64) -> Balance;
    }
}

impl<T: Config> Pallet<T> {
    /// Everything known of a node.
    pub fn node(id: NodeId) -> Option<NodeInfo<T::AccountId, Balance>> {
        Nodes::<T>::get(id).map(|node| node.into_info(id))
    }

    /// The node that signs with `account`.
    pub fn node_of(account: &T::AccountId) -> Option<NodeId> {
        NodeByAccount::<T>::get(account)
    }

    /// The nodes from number `from` on, at most `limit` and never more than
    /// [`MAX_NODES_PER_PAGE`].
    pub fn nodes(from: NodeId, limit: u32) -> Vec<NodeInfo<T::AccountId, Balance>> {
        let limit = limit.min(MAX_NODES_PER_PAGE);
        let end = NextNodeId::<T>::get();
        (from.0..end.0)
            .filter_map(|id| Self::node(NodeId(id)))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect()
    }
}
