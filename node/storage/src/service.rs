//! The storage service as a whole: started, asked, and shut down.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use jsonrpsee::{
    server::{ServerBuilder, ServerHandle},
    RpcModule,
};
use neurostore_chain::AccountId;
use neurostore_primitives::NodeId;
use neurostore_swarm::{Limits, Multiaddr, PeerId, Swarm, SwarmOptions};
use substrate_prometheus_endpoint::PrometheusError;
use tokio::task::JoinHandle;

use crate::{
    chain_access::{connect_to, Connector},
    collection,
    context::Context,
    gauges, heartbeat,
    keys::{KeyError, NodeKeys},
    link,
    metrics::Metrics,
    options::StorageOptions,
    page, proving, registration, report, rpc,
    shard_service::NodeShards,
    status::{Stage, Status},
    store::{OpenError, Recovery, Store, StoreOptions},
    workers::keep_working,
};

/// Time for the swarm to close its connections.
const GOODBYE: Duration = Duration::from_secs(3);
/// Damaged shards that a start names one by one.
const DAMAGE_NAMED: usize = 32;
/// Connections of the storage RPC.
const RPC_CONNECTIONS: u32 = 100;
/// Bytes of a request and of an answer of the storage RPC: a page of a thousand shards fits.
const RPC_BYTES: u32 = 2 << 20;

/// Why a storage service did not start. A chain out of reach is not among the reasons: it waits.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The node's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The shard store cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The swarm cannot be joined.
    #[error(transparent)]
    Swarm(#[from] neurostore_swarm::StartError),
    /// The status page or the RPC cannot be served there.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// The country is not two letters.
    #[error("a country is two letters of ISO 3166-1, such as DE")]
    Country,
    /// The metrics are registered already.
    #[error("the metrics cannot be registered: {0}")]
    Metrics(#[from] PrometheusError),
    /// A thread of the start died.
    #[error("opening the store ended badly; the log says why")]
    Thread,
}

/// Starts storage services.
#[derive(Clone, Copy, Debug)]
pub struct StorageService;

/// A running storage service. It ends when this is shut down or dropped.
pub struct StorageHandle {
    context: Arc<Context>,
    swarm: Swarm,
    tasks: Vec<JoinHandle<()>>,
    status_address: Option<SocketAddr>,
    rpc: Option<(SocketAddr, ServerHandle)>,
}

impl std::fmt::Debug for StorageHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageHandle")
            .field("account", &self.account())
            .field("peer_id", &self.peer_id())
            .finish_non_exhaustive()
    }
}

impl StorageService {
    /// Starts a service on the current tokio runtime. Keys, store, ports and swarm are ready when
    /// it returns; the chain is connected to, and the node registered, in the background.
    pub async fn start(options: StorageOptions) -> Result<StorageHandle, StartError> {
        let connector = connect_to(options.chain_url.clone());
        Self::start_on(options, connector).await
    }

    /// As [`StorageService::start`], on a chain that is reached in another way than by WebSocket.
    pub async fn start_on(
        options: StorageOptions,
        connector: Connector,
    ) -> Result<StorageHandle, StartError> {
        if !options.country.is_well_formed() {
            return Err(StartError::Country);
        }
        let metrics = Metrics::register(options.registry.clone())?;
        let (keys, store, recovery) = open(&options).await?;
        tracing::info!(
            account = %keys.account.account_id(),
            peer_id = %keys.identity.peer_id(),
            path = %options.path.display(),
            capacity = %options.capacity,
            shards = store.occupancy().shards,
            "storage service starting"
        );
        let swarm_options = SwarmOptions {
            identity: keys.identity.clone(),
            listen: options.listen.clone(),
            bootnodes: options.bootnodes.clone(),
            limits: Limits::default(),
        };
        let context = Arc::new(Context::new(options, keys, store, metrics));
        let shards = Arc::new(NodeShards::new(Arc::clone(&context)));
        let swarm = Swarm::start(swarm_options, Some(shards)).await?;
        context.set_swarm(swarm.clone());

        let mut handle = StorageHandle {
            swarm: swarm.clone(),
            tasks: Vec::new(),
            status_address: None,
            rpc: None,
            context: Arc::clone(&context),
        };
        handle.serve_status().await?;
        handle.serve_rpc().await?;
        context.say(Stage::Starting, "connecting to the chain");
        handle.work("recovery", move |context| {
            recover(context, recovery.clone())
        });
        handle.work("link", move |context| {
            link::run(context, Arc::clone(&connector))
        });
        handle.work("registration", registration::run);
        handle.work("proving", proving::run);
        handle.work("collection", collection::run);
        handle.work("gauges", gauges::run);
        handle.work("heartbeat", move |context| {
            heartbeat::run(context, swarm.clone())
        });
        Ok(handle)
    }
}

impl StorageHandle {
    /// The account that signs the node's receipts and proofs.
    pub fn account(&self) -> AccountId {
        self.context.keys.account.account_id()
    }

    /// The node's id in the swarm.
    pub fn peer_id(&self) -> PeerId {
        self.swarm.peer_id()
    }

