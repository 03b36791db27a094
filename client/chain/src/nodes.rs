//! Storage nodes: who they are, and registering one.

use neurostore_primitives::NodeId;

use crate::{
    call::Call,
    connection::Chain,
    error::ChainError,
    names::{events::NodeRegistered, methods},
    registration::Registration,
    signer::Signer,
    submit::Included,
    AccountId, Balance, Node,
};

/// Nodes asked for at a time: the runtime's own cap.
const NODES_PER_PAGE: u32 = 256;

impl Chain {
    /// A node by its number.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn node(&self, node: NodeId) -> Result<Option<Node>, ChainError> {
        self.ask(methods::NODE, (node,), None).await
    }

    /// The node that signs with `account`.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn node_of(&self, account: &AccountId) -> Result<Option<NodeId>, ChainError> {
        self.ask(methods::NODE_OF, (account,), None).await
    }

    /// All nodes in order of registration, as of one block.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn nodes(&self) -> Result<Vec<Node>, ChainError> {
        let (_, at) = self.best_block().await?;
        let mut all: Vec<Node> = Vec::new();
        let mut from = NodeId(0);
        loop {
            let arguments = (from, NODES_PER_PAGE);
            let page = self.ask(methods::NODES, arguments, Some(at)).await?;
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

    /// The bond in plancks that so much capacity needs.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn bond_for(&self, capacity_leaves: u64) -> Result<Balance, ChainError> {
        self.ask(methods::BOND_FOR, (capacity_leaves,), None).await
    }

    /// Registers a node; the operator's bond is held.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn register(
        &self,
        operator: &Signer,
        registration: Registration,
    ) -> Result<NodeId, ChainError> {
        let call = Call::register(&registration);
        let registered: NodeRegistered = self.submit(operator, call).await?.event()?;
        Ok(registered.node)
    }

    /// Changes what a node offers; the bond follows.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn set_capacity(
        &self,
        operator: &Signer,
        node: NodeId,
        capacity_leaves: u64,
    ) -> Result<Included, ChainError> {
        let call = Call::set_capacity(node, capacity_leaves);
        self.submit(operator, call).await
    }
}
