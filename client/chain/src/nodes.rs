//! Storage nodes: who they are, and registering one.

use neurostore_primitives::{CountryCode, NodeClass, NodeId, PeerKey};

use crate::{
    call::Call, connection::Chain, error::ChainError, signer::Signer, submit::Included, AccountId,
    Balance, Node,
};

/// Nodes asked for at a time: the runtime's own cap.
const NODES_PER_PAGE: u32 = 256;

/// What an operator tells the chain of a new node.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The account that signs the node's receipts and proofs.
    pub node_account: AccountId,
    /// The ed25519 key behind its peer id.
    pub peer_key: PeerKey,
    /// Anchor or light.
    pub class: NodeClass,
    /// Where it stands.
    pub country: CountryCode,
    /// Leaves of 1 KiB that it offers.
    pub capacity_leaves: u64,
    /// The peer key's signature over [`neurostore_primitives::peer_key_payload`].
    pub peer_proof: [u8; 64],
    /// The node account's signature over [`neurostore_primitives::node_account_payload`].
    pub account_proof: [u8; 64],
}

impl Chain {
    /// A node by its number.
    pub async fn node(&self, node: NodeId) -> Result<Option<Node>, ChainError> {
        self.ask("StorageNodesApi_node", (node,), None).await
    }

    /// The node that signs with `account`.
    pub async fn node_of(&self, account: &AccountId) -> Result<Option<NodeId>, ChainError> {
        self.ask("StorageNodesApi_node_of", (account,), None).await
    }

    /// All nodes in order of registration, as of one block.
    pub async fn nodes(&self) -> Result<Vec<Node>, ChainError> {
        let (_, at) = self.best_block().await?;
        let mut all: Vec<Node> = Vec::new();
        let mut from = NodeId(0);
        loop {
            let arguments = (from, NODES_PER_PAGE);
            let page: Vec<Node> = self
                .ask("StorageNodesApi_nodes", arguments, Some(at))
                .await?;
            let Some(last) = page.last().map(|node| node.id) else {
                return Ok(all);
            };
            all.extend(page);
            match last.0.checked_add(1) {
                // A runtime that goes backwards would keep us here for ever.
                Some(next) if next > from.0 => from = NodeId(next),
                _ => return Ok(all),
            }
        }
    }

    /// The bond that so much capacity needs.
    pub async fn bond_for(&self, capacity_leaves: u64) -> Result<Balance, ChainError> {
        self.ask("StorageNodesApi_bond_for", (capacity_leaves,), None)
            .await
    }

    /// Registers a node; the operator's bond is held.
    pub async fn register(
        &self,
        operator: &Signer,
        registration: Registration,
    ) -> Result<NodeId, ChainError> {
        let call = Call::new("StorageNodes", "register")
            .with("node_account", registration.node_account)
            .with("peer_key", registration.peer_key)
            .with("class", registration.class)
            .with("country", registration.country)
            .with("capacity_leaves", registration.capacity_leaves)
            .with("peer_proof", registration.peer_proof)
            .with("account_proof", registration.account_proof);
        let included = self.submit(operator, call).await?;
        included.field("StorageNodes", "NodeRegistered", "node")
    }

    /// Changes what a node offers; the bond follows.
    pub async fn set_capacity(
        &self,
        operator: &Signer,
        node: NodeId,
        capacity_leaves: u64,
    ) -> Result<Included, ChainError> {
        let call = Call::new("StorageNodes", "set_capacity")
            .with("node", node)
            .with("capacity_leaves", capacity_leaves);
        self.submit(operator, call).await
    }
}
