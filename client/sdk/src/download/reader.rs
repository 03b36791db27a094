//! The bytes of an object as a stream.

use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use neurostore_format::{Layout, StripeRead, StripeUnits};
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
    task::JoinHandle,
};
use zeroize::Zeroizing;

use super::{decode_error, fetch::StripeFetch, Object, OpenSegment};
use crate::{
    error::GetError,
    limits::{ClientLimits, DECODED_PIECES},
    network::ShardNetwork,
    progress::{Progress, ProgressSink},
    retry::RetryBudget,
};

/// Reads a range of an object. Errors are [`GetError`]s inside [`io::Error`]s:
/// [`GetError::from_io`] gets them back.
#[derive(Debug)]
pub struct ObjectReader {
    pieces: mpsc::Receiver<Result<Bytes, GetError>>,
    task: JoinHandle<()>,
    current: Bytes,
    left: u64,
}

impl ObjectReader {
    pub(crate) fn new(object: Object, range: Range<u64>, progress: ProgressSink) -> Self {
        let left = range.end.saturating_sub(range.start);
        let (sender, pieces) = mpsc::channel(DECODED_PIECES);
        let task = tokio::spawn(async move {
            let output = Output { sender, progress };
            if let Err(Stop::Failed(error)) = read_object(&object, range, &output).await {
                // Nobody listens any more: nobody wants to know.
                let _ = output.sender.send(Err(error)).await;
            }
        });
        Self {
            pieces,
            task,
            current: Bytes::new(),
            left,
        }
    }

    /// Bytes that are still to come.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut reader = client.get(locator).await?;
    /// let size = reader.remaining();
    /// while reader.next_piece().await?.is_some() {
    ///     println!("{} of {size} bytes are still to come", reader.remaining());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn remaining(&self) -> u64 {
        self.left
    }

    /// The next bytes; `None` at the end.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # use sha2::{Digest, Sha256};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut reader = client.get(locator).await?;
    /// let mut hasher = Sha256::new();
    /// while let Some(piece) = reader.next_piece().await? {
    ///     hasher.update(&piece);
    /// }
    /// println!("{}", hex::encode(hasher.finalize()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// - [`GetError::Chain`] and [`GetError::UnknownSegment`] where the chain is asked for the next
    ///   segment and does not answer or does not know it any more.
    /// - [`GetError::NotEnoughShards`] where fewer than ten nodes give their shard of a segment.
    /// - [`GetError::WrongKey`] and [`GetError::Malformed`] where a segment is not what the root
    ///   says.
    /// - [`GetError::Interrupted`] where reading ended without a reason: the runtime is shutting
    ///   down, or the reader was asked again after an error.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, GetError> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, GetError>> {
        if !self.current.is_empty() {
            let piece = std::mem::take(&mut self.current);
            self.left = self.left.saturating_sub(piece.len() as u64);
            return Poll::Ready(Ok(Some(piece)));
        }
        if self.left == 0 {
            return Poll::Ready(Ok(None));
        }
        self.pieces.poll_recv(cx).map(|piece| match piece {
            Some(Ok(piece)) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                Ok(Some(piece))
            }
            Some(Err(error)) => Err(error),
            None => Err(GetError::Interrupted),
        })
    }
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AsyncRead for ObjectReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.current.is_empty() {
            match self.poll_piece(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                Poll::Ready(Ok(None)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(Some(piece))) => {
                    // Counted when it is handed on, below.
                    self.left = self.left.saturating_add(piece.len() as u64);
                    self.current = piece;
                }
            }
        }
        let count = self.current.len().min(buffer.remaining());
        buffer.put_slice(self.current.get(..count).unwrap_or_default());
        self.current.advance(count);
        self.left = self.left.saturating_sub(count as u64);
        Poll::Ready(Ok(()))
    }
}

/// Why reading ends before the last byte.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody takes the bytes any more.
    NobodyListens,
    /// A failure, to be told.
    Failed(GetError),
}

