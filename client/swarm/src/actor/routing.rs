//! The routing table's view of a peer.

use libp2p::{
    kad::{self, store::MemoryStore},
    Multiaddr, PeerId,
};

use crate::address::split_peer;

/// Makes `addresses` all that the routing table has of `peer`. The table itself only ever adds, so
/// a peer that names new addresses all the time would grow it without end.
pub(super) fn replace_addresses(
    kad: &mut kad::Behaviour<MemoryStore>,
    peer: PeerId,
    addresses: &[Multiaddr],
) {
    for address in addresses {
        kad.add_address(&peer, address.clone());
    }
    let stale: Vec<Multiaddr> = known(kad, peer)
        .into_iter()
        .filter(|address| !addresses.contains(&split_peer(address.clone()).0))
        .collect();
    for address in stale {
        kad.remove_address(&peer, &address);
    }
}

fn known(kad: &mut kad::Behaviour<MemoryStore>, peer: PeerId) -> Vec<Multiaddr> {
    let Some(bucket) = kad.kbucket(peer) else {
        return Vec::new();
    };
    bucket
        .iter()
        .filter(|entry| *entry.node.key.preimage() == peer)
        .flat_map(|entry| entry.node.value.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_addresses_of_a_peer_are_forgotten() {
        let us = PeerId::random();
        let mut kad = kad::Behaviour::new(us, MemoryStore::new(us));
        let peer = PeerId::random();
        for port in 1..100 {
            let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
            replace_addresses(&mut kad, peer, std::slice::from_ref(&address));
            let left = known(&mut kad, peer);
            assert_eq!(left, [address.with_p2p(peer).unwrap()]);
        }
    }
}
