//! Nodes in memory for tests, each with a fault of its own.

use std::{
    collections::BTreeMap,
    io::Cursor,
    sync::{Arc, Mutex},
    time::Duration,
};

use codec::Encode;
use neurostore_chain::{AccountId, Segment, Signer, Slot};
use neurostore_poseidon::shard_root;
use neurostore_primitives::{
    receipt_payload, segment_id, NodeId, NodeState, PeerKey, ReservationId, ShardClass, ShardRoot,
    SlotIndex, LEAF_BYTES, TOTAL_SHARDS,
};
use neurostore_swarm::{Identity, LeafAnswer, PutRequest, Refusal, ShardError, StoredShard};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{NodeError, ShardNetwork};

pub(crate) const GENESIS: [u8; 32] = [4; 32];
pub(crate) const RESERVATION: ReservationId = ReservationId(7);

/// What is wrong with a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Refuses for good.
    DiskFull,
    /// Refuses so many times for a passing reason.
    Busy(u32),
    /// Does not know the reservation so many times.
    Behind(u32),
    /// Says that the slot is another node's.
    NotMine,
    /// Gives an upload up that pauses so long.
    Impatient(Duration),
    /// Breaks off after so many bytes.
    BreaksAfter(u64),
    /// Changes a byte of what it stores or sends.
    Corrupts,
    /// Needs so long for everything.
    Slow(Duration),
}

#[derive(Debug, Default)]
struct Node {
    fault: Fault,
    shard: Vec<u8>,
    asked: u32,
}

/// Fifteen nodes, one for each slot.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    nodes: Arc<Mutex<BTreeMap<PeerKey, Node>>>,
    keys: Vec<PeerKey>,
    signers: Vec<Signer>,
}

impl Nodes {
    pub(crate) fn new() -> Self {
        let keys: Vec<PeerKey> = (0..TOTAL_SHARDS)
            .map(|_| Identity::generate().peer_key())
            .collect();
        let nodes = keys.iter().map(|key| (*key, Node::default())).collect();
        let signers = keys.iter().map(|_| Signer::generate().unwrap()).collect();
        Self {
            nodes: Arc::new(Mutex::new(nodes)),
            keys,
            signers,
        }
    }

    pub(crate) fn set(&self, slot: u8, fault: Fault) {
        self.with(self.keys[usize::from(slot)], |node| node.fault = fault);
    }

    /// How often the node was asked for a shard.
    pub(crate) fn asked(&self, slot: u8) -> u32 {
        self.with(self.keys[usize::from(slot)], |node| node.asked)
    }

    pub(crate) fn shard(&self, slot: u8) -> Vec<u8> {
        self.with(self.keys[usize::from(slot)], |node| node.shard.clone())
    }

    pub(crate) fn slots(&self, roots: impl Fn(usize) -> ShardRoot) -> Vec<Slot> {
        SlotIndex::all()
            .map(|slot| Slot {
                slot,
                node: NodeId(u32::from(slot.get()) + 100),
                account: self.account(slot.index()),
                peer_key: self.keys[slot.index()],
                root: roots(slot.index()),
                state: NodeState::Active,
            })
            .collect()
    }

    fn account(&self, index: usize) -> AccountId {
        self.signers[index].account_id()
    }

    /// Puts shards on the nodes and makes the chain's record of them. The roots are not Merkle
    /// roots here: reading never checks them.
    pub(crate) fn fill(
        &self,
        class: ShardClass,
        ciphertext_len: u64,
        shards: Vec<Vec<u8>>,
    ) -> Segment {
        for (key, shard) in self.keys.iter().zip(shards) {
            self.with(*key, |node| node.shard = shard);
        }
        let roots = [ShardRoot([1; 32]); TOTAL_SHARDS];
        Segment {
            id: segment_id(class, ciphertext_len, &roots),
            class,
            ciphertext_len,
            created_at: 1,
            slots: self.slots(|index| roots[index]),
            agreements: Vec::new(),
        }
    }

    fn with<T>(&self, key: PeerKey, use_it: impl FnOnce(&mut Node) -> T) -> T {
        use_it(self.nodes.lock().unwrap().get_mut(&key).unwrap())
    }

