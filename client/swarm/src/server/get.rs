//! Giving bytes of a shard out.

use futures::AsyncWriteExt;
use libp2p::{swarm::Stream, PeerId};
use neurostore_primitives::ShardRoot;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

use super::{close, Failure, Server};
use crate::{limits::CHUNK_BYTES, message::Answer, pace::Pace};

impl Server {
    pub(super) async fn get(
        &self,
        peer: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
        stream: &mut Stream,
    ) -> Result<(), Failure> {
        let mut reader = self
            .ask(
                self.limits.service,
                self.service.get(peer, root, offset, len),
            )
            .await?;
        self.answer(stream, &Answer::Sending { len }).await?;

        let mut pace = Pace::new(&self.limits);
        let capacity = usize::try_from(len).map_or(CHUNK_BYTES, |len| len.min(CHUNK_BYTES));
        let mut buffer = vec![0; capacity];
        let mut left = len;
        while left > 0 {
            let want = usize::try_from(left).map_or(capacity, |left| left.min(capacity));
            let chunk = buffer.get_mut(..want).unwrap_or_default();
            self.fill(&mut reader, chunk, &root).await?;
            send(stream, chunk, &mut pace).await?;
            left = left.saturating_sub(want as u64);
        }
        close(stream, self.limits.frame).await
    }

    /// Reads from the disk. Where that fails nothing can be said any more, because raw bytes
    /// flow: the substream ends early, which the client notices by the length.
    async fn fill(
        &self,
        reader: &mut (dyn AsyncRead + Send + Unpin),
        chunk: &mut [u8],
        root: &ShardRoot,
    ) -> Result<(), Failure> {
        match timeout(self.limits.service, reader.read_exact(chunk)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(%root, %error, "cannot read a shard that was asked for");
                Err(Failure::Gone("the shard could not be read"))
            }
            Err(_) => {
                tracing::error!(%root, "reading a shard takes too long");
                Err(Failure::Gone("the shard could not be read in time"))
            }
        }
    }
}

async fn send(stream: &mut Stream, mut chunk: &[u8], pace: &mut Pace) -> Result<(), Failure> {
    while !chunk.is_empty() {
        let sent = match pace.wait(stream.write(chunk)).await {
            Ok(Ok(0)) | Ok(Err(_)) => return Err(Failure::Gone("the client is gone")),
            Ok(Ok(sent)) => sent,
            Err(_) => return Err(Failure::Gone("the client takes the bytes too slowly")),
        };
        pace.moved(sent);
        chunk = chunk.get(sent..).unwrap_or_default();
    }
    Ok(())
}
