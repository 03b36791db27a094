//! The node's side of the shard protocol: uploads are taken, shards and leaves are handed out.

use std::sync::Arc;

use async_trait::async_trait;
use codec::Encode;
use neurostore_primitives::ShardRoot;
use neurostore_swarm::{LeafAnswer, PeerId, PutRequest, Refusal, ShardService, ShardSink};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{
    context::Context,
    refusal::{self, blocking},
    store::{ReadError, Store},
    uploads::Uploads,
};

/// Serves the shards of a node.
pub(crate) struct NodeShards {
    context: Arc<Context>,
    uploads: Uploads,
}

impl NodeShards {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self {
            uploads: Uploads::new(Arc::clone(&context)),
            context,
        }
    }

    /// Reads from the store; refusals are counted.
    async fn read<T: Send + 'static>(
        &self,
        root: ShardRoot,
        work: impl FnOnce(&Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = self.context.store.clone();
        let read = blocking(move || work(&store)).await;
        self.told(read.and_then(|read| read.map_err(|error| refusal::of_read(&root, &error))))
    }

    fn told<T>(&self, answer: Result<T, Refusal>) -> Result<T, Refusal> {
        if let Err(reason) = &answer {
            self.context.metrics.refused(*reason);
        }
        answer
    }
}

#[async_trait]
impl ShardService for NodeShards {
    async fn put(&self, from: PeerId, request: PutRequest) -> Result<Box<dyn ShardSink>, Refusal> {
        let accepted = self.uploads.accept(from, &request).await;
        if let Err(reason) = &accepted {
            tracing::debug!(
                %from, reservation = %request.reservation, slot = %request.slot, %reason,
                "an upload is refused"
            );
        }
        self.told(accepted)
    }

    async fn get(
        &self,
        _from: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Refusal> {
        let opened = self.read(root, move |store| store.range(&root, offset, len));
        let (file, len) = opened.await?.into_parts();
        self.context.metrics.reads.inc();
        Ok(Box::new(tokio::fs::File::from_std(file).take(len)))
    }

    async fn leaves(
        &self,
        _from: PeerId,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, Refusal> {
        let indices = indices.to_vec();
        let read = self.read(root, move |store| store.leaves(&root, &indices));
        let leaves = read.await?;
        self.context.metrics.leaf_reads.inc();
        leaves
            .into_iter()
            .map(|leaf| {
                let path: Box<[u8]> = leaf.path.encode().into();
                let path = path.try_into().map_err(|_| Refusal::Failed)?;
                Ok(LeafAnswer {
                    leaf: leaf.leaf,
                    path,
                })
            })
            .collect()
    }
}
