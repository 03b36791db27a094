//! The addresses we know of peers, beside those in the routing table.

use std::collections::{HashMap, HashSet, VecDeque};

use libp2p::{Multiaddr, PeerId};

use crate::limits::{MAX_ADDRESSES, MAX_KNOWN_PEERS, MAX_WORKED_ADDRESSES};

/// How we know that an address is a peer's, the best way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// It led to the peer.
    Worked,
    /// The peer itself named it, or our own program.
    Named,
    /// Others say so.
    Heard,
}

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
    /// Ordered by origin, and the latest first among those of one origin.
    addresses: VecDeque<(Multiaddr, Origin)>,
    touched: u64,
}

impl Entry {
    /// Puts an address before the others of its origin. What is known in a better way stays.
    fn note(&mut self, address: Multiaddr, origin: Origin) {
        let known = self
            .addresses
            .iter()
            .position(|(known, _)| *known == address);
        if let Some((_, before)) = known.and_then(|at| self.addresses.get(at)) {
            if *before < origin {
                return;
            }
        }
        self.addresses.retain(|(known, _)| *known != address);
        let place = self.addresses.partition_point(|(_, other)| *other < origin);
        self.addresses.insert(place, (address, origin));
        // One more that worked makes room for what the peer names next.
        if let Some((_, origin)) = self.addresses.get_mut(MAX_WORKED_ADDRESSES) {
            *origin = (*origin).max(Origin::Named);
        }
        self.addresses.truncate(MAX_ADDRESSES);
    }
}

impl Book {
    /// Notes an address of the peer: what others say never displaces what the peer says, and
    /// neither what worked.
    pub(super) fn note(&mut self, peer: PeerId, address: Multiaddr, origin: Origin) {
        self.clock = self.clock.saturating_add(1);
        if !self.entries.contains_key(&peer) && self.entries.len() >= MAX_KNOWN_PEERS {
            self.forget_oldest();
        }
        let entry = self.entries.entry(peer).or_default();
        entry.touched = self.clock;
        entry.note(address, origin);
    }

    /// Never forgets `peer`, however many others come.
    pub(super) fn keep(&mut self, peer: PeerId) {
        self.kept.insert(peer);
    }

    /// What is known of `peer`, best first.
    pub(super) fn addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        self.entries
            .get(peer)
            .map(|entry| &entry.addresses)
            .into_iter()
            .flatten()
            .map(|(address, _)| address.clone())
            .collect()
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
            book.note(peer, address(port), Origin::Named);
        }
        book.note(peer, address(30), Origin::Named);
        let addresses = book.addresses(&peer);
        assert_eq!(addresses.len(), MAX_ADDRESSES);
        assert_eq!(addresses[0], address(30));
        assert_eq!(addresses[1], address(40));
    }

    #[test]
    fn what_others_say_displaces_neither_what_worked_nor_what_the_peer_says() {
        let mut book = Book::default();
        let peer = PeerId::random();
        book.note(peer, address(1), Origin::Worked);
        book.note(peer, address(2), Origin::Named);
        for port in 100..200 {
            book.note(peer, address(port), Origin::Heard);
        }
        // Heard again, it is still what it was.
        book.note(peer, address(1), Origin::Heard);
        let addresses = book.addresses(&peer);
        assert_eq!(addresses.len(), MAX_ADDRESSES);
        assert_eq!(addresses[..3], [address(1), address(2), address(199)]);
        // What was heard and then worked comes first.
        book.note(peer, address(199), Origin::Worked);
        assert_eq!(book.addresses(&peer)[..2], [address(199), address(1)]);
    }

    #[test]
    fn old_addresses_that_worked_leave_room_for_new_ones() {
        let mut book = Book::default();
        let peer = PeerId::random();
        for port in 1..=40 {
            book.note(peer, address(port), Origin::Worked);
        }
        book.note(peer, address(50), Origin::Named);
        let addresses = book.addresses(&peer);
        assert_eq!(addresses.len(), MAX_ADDRESSES);
        assert_eq!(addresses[0], address(40));
        assert_eq!(addresses[MAX_WORKED_ADDRESSES], address(50));
    }

    #[test]
    fn kept_peers_survive_any_number_of_strangers() {
        let mut book = Book::default();
        let kept = PeerId::random();
        book.keep(kept);
        book.note(kept, address(1), Origin::Worked);
        for _ in 0..MAX_KNOWN_PEERS + 10 {
            book.note(PeerId::random(), address(2), Origin::Heard);
        }
        assert_eq!(book.addresses(&kept), [address(1)]);
        assert_eq!(book.entries.len(), MAX_KNOWN_PEERS);
    }
}
