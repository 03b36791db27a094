//! The bytes of a shard as they arrive.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    task::{ready, Context, Poll},
};

use futures::AsyncRead as _;
use libp2p::{swarm::Stream, PeerId};
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::OwnedSemaphorePermit,
    time::{sleep, Instant, Sleep},
};

use crate::{
    error::{ShardError, Step},
    limits::Limits,
    pace::Pace,
};

/// The bytes that a node sends: exactly as many as were asked for, or an error.
///
/// A stream that ends early, breaks or is too slow gives an [`io::Error`] that carries a
/// [`ShardError`] ([`ShardError::from_io`] gets it back). While a body lives it takes one of the
/// places for requests to this peer, so drop it when it is no longer read.
pub struct ShardBody {
    peer: PeerId,
    stream: Stream,
    len: u64,
    left: u64,
    pace: Pace,
    /// When the wait that is under way began, and when patience ends.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    _slot: OwnedSemaphorePermit,
}

impl ShardBody {
    pub(crate) fn new(
        peer: PeerId,
        stream: Stream,
        len: u64,
        limits: &Limits,
        slot: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            peer,
            stream,
            len,
            left: len,
            pace: Pace::new(limits),
            waiting: None,
            _slot: slot,
        }
    }

    /// Number of bytes in all.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Number of bytes that are still to come.
    pub fn remaining(&self) -> u64 {
        self.left
    }

    /// Who sends them.
    pub fn peer(&self) -> PeerId {
        self.peer
    }

    fn too_slow(&self) -> io::Error {
        ShardError::TooSlow {
            peer: self.peer,
            step: Step::Body,
        }
        .into_io()
    }

    /// The peer gives nothing at present: waits no longer than the pace allows.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let patience = self.pace.patience();
            let (begun, alarm) = self
                .waiting
                .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(patience))));
            ready!(alarm.as_mut().poll(cx));
            let waited = begun.elapsed().max(patience);
            self.waiting = None;
            if self.pace.waited(waited).is_err() {
                return Poll::Ready(Err(self.too_slow()));
            }
        }
    }
}

impl AsyncRead for ShardBody {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let want = usize::try_from(this.left)
            .map_or(buffer.remaining(), |left| left.min(buffer.remaining()));
        if want == 0 {
            return Poll::Ready(Ok(()));
        }
        let room = buffer.initialize_unfilled_to(want);
        match Pin::new(&mut this.stream).poll_read(cx, room) {
            Poll::Pending => match this.wait(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => Poll::Pending,
            },
            Poll::Ready(Ok(0)) => Poll::Ready(Err(ShardError::Truncated {
                peer: this.peer,
                got: this.len.saturating_sub(this.left),
                expected: this.len,
            }
            .into_io())),
            Poll::Ready(Ok(read)) => {
                buffer.advance(read);
                this.left = this.left.saturating_sub(read as u64);
                this.pace.moved(read);
                if let Some((begun, _)) = this.waiting.take() {
                    if this.pace.waited(begun.elapsed()).is_err() && this.left > 0 {
                        return Poll::Ready(Err(this.too_slow()));
                    }
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(ShardError::Broken {
                peer: this.peer,
                step: Step::Body,
                reason: error.to_string(),
            }
            .into_io())),
        }
    }
}

impl fmt::Debug for ShardBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardBody")
            .field("peer", &self.peer)
            .field("len", &self.len)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
