//! What can go wrong, in words that a person can act on.

use std::{fmt, io};

use libp2p::{Multiaddr, PeerId};

use crate::refusal::Refusal;

/// Why a swarm did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program holds the port, or the address is not one of this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address asked for.
        address: Multiaddr,
        /// What the system said.
        reason: String,
    },
    /// A bootnode's address does not say whose it is.
    #[error("bootnode {0} has no /p2p/<peer id> at its end")]
    Bootnode(Multiaddr),
    /// A transport could not be set up.
    #[error("cannot set up the network: {0}")]
    Transport(String),
}

/// Why an address was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// Nobody can be reached at 0.0.0.0, at an empty address or through an unknown transport.
    #[error("{0} is no address that can be dialled")]
    NotDialable(Multiaddr),
    /// The address ends with the id of somebody else.
    #[error("{address} belongs to another peer than {peer}")]
    OtherPeer {
        /// The peer it was given for.
        peer: PeerId,
        /// The address.
        address: Multiaddr,
    },
    /// The swarm was shut down.
    #[error("the swarm is shut down")]
    ShutDown,
}

/// Why a peer was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nobody whom we asked knows an address at which the peer answers.
    #[error("{0} was not found: nobody asked knows an address at which it answers")]
    NotFound(PeerId),
    /// Too many lookups run already.
    #[error("too many lookups at the same time; try again")]
    Overloaded,
    /// The swarm was shut down.
    #[error("the swarm is shut down")]
    ShutDown,
}

/// A step of a request that has its own deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waiting for a request of our own to the same peer to end.
    Slot,
    /// Dialling and negotiating.
    Connect,
    /// Writing the request.
    Request,
    /// Waiting for the first answer.
    Answer,
    /// Moving the bytes of the shard.
    Body,
    /// Waiting for the receipt.
    Receipt,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slot => "waiting for earlier requests to the same peer",
            Self::Connect => "connecting",
            Self::Request => "sending the request",
            Self::Answer => "waiting for the answer",
            Self::Body => "moving the bytes of the shard",
            Self::Receipt => "waiting for the receipt",
        })
    }
}

/// Why a request to a storage node failed.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// Neither we nor the network know where the peer is.
    #[error("peer {0} is not reachable: no address known")]
    NoAddress(PeerId),
    /// The peer's addresses are known, and none worked.
    #[error("peer {peer} is not reachable: {reason}")]
    Unreachable {
        /// The peer.
        peer: PeerId,
        /// What each dial said.
        reason: String,
    },
    /// The peer is no storage node, or one of another protocol version.
    #[error("peer {0} does not speak the shard protocol of this version")]
    Unsupported(PeerId),
    /// The node refused.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The peer took too long.
    #[error("peer {peer} took too long: {step}")]
    TooSlow {
        /// The peer.
        peer: PeerId,
        /// The step that was under way.
        step: Step,
    },
    /// The connection broke.
    #[error("the connection to {peer} broke while {step}: {reason}")]
    Broken {
        /// The peer.
        peer: PeerId,
        /// The step that was under way.
        step: Step,
        /// What the transport said.
        reason: String,
    },
    /// The peer sent fewer bytes than it announced.
    #[error("peer {peer} sent {got} of {expected} bytes")]
    Truncated {
        /// The peer.
        peer: PeerId,
        /// Bytes that came.
        got: u64,
        /// Bytes that were announced.
        expected: u64,
    },
    /// The peer broke the protocol.
    #[error("peer {peer} broke the protocol: {what}")]
    Protocol {
        /// The peer.
        peer: PeerId,
        /// How.
        what: &'static str,
    },
    /// The bytes to be uploaded could not be read.
    #[error("cannot read the shard to be sent: {0}")]
    Source(#[source] io::Error),
    /// The bytes to be uploaded ended early.
    #[error("the shard to be sent has {got} bytes instead of {expected}")]
    SourceTooShort {
        /// Bytes that were there.
        got: u64,
        /// Bytes that were announced.
        expected: u64,
    },
    /// Too many requests wait for connections.
    #[error("too many requests wait for connections; try again")]
    Overloaded,
    /// The swarm was shut down.
    #[error("the swarm is shut down")]
    ShutDown,
}

impl ShardError {
    /// The error that a [`crate::ShardBody`] put into an [`io::Error`].
    pub fn from_io(error: io::Error) -> Result<Self, io::Error> {
        if !error.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            return Err(error);
        }
        let kind = error.kind();
        match error.into_inner().map(|inner| inner.downcast::<Self>()) {
            Some(Ok(error)) => Ok(*error),
            Some(Err(other)) => Err(io::Error::new(kind, other)),
            None => Err(io::Error::from(kind)),
        }
    }

    /// Whether the peer is at fault in a way that another peer would not be: ask another one.
    pub fn is_peers_fault(&self) -> bool {
        !matches!(
            self,
            Self::Source(_) | Self::SourceTooShort { .. } | Self::ShutDown | Self::Overloaded
        )
    }

    pub(crate) fn into_io(self) -> io::Error {
        let kind = match &self {
            Self::TooSlow { .. } => io::ErrorKind::TimedOut,
            Self::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Self::Protocol { .. } => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::ConnectionReset,
        };
        io::Error::new(kind, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_to_do_about_them() {
        let peer = PeerId::random();
        assert_eq!(
            ShardError::NoAddress(peer).to_string(),
            format!("peer {peer} is not reachable: no address known")
        );
        assert_eq!(
            ShardError::from(Refusal::DiskFull).to_string(),
            "refused: disk full"
        );
    }

    #[test]
    fn a_shard_error_travels_through_an_io_error() {
        let peer = PeerId::random();
        let io = ShardError::Truncated {
            peer,
            got: 1,
            expected: 2,
        }
        .into_io();
        assert_eq!(io.kind(), io::ErrorKind::UnexpectedEof);
        assert!(matches!(
            ShardError::from_io(io),
            Ok(ShardError::Truncated {
                got: 1,
                expected: 2,
                ..
            })
        ));
        let other = io::Error::from(io::ErrorKind::NotFound);
        assert!(ShardError::from_io(other).is_err());
    }
}
