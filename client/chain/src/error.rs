//! What can go wrong between a program and the chain, each with what to do next.

use std::path::PathBuf;

use neurostore_primitives::{DrawError, NodeId, ReservationId};

use crate::names::{calls::CallName, errors::PalletError, Name};

/// Why a question to the chain or a transaction failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No connection to the endpoint.
    #[error(
        "cannot reach the chain at {url}: {reason}. Check that a node is running there, that host \
         and port are right (ws://host:9944 by default), and that no firewall is in between"
    )]
    Unreachable {
        /// The endpoint.
        url: String,
        /// What the connection said.
        reason: String,
    },
    /// The connection stands, but no answer came in time.
    #[error("the chain at {url} did not answer '{what}' within {seconds} s; it may be overloaded")]
    NoAnswer {
        /// The endpoint.
        url: String,
        /// What was asked.
        what: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The endpoint answered with an error.
    #[error("the chain refused '{what}': {reason}")]
    Rpc {
        /// What was asked.
        what: String,
        /// The answer.
        reason: String,
    },
    /// The runtime behind the endpoint does not know what we ask for.
    #[error(
        "the chain does not know '{what}': it is not a NeuroStore chain, or its runtime and this \
         program are of different versions ({reason})"
    )]
    NotSupported {
        /// The runtime API, pallet, call or event.
        what: String,
        /// What was missing.
        reason: String,
    },
    /// An answer has another shape than this program expects.
    #[error(
        "cannot read the chain's answer to '{what}': {reason}. The runtime and this program are of \
         different versions"
    )]
    Undecodable {
        /// What was asked.
        what: String,
        /// Where decoding stopped.
        reason: String,
    },
    /// The account cannot pay.
    #[error("the account has not enough NEURO for this: {reason}")]
    NotEnoughFunds {
        /// What exactly could not be paid.
        reason: String,
    },
    /// The transaction was executed and its pallet refused the call.
    #[error(
        "{} refused the call: {}{}{docs}",
        .error.pallet(),
        .error.name(),
        if .docs.is_empty() { "" } else { ": " }
    )]
    Refused {
        /// The pallet's error.
        error: PalletError,
        /// What the error means, from the chain's metadata.
        docs: String,
    },
    /// The transaction was executed and its call failed, and not by a pallet's own error.
    #[error("The runtime refused the call: {reason}")]
    NotDispatched {
        /// The runtime's words.
        reason: String,
    },
    /// The transaction pool did not take the transaction.
    #[error("the chain did not take the transaction {call}: {reason}")]
    Rejected {
        /// The call.
        call: CallName,
        /// The pool's words.
        reason: String,
    },
    /// The transaction was taken and lost before it reached a block.
    #[error(
        "the transaction {call} was dropped before it reached a block: {reason}. Send it again"
    )]
    Dropped {
        /// The call.
        call: CallName,
        /// The pool's words.
        reason: String,
    },
    /// The transaction did not reach a block in time; it may still.
    #[error(
        "the transaction {call} is in no block after {seconds} s: the chain may have stalled. It \
         may still be included"
    )]
    NotIncluded {
        /// The call.
        call: CallName,
        /// How long we waited.
        seconds: u64,
    },
    /// The connection failed after the transaction was sent, or no block took it in time.
    #[error(
        "{error}. The transaction {call} may have taken effect, or may until block {until} and not \
         later. Look before you repeat it"
    )]
    Unsettled {
        /// The call.
        call: CallName,
        /// The block from which on the transaction is not valid.
        until: u32,
        /// What kept us from knowing.
        error: Box<ChainError>,
    },
    /// The call succeeded, but the event that tells its result is missing.
    #[error("the transaction {call} succeeded without its event {event}")]
    MissingEvent {
        /// The call.
        call: CallName,
        /// The event.
        event: Name,
    },
    /// No nodes could be drawn for a reservation.
    #[error(
        "no nodes could be drawn for reservation {reservation}: {}",
        draw_words(.reason)
    )]
    DrawFailed {
        /// The reservation.
        reservation: ReservationId,
        /// The rule that was in the way.
        reason: DrawError,
    },
    /// The chain does not know the reservation: it ended, or it stood on a fork that was left.
    #[error("reservation {0} does not exist: it was used, cancelled, or its time is over")]
    NoReservation(ReservationId),
    /// The chain does not know the node.
    #[error("node {0} is not registered")]
    NoNode(NodeId),
    /// The chain has no such block, or has thrown its state away.
    #[error("block {0} is not known to the chain's endpoint")]
    NoBlock(u32),
}

impl ChainError {
    /// Whether the same request may succeed later without a change.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::NoAnswer { .. }
                | Self::Dropped { .. }
                | Self::NotIncluded { .. }
                | Self::Unsettled { .. }
        )
    }

    /// The error with which a pallet refused the call; `None` for every other failure.
    pub fn refusal(&self) -> Option<&PalletError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether a pallet refused the call with this error.
    pub fn is_refusal(&self, with: impl Into<PalletError>) -> bool {
        self.refusal() == Some(&with.into())
    }
}

fn draw_words(reason: &DrawError) -> String {
    match reason {
        DrawError::TooLittleCapacity { found } => {
            format!("only {found} nodes have room for a shard of this size")
        }
        DrawError::TooFewOperators { found } => {
            format!("the nodes with room belong to too few operators ({found} slots filled)")
        }
        DrawError::TooFewAnchors { found } => {
            format!("there are too few anchor nodes with room ({found} slots filled)")
        }
    }
}

/// Why a secret could not be read, made or kept. No variant carries the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The file cannot be read.
    #[error("cannot read the key file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the key file {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key must not be overwritten by accident.
    #[error("the key file {0} exists already and is left as it is")]
    Exists(PathBuf),
    /// The text is no secret.
    #[error(
        "not a secret key: expected 64 hexadecimal digits, a mnemonic of 12 to 24 words, or a \
         development key such as //Alice, in the first line"
    )]
    NotASecret,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::errors::PlacementError;

    #[test]
    fn a_refused_connection_names_the_address_and_what_to_check() {
        let error = ChainError::Unreachable {
            url: "ws://127.0.0.1:1".into(),
            reason: "connection refused".into(),
        };
        let text = error.to_string();
        assert!(text.contains("ws://127.0.0.1:1") && text.contains("Check that a node is running"));
        assert!(error.is_transient());
    }

    #[test]
    fn a_refusal_reads_as_pallet_error_and_meaning() {
        let error = ChainError::Refused {
            error: PlacementError::NotDrawn.into(),
            docs: "The nodes are not drawn yet.".into(),
        };
        assert_eq!(
            error.to_string(),
            "Placement refused the call: NotDrawn: The nodes are not drawn yet."
        );
        assert!(error.is_refusal(PlacementError::NotDrawn));
        assert!(!error.is_refusal(PlacementError::NotOwner));
        assert!(!error.is_transient());
    }
}
