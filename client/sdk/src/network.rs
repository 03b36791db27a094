//! What an upload or a download needs of the swarm.

#[cfg(test)]
pub(crate) mod memory;

use std::future::Future;

use neurostore_primitives::{PeerKey, ShardRoot};
use neurostore_swarm::{
    peer_id_from_key, LeafAnswer, PeerId, PutRequest, ShardError, StoredShard, Swarm,
};
use tokio::io::AsyncRead;

/// Access to shards on nodes, which are named by the keys that the chain stores.
pub(crate) trait ShardNetwork: Clone + Send + Sync + 'static {
    /// The bytes of a shard as they arrive.
    type Body: AsyncRead + Send + Unpin + 'static;

    /// Uploads a shard.
    fn put(
        &self,
        peer: PeerKey,
        request: PutRequest,
        body: impl AsyncRead + Send + Unpin,
        progress: impl FnMut(u64) + Send,
    ) -> impl Future<Output = Result<StoredShard, NodeError>> + Send;

    /// Asks for a part of a shard.
    fn range(
        &self,
        peer: PeerKey,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> impl Future<Output = Result<Self::Body, NodeError>> + Send;

    /// Asks for leaves with their paths.
    fn leaves(
        &self,
        peer: PeerKey,
        root: ShardRoot,
        indices: &[u16],
    ) -> impl Future<Output = Result<Vec<LeafAnswer>, NodeError>> + Send;
}

/// Why a node did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    /// The key that the chain stores for it is none.
    #[error("the chain knows no valid peer key of this node")]
    NoPeer,
    /// The swarm's answer.
    #[error(transparent)]
    Shard(#[from] ShardError),
}

impl NodeError {
    /// Whether the same request may succeed a little later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::NoPeer => false,
            Self::Shard(ShardError::Refused(refusal)) => refusal.is_temporary(),
            Self::Shard(error) => matches!(
                error,
                ShardError::TooSlow { .. }
                    | ShardError::Broken { .. }
                    | ShardError::Truncated { .. }
                    | ShardError::Overloaded
            ),
        }
    }

    /// How often a node may be asked that answers so. One that nobody knows the way to gets a
    /// second try, because our own way into the network may be a moment old; each try takes as
    /// long as a lookup, so it gets no third.
    pub(crate) fn tries(&self) -> u32 {
        match self {
            Self::Shard(ShardError::NoAddress(_) | ShardError::Unreachable { .. }) => 2,
            error if error.is_temporary() => 3,
            _ => 1,
        }
    }

    /// Whether the fault is ours, so that another node would not help.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self, Self::Shard(error) if !error.is_peers_fault())
    }
}

/// The id behind a key, for people.
pub(crate) fn peer_name(key: &PeerKey) -> String {
    peer_id_from_key(key).map_or_else(|| "no valid peer id".into(), |peer| peer.to_string())
}

fn peer(key: &PeerKey) -> Result<PeerId, NodeError> {
    peer_id_from_key(key).ok_or(NodeError::NoPeer)
}

impl ShardNetwork for Swarm {
    type Body = neurostore_swarm::ShardBody;

    async fn put(
        &self,
        key: PeerKey,
        request: PutRequest,
        body: impl AsyncRead + Send + Unpin,
        progress: impl FnMut(u64) + Send,
    ) -> Result<StoredShard, NodeError> {
        Ok(self.put_shard(peer(&key)?, request, body, progress).await?)
    }

    async fn range(
        &self,
        key: PeerKey,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Self::Body, NodeError> {
        Ok(self.get_range(peer(&key)?, root, offset, len).await?)
    }

    async fn leaves(
        &self,
        key: PeerKey,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, NodeError> {
        Ok(self.get_leaves(peer(&key)?, root, indices).await?)
    }
}
