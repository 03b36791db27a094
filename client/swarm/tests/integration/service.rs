//! A storage service in memory, and swarms around it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    io::Cursor,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc, Mutex,
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use neurostore_primitives::{ReservationId, ShardClass, ShardRoot, SlotIndex, LEAF_BYTES};
use neurostore_swarm::{
    message::PATH_BYTES, Identity, LeafAnswer, Limits, Multiaddr, PeerId, PutRequest, Refusal,
    ShardService, ShardSink, StoredShard, Swarm, SwarmOptions,
};
use tokio::io::AsyncRead;

/// Long enough for a busy machine; reached by failing tests only.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What tests look at and turn.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) shards: Mutex<HashMap<ShardRoot, Vec<u8>>>,
    /// Refuses everything with this.
    pub(crate) refusal: Mutex<Option<Refusal>>,
    /// Refuses the chunk that would bring an upload above this.
    pub(crate) full_at: Mutex<Option<usize>>,
    /// Ends readers this early.
    pub(crate) cut: AtomicUsize,
    /// Panics when asked for a range.
    pub(crate) panics: AtomicBool,
    /// Never answers when asked for leaves.
    pub(crate) hangs: AtomicBool,
    pub(crate) open_sinks: AtomicUsize,
    pub(crate) aborted: AtomicUsize,
}

impl Memory {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn hold(&self, bytes: &[u8]) -> ShardRoot {
        let root = root_of(bytes);
        self.shards.lock().unwrap().insert(root, bytes.to_vec());
        root
    }

    fn check(&self) -> Result<(), Refusal> {
        self.refusal.lock().unwrap().map_or(Ok(()), Err)
    }

    fn shard(&self, root: ShardRoot) -> Result<Vec<u8>, Refusal> {
        self.check()?;
        let shards = self.shards.lock().unwrap();
        shards.get(&root).cloned().ok_or(Refusal::UnknownShard)
    }
}

/// Newtype, because the service needs the shared pointer for its sinks.
pub(crate) struct Service(pub(crate) Arc<Memory>);

struct Sink {
    memory: Arc<Memory>,
    bytes: Vec<u8>,
    finished: bool,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.memory.open_sinks.fetch_sub(1, Ordering::SeqCst);
        if !self.finished {
            self.memory.aborted.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[async_trait]
impl ShardSink for Sink {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Refusal> {
        self.bytes.extend_from_slice(&chunk);
        match *self.memory.full_at.lock().unwrap() {
            Some(full) if self.bytes.len() > full => Err(Refusal::DiskFull),
            _ => Ok(()),
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<StoredShard, Refusal> {
        self.finished = true;
        let root = self.memory.hold(&self.bytes);
        Ok(StoredShard {
            root,
            signature: signature_of(&root),
        })
    }
}

#[async_trait]
impl ShardService for Service {
    async fn put(&self, _: PeerId, _: PutRequest) -> Result<Box<dyn ShardSink>, Refusal> {
        self.0.check()?;
        self.0.open_sinks.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Sink {
            memory: self.0.clone(),
            bytes: Vec::new(),
            finished: false,
        }))
    }

    async fn get(
        &self,
        _: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Refusal> {
        assert!(!self.0.panics.load(Ordering::SeqCst), "a test asked for it");
        let shard = self.0.shard(root)?;
        let (offset, len) = (offset as usize, len as usize);
        let end = offset + len;
        if end > shard.len() {
            return Err(Refusal::OutOfRange);
        }
        let end = end
            .saturating_sub(self.0.cut.load(Ordering::SeqCst))
            .max(offset);
        Ok(Box::new(Cursor::new(shard[offset..end].to_vec())))
    }

    async fn leaves(
        &self,
        _: PeerId,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, Refusal> {
        if self.0.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let shard = self.0.shard(root)?;
        indices
            .iter()
            .map(|index| {
                let start = usize::from(*index) * LEAF_BYTES;
                let leaf = shard
                    .get(start..start + LEAF_BYTES)
                    .ok_or(Refusal::OutOfRange)?;
                Ok(LeafAnswer {
                    leaf: Box::new(leaf.try_into().unwrap()),
                    path: Box::new([index.to_le_bytes()[0]; PATH_BYTES]),
                })
            })
            .collect()
    }
}

/// Not Poseidon2, but enough to tell shards apart.
pub(crate) fn root_of(bytes: &[u8]) -> ShardRoot {
    let mut root = [0; 32];
    for (lane, part) in root.chunks_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (lane, bytes).hash(&mut hasher);
        part.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    ShardRoot(root)
}

pub(crate) fn signature_of(root: &ShardRoot) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&root.0);
    signature
}

/// Bytes of a shard that no other seed gives.
pub(crate) fn shard(class: u8, seed: u64) -> Vec<u8> {
    let len = ShardClass::new(class).unwrap().shard_bytes();
    (0..len / 8)
        .flat_map(|i| (i ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
        .collect()
}

pub(crate) fn put_request(class: u8) -> PutRequest {
    let class = ShardClass::new(class).unwrap();
    PutRequest {
        reservation: ReservationId(7),
        slot: SlotIndex::new(3).unwrap(),
        class,
        len: class.shard_bytes(),
        owner: [1; 32],
        signature: [2; 64],
    }
}

/// The default limits, with times that suit tests.
pub(crate) fn limits() -> Limits {
    Limits {
        redial_first: Duration::from_millis(100),
        redial_longest: Duration::from_millis(500),
        ..Limits::default()
    }
}

pub(crate) const TCP: &str = "/ip4/127.0.0.1/tcp/0";
pub(crate) const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

pub(crate) async fn start(
    identity: Identity,
    listen: &[&str],
    bootnodes: Vec<Multiaddr>,
    limits: Limits,
    memory: Option<&Arc<Memory>>,
) -> Swarm {
    let options = SwarmOptions {
        identity,
        listen: listen.iter().map(|text| text.parse().unwrap()).collect(),
        bootnodes,
        limits,
    };
    let service = memory.map(|memory| Arc::new(Service(memory.clone())) as Arc<dyn ShardService>);
    Swarm::start(options, service).await.unwrap()
}

/// A storage node.
pub(crate) async fn node(listen: &str, limits: Limits, memory: &Arc<Memory>) -> Swarm {
    start(
        Identity::generate(),
        &[listen],
        vec![],
        limits,
        Some(memory),
    )
    .await
}

/// A client that knows where `node` is.
pub(crate) async fn client_of(node: &Swarm) -> Swarm {
    let client = start(Identity::generate(), &[], vec![], limits(), None).await;
    introduce(&client, node).await;
    client
}

pub(crate) async fn introduce(client: &Swarm, node: &Swarm) {
    for address in node.listen_addresses() {
        client.add_address(node.peer_id(), address).await.unwrap();
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "{what} did not come about"
    );
}