    /// Counts the request and fails it where the node's fault says so.
    async fn enter(&self, key: PeerKey) -> Result<Fault, NodeError> {
        let fault = self.with(key, |node| {
            node.asked += 1;
            let fault = node.fault;
            match &mut node.fault {
                Fault::Busy(left @ 1..) | Fault::Behind(left @ 1..) => *left -= 1,
                _ => {}
            }
            fault
        });
        let refusal = match fault {
            Fault::DiskFull => Refusal::DiskFull,
            Fault::Busy(1..) => Refusal::Busy,
            Fault::Behind(1..) => Refusal::NotReserved,
            Fault::NotMine => Refusal::WrongSlot,
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                return Ok(fault);
            }
            _ => return Ok(fault),
        };
        Err(ShardError::Refused(refusal).into())
    }

    fn broken(&self, key: PeerKey) -> ShardError {
        let peer = neurostore_swarm::peer_id_from_key(&key).unwrap();
        ShardError::Truncated {
            peer,
            got: 0,
            expected: 1,
        }
    }
}

impl ShardNetwork for Nodes {
    type Body = Body;

    async fn put(
        &self,
        key: PeerKey,
        request: PutRequest,
        mut body: impl AsyncRead + Send + Unpin,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<StoredShard, NodeError> {
        let fault = self.enter(key).await?;
        let mut shard = Vec::new();
        let mut chunk = vec![0; 10_000];
        while (shard.len() as u64) < request.len {
            let reading = body.read(&mut chunk);
            let read = match fault {
                Fault::Impatient(patience) => tokio::time::timeout(patience, reading)
                    .await
                    .map_err(|_| ShardError::Refused(Refusal::TooSlow))?,
                _ => reading.await,
            };
            let read = read.map_err(ShardError::Source)?;
            assert!(read > 0, "the body ended early");
            shard.extend_from_slice(&chunk[..read]);
            if matches!(fault, Fault::BreaksAfter(bytes) if shard.len() as u64 > bytes) {
                return Err(self.broken(key).into());
            }
            progress(shard.len() as u64);
        }
        if fault == Fault::Corrupts {
            shard
                .iter_mut()
                .step_by(LEAF_BYTES)
                .for_each(|byte| *byte ^= 1);
        }
        let index = self.keys.iter().position(|own| *own == key).unwrap();
        let (root, _) = shard_root(request.class, &shard).unwrap();
        self.with(key, |node| node.shard = shard);
        let payload = receipt_payload(
            &GENESIS,
            request.reservation,
            request.slot,
            request.class,
            &root,
        );
        Ok(StoredShard {
            root,
            signature: self.signers[index].sign(&payload),
        })
    }

    async fn range(
        &self,
        key: PeerKey,
        _: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Body, NodeError> {
        let fault = self.enter(key).await?;
        let shard = self.with(key, |node| node.shard.clone());
        let place = |at: u64| usize::try_from(at).unwrap();
        let mut bytes = shard[place(offset)..place(offset + len)].to_vec();
        let error = match fault {
            Fault::Corrupts => {
                bytes.iter_mut().step_by(100).for_each(|byte| *byte ^= 1);
                None
            }
            Fault::BreaksAfter(count) => {
                bytes.truncate(place(count));
                Some(std::io::Error::other(self.broken(key)))
            }
            _ => None,
        };
        Ok(Body {
            bytes: Cursor::new(bytes),
            error,
        })
    }

    async fn leaves(
        &self,
        key: PeerKey,
        _: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, NodeError> {
        let shard = self.with(key, |node| node.shard.clone());
        let leaves = u32::try_from(shard.len() / LEAF_BYTES).unwrap();
        let class = ShardClass::all()
            .find(|class| class.leaves() == leaves)
            .unwrap();
        let (_, cache) = shard_root(class, &shard).unwrap();
        let answer = |index: &u16| {
            let at = usize::from(*index) * LEAF_BYTES;
            let group = usize::from(index & !15) * LEAF_BYTES;
            let group = &shard[group..shard.len().min(group + 16 * LEAF_BYTES)];
            let path = cache.path(*index, group).unwrap().encode();
            LeafAnswer {
                leaf: Box::new(shard[at..at + LEAF_BYTES].try_into().unwrap()),
                path: Box::new(path.try_into().unwrap()),
            }
        };
        Ok(indices.iter().map(answer).collect())
    }
}

/// Bytes, then perhaps an error.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Cursor<Vec<u8>>,
    error: Option<std::io::Error>,
}

impl AsyncRead for Body {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let this = &mut *self;
        if this.bytes.position() == this.bytes.get_ref().len() as u64 {
            if let Some(error) = this.error.take() {
                return std::task::Poll::Ready(Err(error));
            }
        }
        std::pin::Pin::new(&mut this.bytes).poll_read(cx, buffer)
    }
}
