//! The records of this pallet.

use codec::{Decode, Encode, MaxEncodedLen};
use neurostore_primitives::{
    Balance, CountryCode, NodeClass, NodeId, NodeInfo, NodeState, PeerKey,
};
use scale_info::TypeInfo;

/// Who a storage node is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct NodeIdentity<AccountId> {
    /// The account that owns it and is paid.
    pub operator: AccountId,
    /// The account that signs its receipts and proofs.
    pub account: AccountId,
    /// The key behind its libp2p peer id.
    pub peer_key: PeerKey,
    /// Anchor or light.
    pub class: NodeClass,
    /// Country it declares to stand in.
    pub country: CountryCode,
}

/// A registered storage node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Node<AccountId> {
    /// Who it is.
    pub identity: NodeIdentity<AccountId>,
    /// Leaves it offers.
    pub capacity_leaves: u64,
    /// Leaves taken by its shards and by open reservations.
    pub used_leaves: u64,
    /// Bond held for it from the operator.
    pub bond: Balance,
    /// Its health.
    pub state: NodeState,
}

impl<AccountId> Node<AccountId> {
    /// Leaves that nothing takes yet.
    pub fn free_leaves(&self) -> u64 {
        // Never below zero: the room is taken and the capacity set under that rule.
        self.capacity_leaves.saturating_sub(self.used_leaves)
    }

    /// The weight with which it is drawn: its free leaves, and nothing while it is suspected.
    pub fn weight(&self) -> u64 {
        match self.state {
            NodeState::Active => self.free_leaves(),
            NodeState::Suspect { .. } => 0,
        }
    }

    /// The record that other pallets and runtime APIs see.
    pub fn into_info(self, id: NodeId) -> NodeInfo<AccountId, Balance> {
        let NodeIdentity {
            operator,
            account,
            peer_key,
            class,
            country,
        } = self.identity;
        NodeInfo {
            id,
            operator,
            account,
            peer_key,
            class,
            country,
            capacity_leaves: self.capacity_leaves,
            used_leaves: self.used_leaves,
            bond: self.bond,
            state: self.state,
        }
    }
}

/// A request to register a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration<AccountId> {
    /// Who it is to be. Its operator is who asks.
    pub identity: NodeIdentity<AccountId>,
    /// Leaves it offers.
    pub capacity_leaves: u64,
    /// ed25519 signature of the peer key.
    pub peer_proof: [u8; 64],
    /// sr25519 signature of the account.
    pub account_proof: [u8; 64],
}
