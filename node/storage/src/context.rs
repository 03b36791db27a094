//! What all workers of a service share.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, Instant},
};

use neurostore_chain::{BlockId, ChainError, Node, Signer, SignerError};
use neurostore_primitives::NodeId;
use neurostore_swarm::Swarm;
use tokio::sync::watch;

use crate::{
    board::Board, chain_access::ChainAccess, keys::NodeKeys, metrics::Metrics,
    options::StorageOptions, status::Stage, store::Store,
};

/// The parts of a running service that its workers share.
pub(crate) struct Context {
    pub(crate) options: StorageOptions,
    pub(crate) keys: NodeKeys,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    pub(crate) started: Instant,
    swarm: Mutex<Option<Swarm>>,
    stopping: AtomicBool,
    board: Mutex<Board>,
    chain: watch::Sender<Option<Arc<dyn ChainAccess>>>,
    best: watch::Sender<Option<BlockId>>,
    node: watch::Sender<Option<Node>>,
    ready: watch::Sender<bool>,
}

impl Context {
    pub(crate) fn new(
        options: StorageOptions,
        keys: NodeKeys,
        store: Store,
        metrics: Metrics,
    ) -> Self {
        Self {
            options,
            keys,
            store,
            metrics,
            swarm: Mutex::new(None),
            stopping: AtomicBool::new(false),
            started: Instant::now(),
            board: Mutex::new(Board::new()),
            chain: watch::Sender::new(None),
            best: watch::Sender::new(None),
            node: watch::Sender::new(None),
            ready: watch::Sender::new(false),
        }
    }

    /// The swarm, between its start and the end of the service.
    pub(crate) fn swarm(&self) -> Option<Swarm> {
        self.swarm
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_swarm(&self, swarm: Swarm) {
        *self.swarm.lock().unwrap_or_else(PoisonError::into_inner) = Some(swarm);
    }

    /// The service ends: long work stops, and the swarm, which holds this context as its service,
    /// is let go.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.metrics.stop();
        self.swarm
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The board. Notes are for people: a worker that died while it wrote leaves readable ones.
    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the service does now; logged where it changes.
    pub(crate) fn say(&self, stage: Stage, message: impl Into<String>) {
        let message = message.into();
        let mut board = self.board();
        if board.stage == stage && board.message == message {
            return;
        }
        match stage {
            Stage::Starting | Stage::Serving => tracing::info!("{message}"),
            Stage::WaitingForChain | Stage::WaitingForRegistration => tracing::warn!("{message}"),
            Stage::Blocked => tracing::error!("{message}"),
        }
        board.stage = stage;
        board.message = message;
    }

    /// The chain, once it was reached.
    pub(crate) fn chain(&self) -> Option<Arc<dyn ChainAccess>> {
        self.chain.borrow().clone()
    }

    /// Waits for the chain.
    pub(crate) async fn wait_for_chain(&self) -> Option<Arc<dyn ChainAccess>> {
        let mut chain = self.chain.subscribe();
        let found = chain.wait_for(Option::is_some).await.ok()?;
        found.clone()
    }

    pub(crate) fn chain_reached(&self, chain: Arc<dyn ChainAccess>) {
        self.chain.send_replace(Some(chain));
    }

    /// The best block as last heard of.
    pub(crate) fn best(&self) -> Option<BlockId> {
        *self.best.borrow()
    }

    /// Hears of best blocks.
    pub(crate) fn blocks(&self) -> watch::Receiver<Option<BlockId>> {
        self.best.subscribe()
    }

    pub(crate) fn block_seen(&self, block: BlockId) {
        self.board().last_block = Some(Instant::now());
        self.metrics.best_block.set(u64::from(block.0));
        self.best.send_if_modified(|best| {
            let is_new = *best != Some(block);
            *best = Some(block);
            is_new
        });
    }

    /// How long ago the chain was last heard of.
    pub(crate) fn since_block(&self) -> Option<Duration> {
        self.board().last_block.map(|at| at.elapsed())
    }

    /// The node as the chain knows it.
    pub(crate) fn node(&self) -> Option<Node> {
        self.node.borrow().clone()
    }

    pub(crate) fn node_id(&self) -> Option<NodeId> {
        self.node.borrow().as_ref().map(|node| node.id)
    }

    pub(crate) fn node_known(&self, node: Option<Node>) {
        self.node.send_replace(node);
    }

    /// Waits until the findings of the start are settled: until then the store may hold shards
    /// that it does not know yet.
    pub(crate) async fn wait_until_recovered(&self) {
        let mut ready = self.ready.subscribe();
        // The sender lives as long as this context.
        drop(ready.wait_for(|ready| *ready).await);
    }

    /// Whether the findings of the start are settled.
    pub(crate) fn is_recovered(&self) -> bool {
        *self.ready.borrow()
    }

    pub(crate) fn recovered(&self) {
        self.board().recovering = None;
        self.ready.send_replace(true);
    }

    /// The operator's key, read when it is needed and not kept.
    pub(crate) fn operator(&self) -> Option<Result<Signer, SignerError>> {
        self.options
            .operator_key_file
            .as_ref()
            .map(Signer::from_file)
    }

    /// Notes that a worker panicked.
    pub(crate) fn worker_failed(&self, worker: &'static str, said: &str) {
        self.metrics.worker_failures.inc();
        tracing::error!(worker, reason = said, "a worker panicked; it begins anew");
        self.board().failed_workers.insert(worker, said.to_owned());
    }

    /// Notes that a question to the chain failed.
    pub(crate) fn chain_failed(&self, doing: &str, error: &ChainError) {
        self.metrics.chain_errors.inc();
        tracing::warn!(%error, "{doing} failed");
    }
}
