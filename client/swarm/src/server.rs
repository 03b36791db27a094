//! The serving side of the shard protocol.

mod get;
mod put;

use std::{future::Future, sync::Arc, time::Duration};

use futures::AsyncWriteExt;
use libp2p::{swarm::Stream, PeerId};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use crate::{
    admission::{Admission, Verdict},
    frame::{read_frame, write_frame, FrameError},
    limits::Limits,
    message::{Answer, Request, MAX_REQUEST_FRAME},
    refusal::Refusal,
    service::ShardService,
    substreams::Inbound,
};

/// Why a request ended without success.
#[derive(Debug)]
enum Failure {
    /// The client is told.
    Refused(Refusal),
    /// The client broke the protocol: it is told, and disconnected.
    Offence(&'static str),
    /// The client is gone or too slow to be told anything.
    Gone(&'static str),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What every request needs.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) service: Arc<dyn ShardService>,
    pub(crate) limits: Limits,
    pub(crate) admission: Arc<Admission>,
}

impl Server {
    /// Serves until nobody can send substreams any more; dropping the future aborts all requests.
    pub(crate) async fn run(self, mut inbound: mpsc::Receiver<Inbound>) {
        let mut requests = JoinSet::new();
        loop {
            tokio::select! {
                next = inbound.recv() => match next {
                    Some(inbound) => {
                        requests.spawn(self.clone().serve(inbound));
                    }
                    None => break,
                },
                Some(ended) = requests.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "the storage service failed in a request");
                    }
                }
            }
        }
    }

    async fn serve(self, inbound: Inbound) {
        let Inbound {
            peer,
            mut stream,
            verdict,
        } = inbound;
        // The permit lives as long as the request.
        let (outcome, _permit) = match verdict {
            Verdict::Serve(permit) => (self.request(peer, &mut stream).await, permit),
            Verdict::Refuse(refusal, permit) => (Err(refusal.into()), permit),
            Verdict::Reset => return,
        };
        match outcome {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(%peer, %refusal, "request refused");
                self.refuse(&mut stream, refusal).await;
            }
            Err(Failure::Offence(what)) => {
                tracing::info!(%peer, what, "the peer broke the protocol");
                self.refuse(&mut stream, Refusal::Malformed).await;
                self.admission.expel(peer);
            }
            Err(Failure::Gone(what)) => tracing::debug!(%peer, what, "request given up"),
        }
    }

    async fn refuse(&self, stream: &mut Stream, refusal: Refusal) {
        let telling = async {
            write_frame(stream, &Answer::Refused(refusal)).await?;
            stream.close().await
        };
        // Whoever does not listen is not told.
        let _ = timeout(self.limits.frame, telling).await;
    }

    async fn request(&self, peer: PeerId, stream: &mut Stream) -> Result<(), Failure> {
        let frame = match timeout(self.limits.frame, read_frame(stream, MAX_REQUEST_FRAME)).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(FrameError::Length(_))) => {
                return Err(Failure::Offence("the request is too long or empty"))
            }
            Ok(Err(FrameError::Io(_))) => return Err(Failure::Gone("no request came")),
            Err(_) => return Err(Failure::Gone("the request came too slowly")),
        };
        let request =
            Request::from_frame(&frame).map_err(|_| Failure::Offence("no such request"))?;
        request.check()?;
        match request {
            Request::Put(put) => self.put(peer, put, stream).await,
            Request::Get { root, offset, len } => self.get(peer, root, offset, len, stream).await,
            Request::Leaves { root, indices } => {
                let leaves = self
                    .ask(
                        self.limits.service,
                        self.service.leaves(peer, root, &indices),
                    )
                    .await?;
                if leaves.len() != indices.len() {
                    tracing::error!("the storage service gave another number of leaves");
                    return Err(Refusal::Failed.into());
                }
                self.answer(stream, &Answer::Leaves(leaves)).await?;
                close(stream, self.limits.frame).await
            }
        }
    }

    /// Asks the service, with a deadline.
    async fn ask<T>(
        &self,
        deadline: Duration,
        answer: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Failure> {
        match timeout(deadline, answer).await {
            Ok(answer) => answer.map_err(Failure::Refused),
            Err(_) => {
                tracing::warn!(?deadline, "the storage service did not answer in time");
                Err(Failure::Refused(Refusal::Busy))
            }
        }
    }

    async fn answer(&self, stream: &mut Stream, answer: &Answer) -> Result<(), Failure> {
        match timeout(self.limits.frame, write_frame(stream, answer)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Failure::Gone("the answer could not be sent")),
        }
    }
}

async fn close(stream: &mut Stream, deadline: Duration) -> Result<(), Failure> {
    match timeout(deadline, stream.close()).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::Gone("the answer was not taken")),
    }
}
