//! Which addresses are worth keeping.

use std::net::{IpAddr, SocketAddr};

use libp2p::{multiaddr::Protocol, Multiaddr, PeerId};

use crate::error::AddressError;

/// Splits `/p2p/<id>` off the end of an address.
pub(crate) fn split_peer(mut address: Multiaddr) -> (Multiaddr, Option<PeerId>) {
    match address.pop() {
        Some(Protocol::P2p(peer)) => (address, Some(peer)),
        Some(other) => (address.with(other), None),
        None => (address, None),
    }
}

/// `address` without the id of `peer` at its end, if it can be dialled at all.
pub(crate) fn dialable(peer: PeerId, address: Multiaddr) -> Result<Multiaddr, AddressError> {
    let (plain, named) = split_peer(address);
    if named.is_some_and(|named| named != peer) {
        return Err(AddressError::OtherPeer {
            peer,
            address: plain,
        });
    }
    if is_dialable(&plain) {
        Ok(plain)
    } else {
        Err(AddressError::NotDialable(plain))
    }
}

/// Whether the address names a host and a transport of ours. 0.0.0.0 and :: name no host.
pub(crate) fn is_dialable(address: &Multiaddr) -> bool {
    let mut parts = address.iter();
    let host = match parts.next() {
        Some(Protocol::Ip4(ip)) => !ip.is_unspecified(),
        Some(Protocol::Ip6(ip)) => !ip.is_unspecified(),
        Some(
            Protocol::Dns(name)
            | Protocol::Dns4(name)
            | Protocol::Dns6(name)
            | Protocol::Dnsaddr(name),
        ) => !name.is_empty(),
        _ => false,
    };
    let transport = match (parts.next(), parts.next()) {
        (Some(Protocol::Tcp(port)), None) => port != 0,
        (Some(Protocol::Udp(port)), Some(Protocol::QuicV1)) => port != 0,
        (None, None) => matches!(address.iter().next(), Some(Protocol::Dnsaddr(_))),
        _ => false,
    };
    host && transport && parts.next().is_none()
}

/// The socket behind a TCP address by number.
pub(crate) fn socket_address(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Ip4(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        (Protocol::Ip6(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        _ => None,
    }
}

/// Whether the address leads to the machine that dials it.
pub(crate) fn is_loopback(address: &Multiaddr) -> bool {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip).is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn loopback_is_usable_and_unspecified_is_not() {
        assert!(is_dialable(&address("/ip4/127.0.0.1/tcp/4001")));
        assert!(is_dialable(&address("/ip4/127.0.0.1/udp/4001/quic-v1")));
        assert!(is_dialable(&address("/dns/node.example/tcp/4001")));
        assert!(!is_dialable(&address("/ip4/0.0.0.0/tcp/4001")));
        assert!(!is_dialable(&address("/ip6/::/tcp/4001")));
        assert!(!is_dialable(&address("/ip4/1.2.3.4/tcp/0")));
        assert!(!is_dialable(&address("/ip4/1.2.3.4/udp/53")));
        assert!(!is_dialable(&address("/ip4/1.2.3.4")));
    }

    #[test]
    fn an_address_of_somebody_else_is_not_taken() {
        let (peer, other) = (PeerId::random(), PeerId::random());
        let plain = address("/ip4/1.2.3.4/tcp/1");
        let of_peer = plain.clone().with(Protocol::P2p(peer));
        assert_eq!(dialable(peer, of_peer.clone()).unwrap(), plain);
        assert!(dialable(other, of_peer).is_err());
    }
}
