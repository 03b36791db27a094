//! The protocols of the swarm, put together.

use std::num::NonZeroUsize;

use libp2p::{
    connection_limits::{self, ConnectionLimits},
    identify, identity,
    kad::{self, store::MemoryStore},
    memory_connection_limits, ping,
    swarm::NetworkBehaviour,
    PeerId, StreamProtocol,
};

use crate::{
    limits::{Limits, PING},
    substreams,
};

/// Name of the distributed hash table, which knows peers and their addresses and nothing else.
pub(crate) const KAD_PROTOCOL: StreamProtocol = StreamProtocol::new("/neurostore/kad/1");
/// Name of the network in identify.
const IDENTIFY_PROTOCOL: &str = "/neurostore/id/1";
/// Lookups ask this many peers at once: as is usual.
const LOOKUP_PARALLELISM: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// A message of the hash table is a list of at most twenty peers.
const KAD_PACKET_BYTES: usize = 64 << 10;

/// Everything that the swarm speaks. Relay, hole punching, reachability tests and gossip find
/// their place here.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) limits: connection_limits::Behaviour,
    pub(crate) memory: memory_connection_limits::Behaviour,
    pub(crate) substreams: substreams::Behaviour,
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) kad: kad::Behaviour<MemoryStore>,
}

impl Behaviour {
    /// `serving` makes a storage node: it answers lookups too, while a pure client only asks.
    pub(crate) fn new(
        public: identity::PublicKey,
        limits: &Limits,
        serving: Option<substreams::Serving>,
        answers_lookups: bool,
    ) -> Self {
        let peer = public.to_peer_id();
        Self {
            limits: connection_limits::Behaviour::new(connection_limits(limits)),
            memory: memory_connection_limits::Behaviour::with_max_percentage(
                limits.memory_fraction,
            ),
            substreams: substreams::Behaviour::new(serving),
            identify: identify::Behaviour::new(
                identify::Config::new(IDENTIFY_PROTOCOL.into(), public)
                    .with_agent_version(concat!("neurostore/", env!("CARGO_PKG_VERSION")).into())
                    .with_push_listen_addr_updates(true),
            ),
            ping: ping::Behaviour::new(ping::Config::new().with_timeout(PING)),
            kad: hash_table(peer, limits, answers_lookups),
        }
    }
}

fn connection_limits(limits: &Limits) -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits.pending_inbound))
        .with_max_pending_outgoing(Some(limits.pending_outbound))
        .with_max_established_incoming(Some(limits.inbound_connections))
        .with_max_established_per_peer(Some(limits.connections_per_peer))
        .with_max_established(Some(limits.connections))
}

fn hash_table(peer: PeerId, limits: &Limits, answers_lookups: bool) -> kad::Behaviour<MemoryStore> {
    let mut config = kad::Config::new(KAD_PROTOCOL);
    config
        .set_query_timeout(limits.lookup)
        .set_parallelism(LOOKUP_PARALLELISM)
        .disjoint_query_paths(true)
        .set_max_packet_size(KAD_PACKET_BYTES)
        // Records and providers are not part of this protocol: strangers' ones are handed to the
        // swarm task, which drops them.
        .set_record_filtering(kad::StoreInserts::FilterBoth)
        .set_replication_interval(None)
        .set_publication_interval(None)
        .set_provider_publication_interval(None)
        .set_caching(kad::Caching::Disabled)
        .set_periodic_bootstrap_interval(Some(limits.bootstrap_interval));
    let mut kad = kad::Behaviour::with_config(peer, MemoryStore::new(peer), config);
    kad.set_mode(Some(if answers_lookups {
        kad::Mode::Server
    } else {
        kad::Mode::Client
    }));
    kad
}
