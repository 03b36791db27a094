//! What a storage node does with what the swarm brings.

use async_trait::async_trait;
use bytes::Bytes;
use libp2p::PeerId;
use neurostore_primitives::ShardRoot;
use tokio::io::AsyncRead;

use crate::{
    message::{LeafAnswer, PutRequest, StoredShard},
    refusal::Refusal,
};

/// The storage behind the shard protocol.
///
/// The swarm has checked what can be checked without it: lengths fit the class, ranges lie within
/// the largest shard, at most sixteen leaves are asked for, the peer keeps its limits. Each call
/// has a deadline ([`crate::Limits`]) after which its future is dropped.
#[async_trait]
pub trait ShardService: Send + Sync + 'static {
    /// Whether the shard will be taken. Called before the first byte flows.
    async fn put(&self, from: PeerId, request: PutRequest) -> Result<Box<dyn ShardSink>, Refusal>;

    /// The bytes `offset..offset + len` of the shard `root`; the reader must give all of them.
    async fn get(
        &self,
        from: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Refusal>;

    /// Leaves of the shard `root` with their paths, in the order of `indices`.
    async fn leaves(
        &self,
        from: PeerId,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, Refusal>;
}

/// One upload on its way to the disk. Dropping it aborts the upload.
#[async_trait]
pub trait ShardSink: Send {
    /// Takes the next bytes. The network is read on only when this returns, so a slow disk slows
    /// the sender.
    async fn write(&mut self, chunk: Bytes) -> Result<(), Refusal>;

    /// All bytes came: makes them durable and signs for them.
    async fn finish(self: Box<Self>) -> Result<StoredShard, Refusal>;
}
