//! What a storage service is started with.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use neurostore_primitives::{CountryCode, NodeClass};
use neurostore_swarm::Multiaddr;
use substrate_prometheus_endpoint::Registry;

use crate::capacity::Capacity;

/// Uploads taken at the same time by default: each hashes on all cores and holds a few chunks.
pub const DEFAULT_MAX_UPLOADS: usize = 16;

/// The time that a block stands for at least: half a slot of the chain.
const SHORTEST_BLOCK: Duration = Duration::from_secs(3);

/// What a storage service is started with.
#[derive(Clone, Debug)]
pub struct StorageOptions {
    /// Folder of keys, index and shards; created where it does not exist.
    pub path: PathBuf,
    /// Bytes of shards to hold at most.
    pub capacity: Capacity,
    /// Bytes of the disk that stay free; by default 5 % of it, at most 2 GiB.
    pub free_reserve: Option<Capacity>,
    /// Where to listen for the swarm, for example `/ip4/0.0.0.0/tcp/9010`.
    pub listen: Vec<Multiaddr>,
    /// Peers that know the network, each with `/p2p/<peer id>` at its end.
    pub bootnodes: Vec<Multiaddr>,
    /// WebSocket RPC of a node of the chain.
    pub chain_url: String,
    /// Genesis hash of the only chain to serve, where it is known from elsewhere.
    pub genesis: Option<[u8; 32]>,
    /// File with the operator's secret key, for registration and for the node account's fees.
    /// Without it the node waits until somebody registers it.
    pub operator_key_file: Option<PathBuf>,
    /// Anchor or light.
    pub class: NodeClass,
    /// Where the node stands.
    pub country: CountryCode,
    /// Folder of the proving keys; by default `proving-keys` in `path`.
    pub proving_key_dir: Option<PathBuf>,
    /// Where the status page is served, if at all.
    pub status_listen: Option<SocketAddr>,
    /// Where the storage RPC is served by itself; a chain node serves it with its own.
    pub rpc_listen: Option<SocketAddr>,
    /// Uploads taken at the same time.
    pub max_uploads: usize,
    /// What a block counts at least, by the clock, in the time for which removed shards are kept.
    pub shortest_block: Duration,
    /// Where metrics are registered; by default in a registry of the service's own.
    pub registry: Option<Registry>,
}

impl StorageOptions {
    /// Options for a light node in `path` that offers `capacity`, with defaults for all else.
    pub fn new(path: PathBuf, capacity: Capacity, chain_url: String) -> Self {
        Self {
            path,
            capacity,
            free_reserve: None,
            listen: Vec::new(),
            bootnodes: Vec::new(),
            chain_url,
            genesis: None,
            operator_key_file: None,
            class: NodeClass::Light,
            country: CountryCode(*b"ZZ"),
            proving_key_dir: None,
            status_listen: None,
            rpc_listen: None,
            max_uploads: DEFAULT_MAX_UPLOADS,
            shortest_block: SHORTEST_BLOCK,
            registry: None,
        }
    }
}
