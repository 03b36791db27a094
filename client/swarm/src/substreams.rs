//! Raw substreams of the shard protocol as a libp2p behaviour.
//!
//! `libp2p-stream` would do the same, but hands inbound substreams over through a queue of one
//! and silently drops what does not fit: two requests that arrive together lose one, and one
//! peer's flood loses everybody's. Here each inbound substream is judged by [`Admission`] where
//! it arrives, and the queue has a place for every permit that exists.

mod handler;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use libp2p::{
    core::{transport::PortUse, Endpoint},
    swarm::{
        ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour,
        NotifyHandler, Stream, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
    Multiaddr, PeerId,
};
use tokio::sync::{mpsc, oneshot};

use crate::admission::{Admission, Verdict};
pub(crate) use handler::Handler;

/// Where the outcome of an attempt to open a substream goes.
pub(crate) type Reply = oneshot::Sender<Result<Stream, OpenError>>;

/// Why no substream was opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// No address of the peer is known.
    NoAddress,
    /// No address of the peer worked.
    Unreachable(String),
    /// The peer does not speak the protocol.
    Unsupported,
    /// The connection broke or was too slow.
    Broken(String),
    /// Too many substreams wait already.
    Overloaded,
}

/// A substream that a peer opened, judged.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) peer: PeerId,
    pub(crate) stream: Stream,
    pub(crate) verdict: Verdict,
}

/// The serving side: absent in swarms that only ask.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) admission: Arc<Admission>,
    pub(crate) inbound: mpsc::Sender<Inbound>,
}

/// The peer is kept out for what it did.
#[derive(Debug, thiserror::Error)]
#[error("the peer broke the protocol and is kept out for a while")]
struct Banned;

/// The behaviour.
pub(crate) struct Behaviour {
    serving: Option<Serving>,
    connections: HashMap<PeerId, Vec<ConnectionId>>,
    requests: VecDeque<(PeerId, ConnectionId, Reply)>,
    waker: Option<Waker>,
}

impl Behaviour {
    pub(crate) fn new(serving: Option<Serving>) -> Self {
        Self {
            serving,
            connections: HashMap::new(),
            requests: VecDeque::new(),
            waker: None,
        }
    }

    /// Opens a substream over the newest connection to `peer`, because an older one may be dead
    /// without our knowing; gives the reply back where there is none.
    pub(crate) fn open(&mut self, peer: PeerId, reply: Reply) -> Result<(), Reply> {
        let Some(connection) = self
            .connections
            .get(&peer)
            .and_then(|connections| connections.last())
        else {
            return Err(reply);
        };
        self.requests.push_back((peer, *connection, reply));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    fn established(&mut self, peer: PeerId, connection: ConnectionId) {
        self.connections.entry(peer).or_default().push(connection);
    }

    fn closed(&mut self, peer: PeerId, connection: ConnectionId) {
        if let Some(connections) = self.connections.get_mut(&peer) {
            connections.retain(|other| *other != connection);
            if connections.is_empty() {
                self.connections.remove(&peer);
            }
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = std::convert::Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        match &self.serving {
            Some(serving) if serving.admission.is_banned(&peer) => {
                Err(ConnectionDenied::new(Banned))
            }
            serving => Ok(Handler::new(peer, serving.clone())),
        }
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(peer, self.serving.clone()))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(event) => {
                self.established(event.peer_id, event.connection_id);
            }
            FromSwarm::ConnectionClosed(ConnectionClosed {
                peer_id,
                connection_id,
                ..
            }) => self.closed(peer_id, connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some((peer_id, connection, reply)) = self.requests.pop_front() {
            return Poll::Ready(ToSwarm::NotifyHandler {
                peer_id,
                handler: NotifyHandler::One(connection),
                event: reply,
            });
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
