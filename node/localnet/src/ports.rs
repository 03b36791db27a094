//! Which ports of 127.0.0.1 a network uses.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use rand::Rng;

use crate::error::NetworkError;

/// Ports of one member: chain RPC (the daemon's own RPC), chain network, metrics, storage swarm
/// (TCP and UDP), storage status.
const PORTS_OF_A_MEMBER: u16 = 5;
/// Below these begin the ports that the system gives to outgoing connections: a port chosen there
/// could be gone before its process starts.
const LOWEST: u16 = 10_000;
const HIGHEST: u16 = 30_000;
/// Random stretches that are tried before giving up.
const ATTEMPTS: u32 = 50;

/// The ports of one member of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// JSON-RPC: of the chain for a validator, of the storage service for a daemon.
    pub rpc: u16,
    /// The storage service's status page.
    pub status: u16,
    /// The storage swarm, TCP and QUIC.
    pub swarm: u16,
    /// The chain's network.
    pub chain: u16,
    /// The chain's Prometheus metrics.
    pub metrics: u16,
}

impl Ports {
    /// Ports for so many more members than a network has, chosen by chance among the free ones.
    pub fn free(members: u16) -> Result<Vec<Self>, NetworkError> {
        choose(members, None)
    }
}

/// Ports for `members`: from `first` on if that is given, else a free stretch chosen by chance.
pub(crate) fn choose(members: u16, first: Option<u16>) -> Result<Vec<Ports>, NetworkError> {
    if let Some(first) = first {
        let ports = layout(first, members).ok_or(NetworkError::PortTaken(first))?;
        return match first_taken(&ports) {
            Some(taken) => Err(NetworkError::PortTaken(taken)),
            None => Ok(ports),
        };
    }
    let mut random = rand::thread_rng();
    (0..ATTEMPTS)
        .filter_map(|_| layout(random.gen_range(LOWEST..HIGHEST), members))
        .find(|ports| first_taken(ports).is_none())
        .ok_or(NetworkError::NoPorts(
            members.saturating_mul(PORTS_OF_A_MEMBER),
        ))
}

/// The same kind of port of all members stands together: RPC of the first member first.
fn layout(first: u16, members: u16) -> Option<Vec<Ports>> {
    first.checked_add(members.checked_mul(PORTS_OF_A_MEMBER)?)?;
    let port = |kind: u16, member: u16| first + kind * members + member;
    let of = |member| Ports {
        rpc: port(0, member),
        status: port(1, member),
        swarm: port(2, member),
        chain: port(3, member),
        metrics: port(4, member),
    };
    Some((0..members).map(of).collect())
}

fn first_taken(ports: &[Ports]) -> Option<u16> {
    let taken = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err();
    let all = ports
        .iter()
        .flat_map(|p| [p.rpc, p.status, p.swarm, p.chain, p.metrics]);
    let udp_taken = |port: &u16| UdpSocket::bind((Ipv4Addr::LOCALHOST, *port)).is_err();
    all.clone()
        .find(taken)
        .or_else(|| ports.iter().map(|p| p.swarm).find(udp_taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_members_share_a_port() {
        let mut all: Vec<u16> = choose(16, None)
            .unwrap()
            .iter()
            .flat_map(|p| [p.rpc, p.status, p.swarm, p.chain, p.metrics])
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 16 * usize::from(PORTS_OF_A_MEMBER));
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(choose(1, Some(port)), Err(NetworkError::PortTaken(p)) if p == port));
    }

    #[test]
    fn ports_beyond_the_last_one_are_refused() {
        assert!(choose(16, Some(65_530)).is_err());
    }
}
