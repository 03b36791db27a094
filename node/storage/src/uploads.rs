//! The storage behind the shard protocol: what is taken, for whom, and what is handed out.

mod check;
mod late;
mod sink;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use codec::Encode;
use neurostore_primitives::ShardRoot;
use neurostore_swarm::{LeafAnswer, PeerId, PutRequest, Refusal, ShardService, ShardSink};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::Semaphore,
};

use self::{late::LateUploads, sink::UploadSink};
use crate::{
    context::Context,
    store::{Claim, IntakeError, ReadError},
};

/// The shard service of a node.
pub(crate) struct Uploads {
    context: Arc<Context>,
    places: Arc<Semaphore>,
    late: LateUploads,
    /// Slots whose upload is on its way: one at a time each.
    running: Arc<Mutex<HashSet<Claim>>>,
}

impl Uploads {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let places = context.options.max_uploads.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            context,
            places: Arc::new(Semaphore::new(places)),
            late: LateUploads::default(),
            running: Arc::default(),
        }
    }

    async fn accept(&self, from: PeerId, request: &PutRequest) -> Result<UploadSink, Refusal> {
        // Asked first: a node that cannot store need not ask the chain.
        if self.context.store.read_only().is_some() {
            return Err(Refusal::ReadOnly);
        }
        if self.places.available_permits() == 0 {
            return Err(Refusal::Busy);
        }
        // Places and turns are for those alone whom the chain drew this node for.
        check::may_upload(&self.context, &self.late, from, request).await?;
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refusal::Busy)?;
        let claim = Claim {
            reservation: request.reservation,
            slot: request.slot,
        };
        let turn = Turn::take(&self.running, claim).ok_or(Refusal::Busy)?;
        UploadSink::begin(&self.context, request.class, claim, place, turn).await
    }

    fn told<T>(&self, answer: Result<T, Refusal>) -> Result<T, Refusal> {
        if let Err(reason) = &answer {
            self.context.metrics.refused(*reason);
        }
        answer
    }
}

#[async_trait]
impl ShardService for Uploads {
    async fn put(&self, from: PeerId, request: PutRequest) -> Result<Box<dyn ShardSink>, Refusal> {
        let accepted = self.accept(from, &request).await;
        if let Err(reason) = &accepted {
            tracing::debug!(
                %from, reservation = %request.reservation, slot = %request.slot, %reason,
                "an upload is refused"
            );
        }
        let sink = self.told(accepted)?;
        Ok(Box::new(sink))
    }

    async fn get(
        &self,
        _from: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Refusal> {
        let store = self.context.store.clone();
        let opened = blocking(move || store.range(&root, offset, len)).await;
        let opened = opened.and_then(|opened| opened.map_err(|error| refuse_read(&root, &error)));
        let (file, len) = self.told(opened)?.into_parts();
        self.context.metrics.reads.inc();
        Ok(Box::new(tokio::fs::File::from_std(file).take(len)))
    }

    async fn leaves(
        &self,
        _from: PeerId,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, Refusal> {
        let store = self.context.store.clone();
        let indices = indices.to_vec();
        let read = blocking(move || store.leaves(&root, &indices)).await;
        let read = read.and_then(|read| read.map_err(|error| refuse_read(&root, &error)));
        let leaves = self.told(read)?;
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

/// The right to upload for one slot; given back when dropped.
pub(crate) struct Turn {
    running: Arc<Mutex<HashSet<Claim>>>,
    claim: Claim,
}

impl Turn {
    fn take(running: &Arc<Mutex<HashSet<Claim>>>, claim: Claim) -> Option<Self> {
        let is_free = running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(claim);
        is_free.then(|| Self {
            running: Arc::clone(running),
            claim,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.claim);
    }
}

/// Runs what blocks away from the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a storage thread ended badly");
        Refusal::Failed
    })
}

fn refuse_read(root: &ShardRoot, error: &ReadError) -> Refusal {
    match error {
        ReadError::Unknown => Refusal::UnknownShard,
        ReadError::OutOfRange { .. } => Refusal::OutOfRange,
        ReadError::Damaged(_) => Refusal::Damaged,
        ReadError::Disk(error) => {
            tracing::error!(%root, %error, "a shard could not be read");
            Refusal::Failed
        }
    }
}

pub(crate) fn refuse_intake(error: &IntakeError) -> Refusal {
    match error {
        IntakeError::NoRoom { .. } | IntakeError::DiskFull => Refusal::DiskFull,
        IntakeError::ReadOnly(_) => Refusal::ReadOnly,
        IntakeError::TooLong { .. } | IntakeError::TooShort { .. } => Refusal::WrongLength,
        // The slot's receipt was given for other content: this content has no reservation.
        IntakeError::SlotTaken(_) => Refusal::NotReserved,
        IntakeError::Failed(_) => Refusal::Failed,
    }
}
