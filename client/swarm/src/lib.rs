//! The libp2p swarm and the shard protocol: the only user of libp2p.
//!
//! [`Swarm::start`] gives a handle. A client moves shards with [`Swarm::put_shard`],
//! [`Swarm::get_range`] and [`Swarm::get_leaves`]; a storage node hands in a [`ShardService`] and
//! is asked for what arrives. Peers are named by [`PeerId`], found by [`Swarm::find`], and never
//! trusted: every step has a deadline, every buffer a bound ([`Limits`]).
//!
//! The wire format is in [`message`]: one request a substream, SCALE in length-prefixed frames,
//! shard bytes raw between them.
#![forbid(unsafe_code)]

mod actor;
mod address;
mod admission;
mod behaviour;
mod body;
mod client;
mod error;
mod frame;
mod identity;
mod limits;
pub mod message;
mod pace;
mod refusal;
mod server;
mod service;
mod substreams;
mod swarm;
mod transport;

pub use body::ShardBody;
pub use error::{AddressError, FindError, ShardError, StartError, Step};
pub use identity::{peer_id_from_key, verify_peer_signature, BadSecret, Identity};
pub use libp2p::{Multiaddr, PeerId};
pub use limits::Limits;
pub use message::{LeafAnswer, PutRequest, StoredShard};
pub use refusal::Refusal;
pub use service::{ShardService, ShardSink};
pub use swarm::{Swarm, SwarmOptions};
