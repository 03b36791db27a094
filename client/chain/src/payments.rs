//! What nodes earn and what storage costs.

use neurostore_primitives::NodeId;

use crate::{call::Call, connection::Chain, error::ChainError, signer::Signer, Balance, Earnings};

impl Chain {
    /// What a node earned.
    pub async fn earnings(&self, node: NodeId) -> Result<Earnings, ChainError> {
        self.ask("PaymentsApi_earnings", (node,), None).await
    }

    /// The price of a GiB of shard for one window.
    pub async fn price(&self) -> Result<Balance, ChainError> {
        self.ask("PaymentsApi_price", (), None).await
    }

    /// Pays out what a node earned and was released, to its operator. Returns the amount.
    pub async fn withdraw(&self, operator: &Signer, node: NodeId) -> Result<Balance, ChainError> {
        let included = self
            .submit(
                operator,
                Call::new("Payments", "withdraw").with("node", node),
            )
            .await?;
        included.field("Payments", "Withdrawn", "amount")
    }
}
