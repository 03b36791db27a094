//! Every bound and every deadline of the swarm, with its reason.

use std::time::Duration;

/// Bytes that are moved at once: large enough that a syscall and a task switch cost little beside
/// it, small enough that 256 requests hold 64 MiB.
pub(crate) const CHUNK_BYTES: usize = 256 << 10;
/// Substreams of one connection. Each may hold a first window of 256 KiB that nobody reads yet,
/// so a connection can make us hold at most 32 MiB.
pub(crate) const MAX_STREAMS: usize = 128;
/// Substreams of one connection that negotiate their protocol at the same time.
pub(crate) const MAX_NEGOTIATING_STREAMS: usize = 64;
/// Window of a QUIC stream: what a peer can send before anybody reads.
pub(crate) const QUIC_STREAM_WINDOW: u32 = 1 << 20;
/// Window of a QUIC connection: sixteen streams at full window.
pub(crate) const QUIC_CONNECTION_WINDOW: u32 = 16 << 20;
/// Time for a substream to agree on its protocol.
pub(crate) const NEGOTIATION: Duration = Duration::from_secs(20);
/// Time for a ping. Long, because on a slow line it waits behind the bytes of shards; two that
/// fail in a row end the connection.
pub(crate) const PING: Duration = Duration::from_secs(60);
/// The redial timer ticks no faster.
pub(crate) const SHORTEST_TICK: Duration = Duration::from_millis(10);
/// Commands that wait for the swarm task before callers wait themselves.
pub(crate) const COMMAND_QUEUE: usize = 256;
/// Streams that wait for a dial at the same time.
pub(crate) const MAX_WAITING_OPENS: usize = 1_024;
/// Lookups that run at the same time.
pub(crate) const MAX_LOOKUPS: usize = 256;
/// Addresses kept of one peer: a machine with several interfaces, TCP and QUIC, IPv4 and IPv6.
pub(crate) const MAX_ADDRESSES: usize = 16;
/// Addresses of one peer that come first because they led to it: those before may be out of date.
pub(crate) const MAX_WORKED_ADDRESSES: usize = 4;
/// Peers whose addresses are kept outside the routing table: about a megabyte.
pub(crate) const MAX_KNOWN_PEERS: usize = 4_096;
/// Peers whose recent behaviour is kept.
pub(crate) const MAX_WATCHED_PEERS: usize = 8_192;
/// Peers that are kept connected.
pub(crate) const MAX_KEPT_PEERS: usize = 256;

/// Bounds and deadlines of a swarm. The defaults suit nodes and clients alike; tests shrink them.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Connections of one peer: TCP and QUIC, dialled from both sides at once.
    pub connections_per_peer: u32,
    /// Connections that others opened: as many as a home router's table bears.
    pub inbound_connections: u32,
    /// Connections in all.
    pub connections: u32,
    /// Handshakes that others began and did not finish.
    pub pending_inbound: u32,
    /// Dials under way.
    pub pending_outbound: u32,
    /// Part of the machine's memory above which this process takes no new connection. A part and
    /// not a number, because a prover or a whole chain node may live in the same process.
    pub memory_fraction: f64,
    /// An idle connection closes after this: long enough for the pauses between two segments.
    pub idle_connection: Duration,

    /// Requests served at the same time: each holds a chunk of 256 KiB and a stream window.
    pub requests: usize,
    /// Requests of one peer served at the same time: a slow or hostile peer takes an eighth of
    /// the node.
    pub requests_per_peer: usize,
    /// Refusals being written at the same time; beyond them substreams are reset without a word.
    pub refusals: usize,
    /// Substreams that a peer may open at once before the rate counts.
    pub stream_burst: u32,
    /// Substreams that a peer may open each second in the long run: enough to read thousands of
    /// tiny shards, too little to fill the log or the processor.
    pub streams_per_second: u32,
    /// A peer that broke the protocol or opened another `stream_burst` of refused substreams is
    /// disconnected and kept out this long.
    pub ban: Duration,

    /// Requests of this side to one peer at the same time; more wait. Below `requests_per_peer`,
    /// so that a node never refuses an honest client for it.
    pub own_requests_per_peer: usize,

    /// Time for a peer to be dialled and a substream negotiated.
    pub connect: Duration,
    /// Time for a lookup in the distributed hash table.
    pub lookup: Duration,
    /// Time for a whole request frame to arrive, and for an answer frame to be written.
    pub frame: Duration,
    /// Time for the service to answer one call other than `finish`. It may have to ask the chain.
    pub service: Duration,
    /// Time for the service to finish an upload: hash 64 MiB, sync the disk, sign.
    pub finish: Duration,
    /// Time for the other side to answer a request; longer than `service`.
    pub answer: Duration,
    /// Time for the receipt to arrive after the last byte was handed to the network, where it
    /// may wait long on a slow line; longer than `finish`.
    pub receipt: Duration,
    /// While bytes flow, a peer must move `progress_bytes` in every such stretch of time that is
    /// spent waiting for it. Time that our own disk or caller takes does not count.
    pub progress_window: Duration,
    /// The same for the bytes of a shard that is uploaded to us. Longer, because an uploader sends
    /// fifteen shards in step and another node may hold all of them up for a minute before it is
    /// left behind.
    pub upload_window: Duration,
    /// See `progress_window`. 32 KiB in 15 s lets fifteen shards share an uplink of 0.3 Mbit/s.
    pub progress_bytes: u64,

    /// First pause before a lost peer that is to be kept is dialled again.
    pub redial_first: Duration,
    /// The pause doubles up to this.
    pub redial_longest: Duration,
    /// How often the routing table is refreshed.
    pub bootstrap_interval: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_per_peer: 4,
            inbound_connections: 1_024,
            connections: 2_048,
            pending_inbound: 128,
            pending_outbound: 128,
            memory_fraction: 0.9,
            idle_connection: Duration::from_secs(120),
            requests: 256,
            requests_per_peer: 32,
            refusals: 64,
            stream_burst: 512,
            streams_per_second: 256,
            ban: Duration::from_secs(60),
            own_requests_per_peer: 24,
            connect: Duration::from_secs(20),
            lookup: Duration::from_secs(20),
            frame: Duration::from_secs(10),
            service: Duration::from_secs(30),
            finish: Duration::from_secs(120),
            answer: Duration::from_secs(45),
            receipt: Duration::from_secs(300),
            progress_window: Duration::from_secs(15),
            upload_window: Duration::from_secs(90),
            progress_bytes: 32 << 10,
            redial_first: Duration::from_secs(1),
            redial_longest: Duration::from_secs(60),
            bootstrap_interval: Duration::from_secs(300),
        }
    }
}
