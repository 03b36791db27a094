//! One connection's side of the shard protocol.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{ready, Ready},
    task::{Context, Poll},
};

use libp2p::{
    core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
    swarm::{
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
        },
        ConnectionHandler, ConnectionHandlerEvent, Stream, StreamProtocol, StreamUpgradeError,
        SubstreamProtocol,
    },
    PeerId,
};

use super::{Inbound, OpenError, Reply, Serving};
use crate::{admission::Verdict, limits::NEGOTIATION, message::SHARD_PROTOCOL};

/// Negotiates the shard protocol, or nothing at all, and gives the raw substream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upgrade {
    offered: bool,
}

impl UpgradeInfo for Upgrade {
    type Info = StreamProtocol;
    type InfoIter = Option<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.offered.then(|| StreamProtocol::new(SHARD_PROTOCOL))
    }
}

impl InboundUpgrade<Stream> for Upgrade {
    type Output = Stream;
    type Error = Infallible;
    type Future = Ready<Result<Stream, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, _: Self::Info) -> Self::Future {
        ready(Ok(stream))
    }
}

impl OutboundUpgrade<Stream> for Upgrade {
    type Output = Stream;
    type Error = Infallible;
    type Future = Ready<Result<Stream, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, _: Self::Info) -> Self::Future {
        ready(Ok(stream))
    }
}

/// The handler of one connection.
pub(crate) struct Handler {
    peer: PeerId,
    serving: Option<Serving>,
    to_open: VecDeque<Reply>,
}

impl Handler {
    pub(super) fn new(peer: PeerId, serving: Option<Serving>) -> Self {
        Self {
            peer,
            serving,
            to_open: VecDeque::new(),
        }
    }

    fn accept(&self, stream: Stream) {
        let Some(serving) = &self.serving else {
            return;
        };
        let verdict = serving.admission.judge(self.peer);
        if matches!(verdict, Verdict::Reset) {
            return;
        }
        let inbound = Inbound {
            peer: self.peer,
            stream,
            verdict,
        };
        // The queue has a place for every permit, so this fails at shutdown only.
        if serving.inbound.try_send(inbound).is_err() {
            tracing::debug!(peer = %self.peer, "substream dropped: nobody serves any more");
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Reply;
    type ToBehaviour = Infallible;
    type InboundProtocol = Upgrade;
    type OutboundProtocol = Upgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Reply;

    fn listen_protocol(&self) -> SubstreamProtocol<Upgrade> {
        let offered = self.serving.is_some();
        SubstreamProtocol::new(Upgrade { offered }, ())
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Upgrade, Reply, Infallible>> {
        while let Some(reply) = self.to_open.pop_front() {
            if reply.is_closed() {
                continue;
            }
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Upgrade { offered: true }, reply)
                    .with_timeout(NEGOTIATION),
            });
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, reply: Reply) {
        self.to_open.push_back(reply);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Upgrade, Upgrade, (), Reply>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: stream,
                ..
            }) => self.accept(stream),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: reply,
            }) => {
                // Nobody waits any more where this fails; the substream is dropped with it.
                let _ = reply.send(Ok(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, info: reply }) => {
                let error = match error {
                    StreamUpgradeError::Timeout => {
                        OpenError::Broken("the negotiation took too long".into())
                    }
                    StreamUpgradeError::NegotiationFailed => OpenError::Unsupported,
                    StreamUpgradeError::Io(error) => OpenError::Broken(error.to_string()),
                    StreamUpgradeError::Apply(never) => match never {},
                };
                let _ = reply.send(Err(error));
            }
            _ => {}
        }
    }
}
