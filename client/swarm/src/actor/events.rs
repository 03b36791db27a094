//! What the swarm tells the task.

use libp2p::{
    core::ConnectedPoint,
    identify,
    kad::{self, GetClosestPeersError, GetClosestPeersOk, QueryId, QueryResult},
    ping::{self, Failure},
    swarm::SwarmEvent,
    Multiaddr, PeerId,
};

use super::{book::Origin, describe, routing::replace_addresses, Actor};
use crate::{
    address::{is_dialable, is_loopback, split_peer},
    behaviour::{BehaviourEvent, KAD_PROTOCOL},
    error::FindError,
    limits::MAX_ADDRESSES,
    substreams::OpenError,
};

impl Actor {
    pub(super) fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                let full = self.full(&address);
                tracing::info!(address = %full, "listening");
                self.view.write().listening.insert(full);
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                let full = self.full(&address);
                self.view.write().listening.remove(&full);
            }
            SwarmEvent::ListenerClosed {
                addresses, reason, ..
            } => {
                if let Err(error) = reason {
                    tracing::warn!(%error, "a listener closed");
                }
                let full: Vec<_> = addresses.iter().map(|address| self.full(address)).collect();
                let mut view = self.view.write();
                for address in full {
                    view.listening.remove(&address);
                }
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "a listener reports an error");
            }
            SwarmEvent::ConnectionEstablished {
                peer_id, endpoint, ..
            } => self.on_connected(peer_id, &endpoint),
            SwarmEvent::ConnectionClosed {
                peer_id,
                num_established: 0,
                cause,
                ..
            } => {
                tracing::debug!(peer = %peer_id, ?cause, "disconnected");
                self.view.write().connected.remove(&peer_id);
                self.local.remove(&peer_id);
                self.kept.lost(&peer_id);
            }
            SwarmEvent::OutgoingConnectionError {
                peer_id: Some(peer),
                error,
                ..
            } => {
                let reason = describe(&error);
                tracing::debug!(%peer, %reason, "dial failed");
                let us = *self.swarm.local_peer_id();
                self.kept.failed(&peer, &us);
                if !self.swarm.is_connected(&peer) {
                    for reply in self.waiting.remove(&peer).unwrap_or_default() {
                        let _ = reply.send(Err(OpenError::Unreachable(reason.clone())));
                    }
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                peer_id,
                info,
                ..
            })) => self.on_identified(peer_id, info),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
                peer,
                connection,
                result: Err(Failure::Timeout | Failure::Other { .. }),
            })) => {
                // Comes after the second failure in a row.
                tracing::debug!(%peer, "a connection is dead");
                self.swarm.close_connection(connection);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Kad(kad::Event::OutboundQueryProgressed {
                id,
                result: QueryResult::GetClosestPeers(result),
                step,
                ..
            })) => self.on_closest_peers(id, result, step.last),
            _ => {}
        }
    }

    fn on_connected(&mut self, peer: PeerId, endpoint: &ConnectedPoint) {
        tracing::debug!(%peer, address = %endpoint.get_remote_address(), "connected");
        self.view.write().connected.insert(peer);
        self.kept.connected(&peer);
        if is_loopback(endpoint.get_remote_address()) {
            self.local.insert(peer);
        }
        if let ConnectedPoint::Dialer { address, .. } = endpoint {
            let (plain, _) = split_peer(address.clone());
            self.learn(peer, plain, Origin::Worked);
            self.answer_lookups_of(peer);
        }
        for reply in self.waiting.remove(&peer).unwrap_or_default() {
            if let Err(reply) = self.swarm.behaviour_mut().substreams.open(peer, reply) {
                let _ = reply.send(Err(OpenError::Broken("closed at once".into())));
            }
        }
    }

    /// A peer that is looked for was dialled with success: its address is known, the lookup can
    /// end.
    fn answer_lookups_of(&mut self, peer: PeerId) {
        let done: Vec<QueryId> = self
            .lookups
            .iter()
            .filter(|(_, (sought, _))| *sought == peer)
            .map(|(id, _)| *id)
            .collect();
        for id in done {
            if let Some(mut query) = self.swarm.behaviour_mut().kad.query_mut(&id) {
                query.finish();
            }
            self.answer_lookup(id, true);
        }
    }

    fn answer_lookup(&mut self, id: QueryId, found: bool) {
        let Some((peer, replies)) = self.lookups.remove(&id) else {
            return;
        };
        let addresses = self.book.addresses(&peer);
        for reply in replies {
            let _ = reply.send(if found && !addresses.is_empty() {
                Ok(addresses.clone())
            } else {
                Err(FindError::NotFound(peer))
            });
        }
    }

    fn on_identified(&mut self, peer: PeerId, info: identify::Info) {
        let local = self.local.contains(&peer);
        let addresses = usable(peer, info.listen_addrs, local);
        let answers_lookups = info.protocols.contains(&KAD_PROTOCOL);
        if answers_lookups && !addresses.is_empty() {
            replace_addresses(&mut self.swarm.behaviour_mut().kad, peer, &addresses);
        }
        // The first is the one the peer prefers, so it goes in last.
        for address in addresses.into_iter().rev() {
            self.learn(peer, address, Origin::Named);
        }
        if self.kept.is_bootnode(&peer) {
            // Fails while the table is empty only, and then there is nobody to ask.
            let _ = self.swarm.behaviour_mut().kad.bootstrap();
        }
    }

    fn on_closest_peers(
        &mut self,
        id: QueryId,
        result: Result<GetClosestPeersOk, GetClosestPeersError>,
        is_last: bool,
    ) {
        let peers = match result {
            Ok(found) => found.peers,
            Err(GetClosestPeersError::Timeout { peers, .. }) => peers,
        };
        let Some((sought, _)) = self.lookups.get(&id) else {
            return;
        };
        let sought = *sought;
        let mut found = false;
        for peer in peers.into_iter().filter(|peer| peer.peer_id == sought) {
            for address in usable(sought, peer.addrs, true).into_iter().rev() {
                self.learn(sought, address, Origin::Heard);
                found = true;
            }
        }
        if is_last || found {
            self.answer_lookup(id, found);
        }
    }
}

/// The addresses of `peer` that are worth dialling, without its id at their end.
fn usable(peer: PeerId, addresses: Vec<Multiaddr>, loopback: bool) -> Vec<Multiaddr> {
    addresses
        .into_iter()
        .map(split_peer)
        .filter(|(_, named)| named.is_none_or(|named| named == peer))
        .map(|(address, _)| address)
        .filter(|address| is_dialable(address) && (loopback || !is_loopback(address)))
        .take(MAX_ADDRESSES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_neighbours_may_name_loopback_addresses() {
        let peer = PeerId::random();
        let addresses: Vec<Multiaddr> = [
            "/ip4/127.0.0.1/tcp/1",
            "/ip4/0.0.0.0/tcp/1",
            "/ip4/192.168.1.7/tcp/1",
        ]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
        assert_eq!(usable(peer, addresses.clone(), true).len(), 2);
        assert_eq!(
            usable(peer, addresses, false),
            ["/ip4/192.168.1.7/tcp/1".parse().unwrap()]
        );
    }
}