    /// The node's number, once the chain knows it.
    pub fn node_id(&self) -> Option<NodeId> {
        self.context.node_id()
    }

    /// Addresses at which others can dial the node, each with its peer id.
    pub fn addresses(&self) -> Vec<Multiaddr> {
        self.swarm.listen_addresses()
    }

    /// How the node stands.
    pub fn status(&self) -> Status {
        report::status(&self.context)
    }

    /// The store, to look into.
    pub fn store(&self) -> &Store {
        &self.context.store
    }

    /// The storage RPC, to be merged into a chain node's: `storage_status`, `storage_shards`,
    /// `storage_challenges`, `storage_proofs`, `storage_peers`, `storage_addresses`. All of them
    /// only read.
    pub fn rpc_module(&self) -> RpcModule<impl Send + Sync + 'static> {
        rpc::module(Arc::clone(&self.context))
    }

    /// Where the status page is served.
    pub fn status_address(&self) -> Option<SocketAddr> {
        self.status_address
    }

    /// Where the storage RPC is served by itself.
    pub fn rpc_address(&self) -> Option<SocketAddr> {
        self.rpc.as_ref().map(|(address, _)| *address)
    }

    /// Stops everything. Uploads on their way are aborted; what was receipted is safe anyway.
    pub async fn shutdown(self) {
        self.stop();
        if tokio::time::timeout(GOODBYE, self.swarm.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("the swarm did not close in time");
        }
    }

    fn stop(&self) {
        self.context.stop();
        for task in &self.tasks {
            task.abort();
        }
        if let Some((_, server)) = &self.rpc {
            // An error means that it had stopped already.
            let _ = server.stop();
        }
    }

    /// Starts a worker that goes on until the service stops.
    fn work<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        worker: &'static str,
        work: impl Fn(Arc<Context>) -> F + Send + 'static,
    ) {
        let working = keep_working(Arc::clone(&self.context), worker, work);
        self.tasks.push(tokio::spawn(working));
    }

    async fn serve_status(&mut self) -> Result<(), StartError> {
        let Some(address) = self.context.options.status_listen else {
            return Ok(());
        };
        let (bound, task) = page::serve(Arc::clone(&self.context), address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        tracing::info!("status page at http://{bound}/");
        self.status_address = Some(bound);
        self.tasks.push(task);
        Ok(())
    }

    async fn serve_rpc(&mut self) -> Result<(), StartError> {
        let Some(address) = self.context.options.rpc_listen else {
            return Ok(());
        };
        let failed = |error| StartError::Listen { address, error };
        let server = ServerBuilder::new()
            .max_connections(RPC_CONNECTIONS)
            .max_request_body_size(RPC_BYTES)
            .max_response_body_size(RPC_BYTES)
            .build(address)
            .await
            .map_err(failed)?;
        let bound = server.local_addr().map_err(failed)?;
        tracing::info!("storage RPC at ws://{bound}");
        self.rpc = Some((bound, server.start(self.rpc_module())));
        Ok(())
    }
}

impl Drop for StorageHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn open(options: &StorageOptions) -> Result<(NodeKeys, Store, Recovery), StartError> {
    let path = options.path.clone();
    let store_options = StoreOptions {
        path: path.clone(),
        capacity_bytes: options.capacity.0,
        free_reserve_bytes: options.free_reserve.map(|reserve| reserve.0),
    };
    let opening = tokio::task::spawn_blocking(move || {
        // The store first: its lock keeps a second process from making other keys.
        let (store, recovery) = Store::open(&store_options)?;
        let keys = NodeKeys::load_or_generate(&path)?;
        Ok::<_, StartError>((keys, store, recovery))
    });
    opening.await.map_err(|_| StartError::Thread)?
}

/// Settles what the start of the store found.
async fn recover(context: Arc<Context>, recovery: Recovery) {
    if recovery.leftovers_removed > 0 {
        tracing::info!(
            files = recovery.leftovers_removed,
            "leftovers of unfinished uploads were removed"
        );
    }
    for root in recovery.newly_damaged.iter().take(DAMAGE_NAMED) {
        tracing::error!(%root, "a stored shard is missing or has the wrong length");
    }
    if recovery.newly_damaged.len() > DAMAGE_NAMED {
        tracing::error!(
            shards = recovery.newly_damaged.len(),
            "so many stored shards are missing or have the wrong length; is the right disk mounted?"
        );
    }
    let all = recovery.unsettled();
    if all > 0 {
        tracing::info!(
            shards = all,
            "checking shards that the last end left unsettled"
        );
        let worker = Arc::clone(&context);
        let settling = tokio::task::spawn_blocking(move || {
            worker.store.finish_recovery(&recovery, |done, all| {
                worker.board().recovering = Some((done, all));
                !worker.is_stopping()
            })
        });
        match settling.await {
            Ok(settled) => tracing::info!(
                adopted = settled.adopted,
                discarded = settled.discarded,
                trees_rebuilt = settled.trees_rebuilt,
                healed = settled.healed,
                "unsettled shards are checked"
            ),
            Err(error) => tracing::error!(%error, "checking unsettled shards ended badly"),
        }
    }
    context.recovered();
}
