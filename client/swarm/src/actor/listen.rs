//! Binding our own addresses.

use std::collections::HashMap;

use futures::StreamExt;
use libp2p::{core::transport::ListenerId, swarm::SwarmEvent, Multiaddr};
use tokio::net::TcpListener;

use super::Actor;
use crate::{address::socket_address, error::StartError};

impl Actor {
    /// Listens on every address and waits until each is bound.
    pub(super) async fn listen(&mut self, listen: Vec<Multiaddr>) -> Result<(), StartError> {
        let refused = |address: &Multiaddr, reason: &dyn ToString| StartError::Listen {
            address: address.clone(),
            reason: reason.to_string(),
        };
        let mut missing: HashMap<ListenerId, Multiaddr> = HashMap::new();
        for address in listen {
            port_is_free(&address)
                .await
                .map_err(|error| refused(&address, &error))?;
            let id = self
                .swarm
                .listen_on(address.clone())
                .map_err(|error| refused(&address, &error))?;
            missing.insert(id, address);
        }
        let deadline = tokio::time::sleep(self.limits.connect);
        tokio::pin!(deadline);
        while !missing.is_empty() {
            let event = tokio::select! {
                event = self.swarm.select_next_some() => event,
                () = &mut deadline => {
                    return match missing.values().next() {
                        Some(address) => Err(refused(address, &"the system gave no answer")),
                        None => Ok(()),
                    };
                }
            };
            match &event {
                SwarmEvent::NewListenAddr { listener_id, .. } => {
                    missing.remove(listener_id);
                }
                SwarmEvent::ListenerClosed {
                    listener_id,
                    reason,
                    ..
                } => {
                    if let Some(address) = missing.remove(listener_id) {
                        let reason = match reason {
                            Ok(()) => "closed at once".to_string(),
                            Err(error) => error.to_string(),
                        };
                        return Err(refused(&address, &reason));
                    }
                }
                _ => {}
            }
            self.on_event(event);
        }
        Ok(())
    }
}

/// libp2p shares its TCP ports, as hole punching needs; two nodes that are started with the same
/// port by mistake would each get half of the connections. Binding once without sharing finds
/// that out.
async fn port_is_free(address: &Multiaddr) -> std::io::Result<()> {
    match socket_address(address) {
        Some(socket) if socket.port() != 0 => TcpListener::bind(socket).await.map(drop),
        _ => Ok(()),
    }
}