impl From<GetError> for Stop {
    fn from(error: GetError) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Output {
    pub(super) sender: mpsc::Sender<Result<Bytes, GetError>>,
    pub(super) progress: ProgressSink,
}

impl Output {
    async fn give(&self, bytes: Vec<u8>) -> Result<(), Stop> {
        let count = bytes.len() as u64;
        self.sender
            .send(Ok(bytes.into()))
            .await
            .map_err(|_| Stop::NobodyListens)?;
        self.progress.tell(Progress::Downloaded { bytes: count });
        Ok(())
    }
}

/// Reads an index whole: its size is bounded by the format.
pub(crate) async fn read_all(object: &Object, len: u64) -> Result<Zeroizing<Vec<u8>>, GetError> {
    let mut reader = ObjectReader::new(object.clone(), 0..len, ProgressSink::default());
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(len).unwrap_or_default()));
    while let Some(piece) = reader.next_piece().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

async fn read_object(object: &Object, range: Range<u64>, output: &Output) -> Result<(), Stop> {
    let client = object.client();
    let budget = RetryBudget::new(client.limits().retries);
    let (network, limits) = (client.swarm(), client.limits());
    let Some(index) = object.index() else {
        return read_segment(object.root(), range, network, limits, &budget, output).await;
    };
    let root = object.root().record.id;
    let reads: Vec<_> = index
        .read(range)
        .map_err(|error| GetError::malformed(root, error))?
        .collect();
    for read in reads {
        let Some(part) = index.parts().get(read.position) else {
            return Err(GetError::malformed(root, "a part is missing").into());
        };
        let record = client.segment_record(&part.segment).await?;
        let layout = part
            .layout()
            .map_err(|error| GetError::malformed(root, error))?;
        let on_chain = Layout::from_chain(record.class, record.ciphertext_len);
        if on_chain.as_ref() != Ok(&layout) {
            let reason = "its size on the chain is not that of the index";
            return Err(GetError::malformed(part.segment, reason).into());
        }
        let open = OpenSegment::new(record, layout, &part.key, read.place)?;
        read_segment(
            &Arc::new(open),
            read.content,
            network,
            limits,
            &budget,
            output,
        )
        .await?;
    }
    Ok(())
}

/// Reads a range of one segment, stripe by stripe.
pub(super) async fn read_segment<N: ShardNetwork>(
    open: &Arc<OpenSegment>,
    range: Range<u64>,
    network: &N,
    limits: &ClientLimits,
    budget: &RetryBudget,
    output: &Output,
) -> Result<(), Stop> {
    let id = open.record.id;
    let reads: Vec<StripeRead> = open
        .layout
        .read(range)
        .map_err(|error| GetError::malformed(id, error))?
        .collect();
    let Some(end) = reads.last().map(|read| read.stripe().saturating_add(1)) else {
        return Ok(());
    };
    let mut fetch = StripeFetch::new(network, &open.record, &open.layout, limits, budget);
    let mut begun = false;
    for read in reads {
        let known = open.first.as_ref().filter(|_| read.stripe() == 0);
        let mut units: StripeUnits<Bytes> = match known {
            Some(units) => units.clone(),
            None if begun => fetch.next(&read).await?,
            None => {
                begun = true;
                fetch.begin_read(&read, end).await?
            }
        };
        loop {
            match decode(Arc::clone(open), read, units.clone()).await? {
                Ok(decoded) => {
                    fetch.damaged(decoded.bad, read.stripe());
                    output.give(decoded.bytes).await?;
                    break;
                }
                Err(error) => {
                    let problem = decode_error(id, error)?;
                    if !begun {
                        begun = true;
                        fetch.resume(read.stripe(), end);
                    }
                    fetch.repair(&mut units, read.stripe(), problem).await?;
                }
            }
        }
    }
    Ok(())
}

/// Decrypting and rebuilding are work for a processor: done beside the runtime.
async fn decode(
    open: Arc<OpenSegment>,
    read: StripeRead,
    units: StripeUnits<Bytes>,
) -> Result<Result<neurostore_format::Decoded, neurostore_format::DecodeError>, GetError> {
    tokio::task::spawn_blocking(move || open.decoder.decode(&read, &units))
        .await
        .map_err(|_| GetError::Interrupted)
}
