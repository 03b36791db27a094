//! The storage service: shard store, intake, receipts, prover.
//!
//! [`StorageService::start`] runs a storage node on the current tokio runtime: beside a chain node
//! in one process, or alone. It keeps shards in a [`store::Store`], answers the swarm's shard
//! protocol, answers the chain's challenges, and says what it does on a status page, as JSON, as
//! metrics and over RPC.
#![forbid(unsafe_code)]

mod args;
mod board;
mod capacity;
mod chain_access;
mod collection;
mod context;
mod gauges;
mod heartbeat;
mod keys;
mod link;
mod metrics;
mod options;
mod page;
mod prefixed_args;
mod present;
mod proving;
mod refusal;
mod registration;
mod report;
mod rpc;
mod service;
mod shard_service;
mod status;
pub mod store;
mod threads;
mod uploads;
mod workers;

pub use args::{Class, StorageArgs, DEFAULT_STATUS_LISTEN};
pub use capacity::{BadCapacity, Capacity};
pub use chain_access::{connect_to, ChainAccess, Connector};
pub use keys::{KeyError, NodeKeys};
pub use neurostore_swarm::Multiaddr;
pub use options::{StorageOptions, DEFAULT_MAX_UPLOADS};
pub use prefixed_args::PrefixedStorageArgs;
pub use rpc::{ProofsView, ShardPage, ShardView};
pub use service::{StartError, StorageHandle, StorageService};
pub use status::{
    ChainStatus, ChallengeStatus, Earned, MissingShard, NodeStatus, ProofStatus, Stage, Status,
    StoreStatus, SwarmStatus, UploadStatus, WindowNote, WindowState,
};
pub use threads::is_storage_thread;
