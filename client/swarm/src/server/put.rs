//! Taking a shard in.

use bytes::Bytes;
use futures::AsyncReadExt;
use libp2p::{swarm::Stream, PeerId};
use tokio::time::timeout;

use super::{close, Failure, Server};
use crate::{
    limits::CHUNK_BYTES,
    message::{Answer, PutRequest},
    pace::Pace,
    refusal::Refusal,
};

impl Server {
    pub(super) async fn put(
        &self,
        peer: PeerId,
        request: PutRequest,
        stream: &mut Stream,
    ) -> Result<(), Failure> {
        let mut left = request.len;
        let mut sink = self
            .ask(self.limits.service, self.service.put(peer, request))
            .await?;
        self.answer(stream, &Answer::Ready).await?;

        let mut pace = Pace::of_upload(&self.limits);
        while left > 0 {
            let chunk = next_chunk(stream, left, &mut pace).await?;
            left = left.saturating_sub(chunk.len() as u64);
            self.ask(self.limits.service, sink.write(chunk)).await?;
        }
        self.expect_end(stream).await?;

        let stored = self.ask(self.limits.finish, sink.finish()).await?;
        self.answer(stream, &Answer::Stored(stored)).await?;
        close(stream, self.limits.frame).await
    }

    /// The client closes its side after the last byte, so that one byte too many is noticed
    /// before anything is stored.
    async fn expect_end(&self, stream: &mut Stream) -> Result<(), Failure> {
        match timeout(self.limits.frame, stream.read(&mut [0; 1])).await {
            Ok(Ok(0)) => Ok(()),
            Ok(Ok(_)) => Err(Failure::Offence("more bytes than announced")),
            Ok(Err(_)) => Err(Failure::Gone("the connection broke after the last byte")),
            Err(_) => Err(Refusal::TooSlow.into()),
        }
    }
}

/// Reads a full chunk, or what is left of the shard.
async fn next_chunk(stream: &mut Stream, left: u64, pace: &mut Pace) -> Result<Bytes, Failure> {
    let len = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
    let mut chunk = vec![0; len];
    let mut rest = chunk.as_mut_slice();
    while !rest.is_empty() {
        let read = match pace.wait(stream.read(rest)).await {
            Ok(Ok(0)) => return Err(Failure::Gone("the upload ended early")),
            Ok(Ok(read)) => read,
            Ok(Err(_)) => return Err(Failure::Gone("the connection broke")),
            Err(_) => return Err(Refusal::TooSlow.into()),
        };
        pace.moved(read);
        rest = rest.get_mut(read..).unwrap_or_default();
    }
    Ok(chunk.into())
}
