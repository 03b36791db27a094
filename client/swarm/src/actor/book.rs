//! The addresses we know of peers, beside those in the routing table.

use std::collections::{HashMap, HashSet, VecDeque};

use libp2p::{Multiaddr, PeerId};

use crate::limits::{MAX_ADDRESSES, MAX_KNOWN_PEERS};

/// Addresses by peer, best first; bounded in both directions.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: HashMap<PeerId, Entry>,
    /// Peers that are never forgotten.
    kept: HashSet<PeerId>,
    clock: u64,
}

#[derive(Debug, Default)]
struct Entry {
    addresses: VecDeque<Multiaddr>,
    touched: u64,
}

impl Book {
    /// Puts an address before all others of the peer.
    pub(super) fn prefer(&mut self, peer: PeerId, address: Multiaddr) {
        self.clock = self.clock.saturating_add(1);
        if !self.entries.contains_key(&peer) && self.entries.len() >= MAX_KNOWN_PEERS {
            self.forget_oldest();
        }
        let entry = self.entries.entry(peer).or_default();
        entry.touched = self.clock;
        entry.addresses.retain(|known| *known != address);
        entry.addresses.push_front(address);
        entry.addresses.truncate(MAX_ADDRESSES);
    }

    /// Never forgets `peer`, however many others come.
    pub(super) fn keep(&mut self, peer: PeerId) {
        self.kept.insert(peer);
    }

    /// What is known of `peer`, best first.
    pub(super) fn addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        self.entries
            .get(peer)
            .map(|entry| entry.addresses.iter().cloned().collect())
            .unwrap_or_default()
    }

    fn forget_oldest(&mut self) {
        let oldest = self
            .entries
            .iter()
            .filter(|(peer, _)| !self.kept.contains(peer))
            .min_by_key(|(_, entry)| entry.touched)
            .map(|(peer, _)| *peer);
        if let Some(peer) = oldest {
            self.entries.remove(&peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: usize) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn the_latest_address_comes_first_and_the_list_stays_short() {
        let mut book = Book::default();
        let peer = PeerId::random();
        for port in 1..=40 {
            book.prefer(peer, address(port));
        }
        book.prefer(peer, address(30));
        let addresses = book.addresses(&peer);
        assert_eq!(addresses.len(), MAX_ADDRESSES);
        assert_eq!(addresses[0], address(30));
        assert_eq!(addresses[1], address(40));
    }

    #[test]
    fn kept_peers_survive_any_number_of_strangers() {
        let mut book = Book::default();
        let kept = PeerId::random();
        book.keep(kept);
        book.prefer(kept, address(1));
        for _ in 0..MAX_KNOWN_PEERS + 10 {
            book.prefer(PeerId::random(), address(2));
        }
        assert_eq!(book.addresses(&kept), [address(1)]);
        assert_eq!(book.entries.len(), MAX_KNOWN_PEERS);
    }
}
