//! What nodes earn and what storage costs.

use neurostore_primitives::NodeId;

use crate::{
    call::Call,
    connection::Chain,
    error::ChainError,
    names::{events::Withdrawn, methods},
    signer::Signer,
    Balance, Earnings,
};

impl Chain {
    /// What a node earned.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn earnings(&self, node: NodeId) -> Result<Earnings, ChainError> {
        self.ask(methods::EARNINGS, (node,), None).await
    }

    /// The price of a GiB of shard for one window, in plancks.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn price(&self) -> Result<Balance, ChainError> {
        self.ask(methods::PRICE, (), None).await
    }

    /// Pays out what a node earned and was released, to its operator. Returns the amount in
    /// plancks.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn withdraw(&self, operator: &Signer, node: NodeId) -> Result<Balance, ChainError> {
        let paid: Withdrawn = self.submit(operator, Call::withdraw(node)).await?.event()?;
        Ok(paid.amount)
    }
}
