//! Uploads whose reservation the chain's endpoint may only hear of late.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use neurostore_swarm::PeerId;

/// Uploads that wait at the same time: anybody may name a reservation that nobody has heard of.
const MOST: usize = 64;
/// Those of one peer among them.
const MOST_OF_PEER: usize = 2;

/// How many uploads of each peer wait.
#[derive(Clone, Default)]
pub(super) struct LateUploads(Arc<Mutex<HashMap<PeerId, usize>>>);

/// The right to wait; given back when dropped.
pub(super) struct Waiting {
    all: LateUploads,
    peer: PeerId,
}

impl LateUploads {
    /// The right to wait, where the peer and all peers together have some left.
    pub(super) fn wait(&self, peer: PeerId) -> Option<Waiting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = waiting.values().sum();
        let of_peer = waiting.get(&peer).copied().unwrap_or_default();
        if all >= MOST || of_peer >= MOST_OF_PEER {
            return None;
        }
        waiting.insert(peer, of_peer.saturating_add(1));
        Some(Waiting {
            all: self.clone(),
            peer,
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = waiting
            .get(&self.peer)
            .map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            waiting.remove(&self.peer);
        } else {
            waiting.insert(self.peer, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_waits_twice_and_again_when_one_wait_is_over() {
        let (late, peer) = (LateUploads::default(), PeerId::random());
        let first = late.wait(peer).unwrap();
        let _second = late.wait(peer).unwrap();
        assert!(late.wait(peer).is_none());
        assert!(late.wait(PeerId::random()).is_some());
        drop(first);
        assert!(late.wait(peer).is_some());
    }

    #[test]
    fn all_peers_together_are_bounded_and_leave_nothing_behind() {
        let late = LateUploads::default();
        let waiting: Vec<_> = (0..MOST)
            .map(|_| late.wait(PeerId::random()).unwrap())
            .collect();
        assert!(late.wait(PeerId::random()).is_none());
        drop(waiting);
        assert!(late.0.lock().unwrap().is_empty());
    }
}
