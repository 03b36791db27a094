//! Who may have how many substreams served: the guard between connections and the service.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use libp2p::PeerId;
use tokio::{sync::Notify, time::Instant};

use crate::{
    limits::{Limits, MAX_WATCHED_PEERS},
    refusal::Refusal,
};

/// What happens to a new substream.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is served while the permit lives.
    Serve(Permit),
    /// It is told why not.
    Refuse(Refusal, Permit),
    /// It is reset.
    Reset,
}

/// A place among the requests, or among the refusals, that are under way.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    peer: PeerId,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Request,
    Refusal,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut book = self.admission.lock();
        match self.kind {
            Kind::Refusal => book.refusals = book.refusals.saturating_sub(1),
            Kind::Request => {
                book.requests = book.requests.saturating_sub(1);
                if let Some(record) = book.peers.get_mut(&self.peer) {
                    record.running = record.running.saturating_sub(1);
                }
            }
        }
    }
}

/// Counts requests and judges peers.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    book: Mutex<Book>,
    /// Told when a peer must be disconnected.
    pub(crate) expelled: Notify,
}

#[derive(Debug, Default)]
struct Book {
    requests: usize,
    refusals: usize,
    peers: HashMap<PeerId, Record>,
    to_expel: HashSet<PeerId>,
}

#[derive(Debug)]
struct Record {
    running: usize,
    /// Substreams it may still open; below zero it is refused, at minus one burst expelled.
    tokens: f64,
    refilled: Instant,
    banned_until: Option<Instant>,
}

impl Record {
    fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            running: 0,
            tokens: f64::from(limits.stream_burst),
            refilled: now,
            banned_until: None,
        }
    }

    fn refill(&mut self, limits: &Limits, now: Instant) {
        let gained =
            now.duration_since(self.refilled).as_secs_f64() * f64::from(limits.streams_per_second);
        self.tokens = (self.tokens + gained).min(f64::from(limits.stream_burst));
        self.refilled = now;
    }

    fn is_banned(&self, now: Instant) -> bool {
        self.banned_until.is_some_and(|until| now < until)
    }

    fn is_worth_keeping(&mut self, limits: &Limits, now: Instant) -> bool {
        self.refill(limits, now);
        self.running > 0 || self.is_banned(now) || self.tokens < f64::from(limits.stream_burst)
    }
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            book: Mutex::default(),
            expelled: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a substream that `peer` just opened.
    pub(crate) fn judge(self: &Arc<Self>, peer: PeerId) -> Verdict {
        let now = Instant::now();
        let mut guard = self.lock();
        let book = &mut *guard;
        if book.peers.len() >= MAX_WATCHED_PEERS {
            let limits = &self.limits;
            book.peers
                .retain(|_, record| record.is_worth_keeping(limits, now));
        }
        let record = book
            .peers
            .entry(peer)
            .or_insert_with(|| Record::new(&self.limits, now));
        record.refill(&self.limits, now);
        record.tokens -= 1.0;
        if record.is_banned(now) {
            return Verdict::Reset;
        }
        if record.tokens < -f64::from(self.limits.stream_burst) {
            record.banned_until = Some(now + self.limits.ban);
            record.tokens = 0.0;
            book.to_expel.insert(peer);
            self.expelled.notify_one();
            return Verdict::Reset;
        }
        let refusal = if record.tokens < 0.0 {
            Refusal::RateLimited
        } else if record.running >= self.limits.requests_per_peer
            || book.requests >= self.limits.requests
        {
            Refusal::Busy
        } else {
            record.running = record.running.saturating_add(1);
            book.requests = book.requests.saturating_add(1);
            return Verdict::Serve(self.permit(peer, Kind::Request));
        };
        if book.refusals >= self.limits.refusals {
            return Verdict::Reset;
        }
        book.refusals = book.refusals.saturating_add(1);
        Verdict::Refuse(refusal, self.permit(peer, Kind::Refusal))
    }

    fn permit(self: &Arc<Self>, peer: PeerId, kind: Kind) -> Permit {
        Permit {
            admission: self.clone(),
            peer,
            kind,
        }
    }

    /// `peer` broke the protocol: it is disconnected and kept out for a while.
    pub(crate) fn expel(&self, peer: PeerId) {
        let now = Instant::now();
        let mut book = self.lock();
        book.peers
            .entry(peer)
            .or_insert_with(|| Record::new(&self.limits, now))
            .banned_until = Some(now + self.limits.ban);
        book.to_expel.insert(peer);
        drop(book);
        self.expelled.notify_one();
    }

    /// Whether `peer` is kept out at present.
    pub(crate) fn is_banned(&self, peer: &PeerId) -> bool {
        self.lock()
            .peers
            .get(peer)
            .is_some_and(|record| record.is_banned(Instant::now()))
    }

    /// The peers that are to be disconnected now.
    pub(crate) fn take_expelled(&self) -> HashSet<PeerId> {
        std::mem::take(&mut self.lock().to_expel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn limits() -> Limits {
        Limits {
            requests: 3,
            requests_per_peer: 2,
            refusals: 2,
            stream_burst: 10,
            streams_per_second: 1,
            ban: Duration::from_secs(60),
            ..Limits::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_peer_cannot_take_all_places() {
        let admission = Admission::new(limits());
        let (greedy, modest) = (PeerId::random(), PeerId::random());
        let held: Vec<_> = (0..4).map(|_| admission.judge(greedy)).collect();
        assert!(matches!(held[1], Verdict::Serve(_)));
        assert!(matches!(held[2], Verdict::Refuse(Refusal::Busy, _)));
        assert!(matches!(admission.judge(modest), Verdict::Serve(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_free_again_when_its_permit_is_dropped() {
        let admission = Admission::new(limits());
        let peer = PeerId::random();
        for _ in 0..5 {
            assert!(matches!(admission.judge(peer), Verdict::Serve(_)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_substreams_are_refused_then_reset_then_end_in_a_ban() {
        let admission = Admission::new(limits());
        let peer = PeerId::random();
        for _ in 0..10 {
            assert!(matches!(admission.judge(peer), Verdict::Serve(_)));
        }
        let refused: Vec<_> = (0..3).map(|_| admission.judge(peer)).collect();
        assert!(matches!(
            refused[0],
            Verdict::Refuse(Refusal::RateLimited, _)
        ));
        assert!(matches!(refused[2], Verdict::Reset));
        assert!(!admission.is_banned(&peer));
        for _ in 0..8 {
            let _ = admission.judge(peer);
        }
        assert!(admission.is_banned(&peer));
        assert_eq!(admission.take_expelled(), HashSet::from([peer]));

        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(!admission.is_banned(&peer));
        assert!(matches!(admission.judge(peer), Verdict::Serve(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_come_back_with_time() {
        let admission = Admission::new(limits());
        let peer = PeerId::random();
        for _ in 0..11 {
            let _ = admission.judge(peer);
        }
        assert!(matches!(admission.judge(peer), Verdict::Refuse(..)));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(matches!(admission.judge(peer), Verdict::Serve(_)));
    }
}
