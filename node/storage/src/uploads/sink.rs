//! One upload: async on the side of the network, blocking on the side of the disk.
//!
//! A thread of its own hashes and writes; a short queue between the two is the back-pressure.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use neurostore_primitives::{receipt_payload, ShardClass, ShardRoot};
use neurostore_swarm::{Refusal, ShardSink, StoredShard};
use tokio::{
    sync::{mpsc, OwnedSemaphorePermit},
    task::JoinHandle,
};

use super::turn::Turn;
use crate::{
    context::Context,
    refusal::{self, blocking},
    store::{Claim, Intake, IntakeError},
};

/// Chunks that may wait for the disk: at 256 KiB each, one MiB for each upload.
const QUEUE: usize = 4;

enum Piece {
    Bytes(Bytes),
    End,
}

/// What the writing thread came to.
enum Ended {
    Stored(ShardRoot),
    Failed(IntakeError),
    /// The uploader went away.
    Aborted,
}

pub(super) struct UploadSink {
    context: Arc<Context>,
    claim: Claim,
    class: ShardClass,
    pieces: mpsc::Sender<Piece>,
    writer: Option<JoinHandle<Ended>>,
}

impl UploadSink {
    /// Takes room and disk space, and starts the writing thread.
    pub(super) async fn begin(
        context: &Arc<Context>,
        class: ShardClass,
        claim: Claim,
        place: OwnedSemaphorePermit,
        turn: Turn,
    ) -> Result<Self, Refusal> {
        let store = context.store.clone();
        let begun = blocking(move || store.begin(class, claim)).await?;
        let intake = begun.map_err(|error| {
            tracing::warn!(%error, reservation = %claim.reservation, "an upload is refused");
            refusal::of_intake(&error)
        })?;
        let (pieces, waiting) = mpsc::channel(QUEUE);
        context.metrics.uploads_running.inc();
        let writer = tokio::task::spawn_blocking({
            let context = Arc::clone(context);
            move || {
                let ended = write(intake, waiting);
                context.metrics.uploads_running.dec();
                // Held until the disk is done with it, also where the uploader went away.
                drop((place, turn));
                ended
            }
        });
        Ok(Self {
            context: Arc::clone(context),
            claim,
            class,
            pieces,
            writer: Some(writer),
        })
    }

    /// Why the writing thread no longer takes pieces.
    async fn failure(&mut self) -> Refusal {
        let refusal = match self.ended().await {
            Ended::Failed(error) => {
                tracing::warn!(%error, reservation = %self.claim.reservation, "an upload failed");
                refusal::of_intake(&error)
            }
            Ended::Stored(_) | Ended::Aborted => Refusal::Failed,
        };
        self.context.metrics.refused(refusal);
        refusal
    }

    async fn ended(&mut self) -> Ended {
        match self.writer.take() {
            Some(writer) => writer.await.unwrap_or_else(|error| {
                tracing::error!(%error, "an upload's thread ended badly");
                Ended::Aborted
            }),
            None => Ended::Aborted,
        }
    }
}

#[async_trait]
impl ShardSink for UploadSink {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Refusal> {
        match self.pieces.send(Piece::Bytes(chunk)).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure().await),
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<StoredShard, Refusal> {
        if self.pieces.send(Piece::End).await.is_err() {
            return Err(self.failure().await);
        }
        let root = match self.ended().await {
            Ended::Stored(root) => root,
            Ended::Failed(error) => {
                tracing::warn!(%error, reservation = %self.claim.reservation, "an upload failed");
                let refusal = refusal::of_intake(&error);
                self.context.metrics.refused(refusal);
                return Err(refusal);
            }
            Ended::Aborted => return Err(Refusal::Failed),
        };
        // Stored and safe: only now is there anything to sign.
        let chain = self.context.chain().ok_or(Refusal::ChainUnreachable)?;
        let payload = receipt_payload(
            &chain.genesis(),
            self.claim.reservation,
            self.claim.slot,
            self.class,
            &root,
        );
        let signature = self.context.keys.account.sign(&payload);
        self.context.metrics.uploads.inc();
        tracing::info!(
            reservation = %self.claim.reservation, slot = %self.claim.slot, class = %self.class,
            %root, "a shard is stored and receipted"
        );
        Ok(StoredShard { root, signature })
    }
}

fn write(mut intake: Intake, mut waiting: mpsc::Receiver<Piece>) -> Ended {
    loop {
        match waiting.blocking_recv() {
            Some(Piece::Bytes(bytes)) => {
                if let Err(error) = intake.write(&bytes) {
                    return Ended::Failed(error);
                }
            }
            Some(Piece::End) => {
                return match intake.finish() {
                    Ok(root) => Ended::Stored(root),
                    Err(error) => Ended::Failed(error),
                };
            }
            None => return Ended::Aborted,
        }
    }
}
