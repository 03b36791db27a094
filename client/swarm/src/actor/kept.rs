//! The peers that stay connected: bootnodes and whom the caller named.

use std::{collections::HashMap, time::Duration};

use libp2p::PeerId;
use tokio::time::Instant;

use crate::limits::{Limits, MAX_KEPT_PEERS};

/// When each kept peer may be dialled again.
#[derive(Debug)]
pub(super) struct Kept {
    first: Duration,
    longest: Duration,
    peers: HashMap<PeerId, Redial>,
}

#[derive(Debug)]
struct Redial {
    at: Instant,
    pause: Duration,
    is_bootnode: bool,
}

impl Kept {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            first: limits.redial_first,
            longest: limits.redial_longest,
            peers: HashMap::new(),
        }
    }

    /// Keeps `peer`; false where no place is left.
    pub(super) fn keep(&mut self, peer: PeerId, is_bootnode: bool) -> bool {
        if self.peers.len() >= MAX_KEPT_PEERS && !self.peers.contains_key(&peer) {
            return false;
        }
        let entry = self.peers.entry(peer).or_insert_with(|| Redial {
            at: Instant::now(),
            pause: self.first,
            is_bootnode,
        });
        entry.is_bootnode |= is_bootnode;
        true
    }

    pub(super) fn is_bootnode(&self, peer: &PeerId) -> bool {
        self.peers.get(peer).is_some_and(|kept| kept.is_bootnode)
    }

    /// The connection stands: the next loss is answered quickly.
    pub(super) fn connected(&mut self, peer: &PeerId) {
        if let Some(kept) = self.peers.get_mut(peer) {
            kept.pause = self.first;
            kept.at = Instant::now() + self.first;
        }
    }

    /// The connection was lost.
    pub(super) fn lost(&mut self, peer: &PeerId) {
        self.connected(peer);
    }

    /// A dial failed: the pause doubles, and differs from peer to peer so that a fleet does not
    /// come back in one wave.
    pub(super) fn failed(&mut self, peer: &PeerId, us: &PeerId) {
        let longest = self.longest;
        if let Some(kept) = self.peers.get_mut(peer) {
            kept.pause = kept.pause.saturating_mul(2).min(longest);
            kept.at = Instant::now() + kept.pause.mul_f64(spread(us));
        }
    }

    /// Peers whose pause is over.
    pub(super) fn due(&self) -> Vec<PeerId> {
        let now = Instant::now();
        self.peers
            .iter()
            .filter(|(_, kept)| kept.at <= now)
            .map(|(peer, _)| *peer)
            .collect()
    }
}

/// Between 0.75 and 1, fixed for each peer.
fn spread(us: &PeerId) -> f64 {
    let last = us.to_bytes().last().copied().unwrap_or_default();
    1.0 - f64::from(last) / 1_024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pause_doubles_up_to_the_longest_and_starts_anew_after_success() {
        let limits = Limits {
            redial_first: Duration::from_secs(1),
            redial_longest: Duration::from_secs(8),
            ..Limits::default()
        };
        let mut kept = Kept::new(&limits);
        let (peer, us) = (PeerId::random(), PeerId::random());
        assert!(kept.keep(peer, true));
        assert_eq!(kept.due(), [peer]);
        for pause in [2, 4, 8, 8] {
            kept.failed(&peer, &us);
            assert!(kept.due().is_empty());
            tokio::time::advance(Duration::from_secs(pause) / 2).await;
            assert!(kept.due().is_empty());
            tokio::time::advance(Duration::from_secs(pause) / 2).await;
            assert_eq!(kept.due(), [peer]);
        }
        kept.lost(&peer);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(kept.due(), [peer]);
    }
}
