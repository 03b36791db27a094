//! The asking side of the shard protocol, once a substream is open.

use std::{future::Future, io, pin::pin, time::Duration};

use futures::{
    future::{select, Either},
    AsyncReadExt as _, AsyncWriteExt as _,
};
use libp2p::{swarm::Stream, PeerId};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::timeout,
};

use crate::{
    error::{ShardError, Step},
    frame::{read_frame, write_frame, FrameError},
    limits::{Limits, CHUNK_BYTES},
    message::{Answer, LeafAnswer, PutRequest, Request, StoredShard, MAX_ANSWER_FRAME},
    pace::Pace,
};

/// Who is asked, and how patiently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client<'a> {
    pub(crate) peer: PeerId,
    pub(crate) limits: &'a Limits,
}

impl Client<'_> {
    /// Uploads `request.len` bytes of `body`.
    pub(crate) async fn put(
        &self,
        mut stream: Stream,
        request: PutRequest,
        mut body: impl AsyncRead + Send + Unpin,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<StoredShard, ShardError> {
        let expected = request.len;
        self.request(&mut stream, &Request::Put(request)).await?;
        match self
            .answer(&mut stream, self.limits.answer, Step::Answer)
            .await?
        {
            Answer::Ready => {}
            other => return Err(self.unexpected(other)),
        }

        let (mut reader, mut writer) = stream.split();
        // Runs beside the upload, so that a refusal in its middle is heard at once.
        let mut verdict = Box::pin(read_frame(&mut reader, MAX_ANSWER_FRAME));
        let mut pace = Pace::new(self.limits);
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut sent = 0;
        while sent < expected {
            let left = expected.saturating_sub(sent);
            let want = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
            let chunk = buffer.get_mut(..want).unwrap_or_default();
            let filled = match select(verdict.as_mut(), pin!(read_full(&mut body, chunk))).await {
                Either::Left((early, _)) => Err(early),
                Either::Right((filled, _)) => Ok(filled),
            };
            let got = match filled {
                Ok(filled) => filled.map_err(ShardError::Source)?,
                Err(early) => return Err(self.early(self.decode(early, Step::Body)?)),
            };
            if got < want {
                return Err(ShardError::SourceTooShort {
                    got: sent.saturating_add(got as u64),
                    expected,
                });
            }
            let mut rest = &*chunk;
            while !rest.is_empty() {
                let step = select(verdict.as_mut(), writer.write(rest));
                let outcome = match pace.wait(step).await {
                    Err(_) => return Err(self.too_slow(Step::Body)),
                    Ok(Either::Left((early, _))) => Err(early),
                    Ok(Either::Right((written, _))) => Ok(written),
                };
                let written = match outcome {
                    Ok(Ok(written)) if written > 0 => written,
                    Err(early) => return Err(self.early(self.decode(early, Step::Body)?)),
                    Ok(failed) => {
                        // A refusal may have come together with the end of the stream.
                        let reason = failed.err().map_or("closed".into(), |e| e.to_string());
                        return Err(match timeout(self.limits.frame, verdict).await {
                            Ok(Ok(frame)) => self.early(self.decode(Ok(frame), Step::Body)?),
                            _ => self.broken(Step::Body, reason),
                        });
                    }
                };
                pace.moved(written);
                rest = rest.get(written..).unwrap_or_default();
                sent = sent.saturating_add(written as u64);
                progress(sent);
            }
        }
        // A failure to close shows in the answer.
        let _ = timeout(self.limits.frame, writer.close()).await;
        let frame = self
            .within(self.limits.receipt, Step::Receipt, verdict)
            .await?;
        match self.decode(frame, Step::Receipt)? {
            Answer::Stored(stored) => Ok(stored),
            other => Err(self.unexpected(other)),
        }
    }

    /// Asks for a range; the bytes follow on the stream.
    pub(crate) async fn get(
        &self,
        stream: &mut Stream,
        request: Request,
    ) -> Result<(), ShardError> {
        let Request::Get { len, .. } = request else {
            return Err(self.protocol("only ranges have a body"));
        };
        self.request(stream, &request).await?;
        self.end_of_request(stream).await;
        match self
            .answer(stream, self.limits.answer, Step::Answer)
            .await?
        {
            Answer::Sending { len: announced } if announced == len => Ok(()),
            Answer::Sending { .. } => Err(self.protocol("another length than was asked for")),
            other => Err(self.unexpected(other)),
        }
    }

    /// Asks for leaves.
    pub(crate) async fn leaves(
        &self,
        mut stream: Stream,
        request: Request,
        count: usize,
    ) -> Result<Vec<LeafAnswer>, ShardError> {
        self.request(&mut stream, &request).await?;
        self.end_of_request(&mut stream).await;
        match self
            .answer(&mut stream, self.limits.answer, Step::Answer)
            .await?
        {
            Answer::Leaves(leaves) if leaves.len() == count => Ok(leaves),
            Answer::Leaves(_) => Err(self.protocol("another number of leaves")),
            other => Err(self.unexpected(other)),
        }
    }

    async fn request(&self, stream: &mut Stream, request: &Request) -> Result<(), ShardError> {
        // A node that refuses at once may stop reading before it was asked: its answer decides.
        let sent = self.within(
            self.limits.frame,
            Step::Request,
            write_frame(stream, request),
        );
        if let Err(error) = sent.await? {
            tracing::debug!(peer = %self.peer, %error, "the request was not taken");
        }
        Ok(())
    }

    async fn end_of_request(&self, stream: &mut Stream) {
        // As above: a failure shows in the answer.
        let _ = timeout(self.limits.frame, stream.close()).await;
    }

    async fn answer(
        &self,
        stream: &mut Stream,
        deadline: Duration,
        step: Step,
    ) -> Result<Answer, ShardError> {
        let frame = self
            .within(deadline, step, read_frame(stream, MAX_ANSWER_FRAME))
            .await?;
        self.decode(frame, step)
    }

    fn decode(&self, frame: Result<Vec<u8>, FrameError>, step: Step) -> Result<Answer, ShardError> {
        match frame {
            Ok(frame) => {
                Answer::from_frame(&frame).map_err(|_| self.protocol("an answer that is none"))
            }
            Err(FrameError::Length(_)) => Err(self.protocol("an answer that is too long")),
            Err(FrameError::Io(error)) => Err(self.broken(step, error.to_string())),
        }
    }

    async fn within<T>(
        &self,
        deadline: Duration,
        step: Step,
        future: impl Future<Output = T>,
    ) -> Result<T, ShardError> {
        timeout(deadline, future)
            .await
            .map_err(|_| self.too_slow(step))
    }

    /// An answer that came before the last byte was sent.
    fn early(&self, answer: Answer) -> ShardError {
        match answer {
            Answer::Stored(_) => self.protocol("a receipt before the last byte"),
            other => self.unexpected(other),
        }
    }

    fn unexpected(&self, answer: Answer) -> ShardError {
        match answer {
            Answer::Refused(refusal) => ShardError::Refused(refusal),
            _ => self.protocol("an answer to another request"),
        }
    }

    fn too_slow(&self, step: Step) -> ShardError {
        ShardError::TooSlow {
            peer: self.peer,
            step,
        }
    }

    fn broken(&self, step: Step, reason: String) -> ShardError {
        ShardError::Broken {
            peer: self.peer,
            step,
            reason,
        }
    }

    fn protocol(&self, what: &'static str) -> ShardError {
        ShardError::Protocol {
            peer: self.peer,
            what,
        }
    }
}

/// Reads until the buffer is full or the source ends.
async fn read_full(
    source: &mut (impl AsyncRead + Unpin),
    mut buffer: &mut [u8],
) -> io::Result<usize> {
    let mut total: usize = 0;
    while !buffer.is_empty() {
        let read = source.read(buffer).await?;
        if read == 0 {
            break;
        }
        total = total.saturating_add(read);
        buffer = buffer.get_mut(read..).unwrap_or_default();
    }
    Ok(total)
}
