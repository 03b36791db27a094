//! What the service asks of the chain.
//!
//! A trait, so that tests can play a chain that forks, stalls and refuses at will; outside tests
//! [`Chain`] is the only one.

use async_trait::async_trait;
use futures::{future::BoxFuture, stream::BoxStream};
use neurostore_chain::{
    AccountId, Balance, BlockId, Chain, ChainError, Earnings, Node, Registration, Reservation,
    Signer,
};
use neurostore_primitives::{
    ChallengeInfo, CircuitId, ClassCounts, HeldShardInfo, NodeId, ReservationId, SampleInfo,
    ShardClass, WindowIndex, WindowOutcome,
};
use std::{sync::Arc, time::SystemTime};

/// The questions and transactions of a storage node. Each method does what the method of
/// [`Chain`] with its name does.
#[allow(missing_docs)]
#[async_trait]
pub trait ChainAccess: Send + Sync + 'static {
    fn genesis(&self) -> [u8; 32];
    async fn best_block(&self) -> Result<BlockId, ChainError>;
    async fn block_time(&self, hash: [u8; 32]) -> Result<SystemTime, ChainError>;
    fn subscribe_best(&self) -> BoxStream<'static, BlockId>;
    async fn storage_bootnodes(&self) -> Result<Vec<String>, ChainError>;

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError>;
    async fn transfer(
        &self,
        from: &Signer,
        to: &AccountId,
        amount: Balance,
    ) -> Result<(), ChainError>;

    async fn node_of(&self, account: &AccountId) -> Result<Option<NodeId>, ChainError>;
    async fn node(&self, node: NodeId) -> Result<Option<Node>, ChainError>;
    async fn bond_for(&self, capacity_leaves: u64) -> Result<Balance, ChainError>;
    async fn register(
        &self,
        operator: &Signer,
        registration: Registration,
    ) -> Result<NodeId, ChainError>;
    async fn set_capacity(
        &self,
        operator: &Signer,
        node: NodeId,
        capacity_leaves: u64,
    ) -> Result<(), ChainError>;

    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, ChainError>;
    async fn held_shards(
        &self,
        node: NodeId,
        class: ShardClass,
        from: u32,
        limit: u32,
    ) -> Result<Vec<HeldShardInfo>, ChainError>;
    async fn holdings(&self, node: NodeId) -> Result<ClassCounts, ChainError>;

    async fn next_challenge(&self, node: NodeId) -> Result<Option<ChallengeInfo>, ChainError>;
    async fn samples(
        &self,
        node: NodeId,
        window: WindowIndex,
        opened_at: u32,
    ) -> Result<Option<Vec<SampleInfo>>, ChainError>;
    async fn submit_proof(
        &self,
        node_account: &Signer,
        window: WindowIndex,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<(), ChainError>;
    async fn check_proof(
        &self,
        circuit: CircuitId,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<Result<(), String>, ChainError>;
    async fn outcome(
        &self,
        node: NodeId,
        window: WindowIndex,
    ) -> Result<Option<WindowOutcome>, ChainError>;
    async fn window_blocks(&self) -> Result<(u32, u32), ChainError>;
    async fn earnings(&self, node: NodeId) -> Result<Earnings, ChainError>;
}

/// Makes the first connection; called again until it succeeds.
pub type Connector =
    Arc<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn ChainAccess>, ChainError>> + Send + Sync>;

/// Connects to the WebSocket RPC at `url`.
pub fn connect_to(url: String) -> Connector {
    Arc::new(move || {
        let url = url.clone();
        Box::pin(async move {
            let chain = Chain::connect(&url).await?;
            Ok(Arc::new(chain) as Arc<dyn ChainAccess>)
        })
    })
}

#[async_trait]
impl ChainAccess for Chain {
    fn genesis(&self) -> [u8; 32] {
        Chain::genesis(self)
    }

    async fn best_block(&self) -> Result<BlockId, ChainError> {
        Chain::best_block(self).await
    }

    async fn block_time(&self, hash: [u8; 32]) -> Result<SystemTime, ChainError> {
        Chain::block_time(self, hash).await
    }

    fn subscribe_best(&self) -> BoxStream<'static, BlockId> {
        Chain::subscribe_best(self)
    }

    async fn storage_bootnodes(&self) -> Result<Vec<String>, ChainError> {
        Chain::storage_bootnodes(self).await
    }

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        Chain::balance(self, account).await
    }

    async fn transfer(
        &self,
        from: &Signer,
        to: &AccountId,
        amount: Balance,
    ) -> Result<(), ChainError> {
        Chain::transfer(self, from, to, amount).await.map(drop)
    }

    async fn node_of(&self, account: &AccountId) -> Result<Option<NodeId>, ChainError> {
        Chain::node_of(self, account).await
    }

    async fn node(&self, node: NodeId) -> Result<Option<Node>, ChainError> {
        Chain::node(self, node).await
    }

    async fn bond_for(&self, capacity_leaves: u64) -> Result<Balance, ChainError> {
        Chain::bond_for(self, capacity_leaves).await
    }

    async fn register(
        &self,
        operator: &Signer,
        registration: Registration,
    ) -> Result<NodeId, ChainError> {
        Chain::register(self, operator, registration).await
    }

    async fn set_capacity(
        &self,
        operator: &Signer,
        node: NodeId,
        capacity_leaves: u64,
    ) -> Result<(), ChainError> {
        Chain::set_capacity(self, operator, node, capacity_leaves)
            .await
            .map(drop)
    }

    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, ChainError> {
        Chain::reservation(self, id).await
    }

    async fn held_shards(
        &self,
        node: NodeId,
        class: ShardClass,
        from: u32,
        limit: u32,
    ) -> Result<Vec<HeldShardInfo>, ChainError> {
        let to = from.saturating_add(limit);
        Chain::held_shards(self, node, class, from..to).await
    }

    async fn holdings(&self, node: NodeId) -> Result<ClassCounts, ChainError> {
        Chain::holdings(self, node).await
    }

    async fn next_challenge(&self, node: NodeId) -> Result<Option<ChallengeInfo>, ChainError> {
        Chain::next_challenge(self, node).await
    }

    async fn samples(
        &self,
        node: NodeId,
        window: WindowIndex,
        opened_at: u32,
    ) -> Result<Option<Vec<SampleInfo>>, ChainError> {
        Chain::samples(self, node, window, opened_at).await
    }

    async fn submit_proof(
        &self,
        node_account: &Signer,
        window: WindowIndex,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<(), ChainError> {
        Chain::submit_proof(self, node_account, window, statement, proof)
            .await
            .map(drop)
    }

    async fn check_proof(
        &self,
        circuit: CircuitId,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<Result<(), String>, ChainError> {
        Chain::check_proof(self, circuit, statement, proof).await
    }

    async fn outcome(
        &self,
        node: NodeId,
        window: WindowIndex,
    ) -> Result<Option<WindowOutcome>, ChainError> {
        Chain::outcome(self, node, window).await
    }

    async fn window_blocks(&self) -> Result<(u32, u32), ChainError> {
        Chain::window_blocks(self).await
    }

    async fn earnings(&self, node: NodeId) -> Result<Earnings, ChainError> {
        Chain::earnings(self, node).await
    }
}
