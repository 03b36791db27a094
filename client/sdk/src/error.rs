//! Typed errors of each operation. Each says what to do next.

use std::{fmt, io};

use neurostore_chain::ChainError;
use neurostore_format::{EncodeError, HeadError, IndexError, LayoutError, ObjectTooLarge};
use neurostore_primitives::{NodeId, ReservationId, SegmentId, SlotIndex, TOTAL_SHARDS};
use neurostore_swarm::StartError;

use crate::journal::JournalError;

/// Why a client did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The chain is not reachable.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The swarm did not start.
    #[error(transparent)]
    Swarm(#[from] StartError),
    /// A bootnode's address cannot be read.
    #[error("'{0}' is not the address of a storage node: expected /ip4/…/tcp/…/p2p/<peer id>")]
    Bootnode(String),
}

/// A shard that a read could not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingShard {
    /// Its slot.
    pub slot: SlotIndex,
    /// The node that should hold it.
    pub node: NodeId,
    /// The peer id of the node.
    pub peer: String,
    /// What went wrong.
    pub reason: String,
}

/// Too few shards of a segment answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEnoughShards {
    /// The segment.
    pub segment: SegmentId,
    /// Shards that are needed.
    pub needed: usize,
    /// The shards that are missing, in slot order.
    pub missing: Vec<MissingShard>,
}

impl NotEnoughShards {
    /// Shards that answer.
    pub fn reachable(&self) -> usize {
        TOTAL_SHARDS.saturating_sub(self.missing.len())
    }
}

impl fmt::Display for NotEnoughShards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reachable, needed) = (self.reachable(), self.needed);
        write!(
            f,
            "{reachable} of {TOTAL_SHARDS} shards reachable, {needed} needed"
        )?;
        for MissingShard {
            slot,
            node,
            peer,
            reason,
        } in &self.missing
        {
            write!(f, "\n  slot {slot}: node {node} ({peer}): {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NotEnoughShards {}

/// Why an object was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutError {
    /// Nobody to pay.
    #[error("storing needs an account: give the client a signer (for the command: --key-file)")]
    NoSigner,
    /// The object is too large.
    #[error(transparent)]
    TooLarge(#[from] ObjectTooLarge),
    /// The object cannot be read.
    #[error("cannot read what is to be stored: {0}")]
    Source(io::Error),
    /// The chain refused or was not reachable.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Encrypting or coding failed.
    #[error("cannot encode the segment: {0}")]
    Encode(#[from] EncodeError),
    /// The shape of a segment is impossible.
    #[error("cannot lay out the segment: {0}")]
    Layout(#[from] LayoutError),
    /// The index of a large object cannot be made.
    #[error("cannot make the object's index: {0}")]
    Index(#[from] IndexError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A cost cannot be expressed.
    #[error("the chain has no price for {0} windows; try fewer")]
    NoPrice(u32),
    /// Nodes kept failing although they were replaced.
    #[error(
        "{} of {TOTAL_SHARDS} nodes did not store their shard, after {rounds} replacements. Run \
         the same command again to go on from here.{}",
        .failed.len(), list(.failed)
    )]
    NodesFailed {
        /// How often nodes were replaced.
        rounds: u32,
        /// The last failures.
        failed: Vec<MissingShard>,
    },
    /// Forks kept moving the slots to other nodes.
    #[error(
        "forks of the chain kept giving reservation {0} to other nodes. Run the same command again \
         to go on from here, when the chain is calmer"
    )]
    Unsettled(ReservationId),
    /// The fault is in this process.
    #[error("the upload cannot go on: {0}")]
    Local(String),
}

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// The chain was not reachable.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain does not know a segment.
    #[error(
        "the chain knows no segment {0}: its paid time is over, it was deleted, or the locator \
         belongs to another chain"
    )]
    UnknownSegment(SegmentId),
    /// Too few shards answer.
    #[error(transparent)]
    NotEnoughShards(#[from] NotEnoughShards),
    /// The key does not open the segment.
    #[error(
        "the key of the locator does not open segment {0}; was the locator cut off or mixed up?"
    )]
    WrongKey(SegmentId),
    /// The segment is not what the format says.
    #[error("segment {segment} is not a valid part of an object: {reason}")]
    Malformed {
        /// The segment.
        segment: SegmentId,
        /// What is wrong.
        reason: String,
    },
    /// The range is not inside the object.
    #[error("the range {start}..{end} is not inside the object of {size} bytes")]
    Range {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Bytes of the object.
        size: u64,
    },
    /// The bytes could not be handed on.
    #[error("cannot write what was read: {0}")]
    Write(io::Error),
    /// The reader stopped without a reason.
    #[error("the download was interrupted")]
    Interrupted,
}

impl GetError {
    /// The error that an object's reader put into an [`io::Error`].
    ///
    /// Any other one becomes [`GetError::Write`].
    ///
    /// ```no_run
    /// # use neurostore_client::{GetError, ObjectReader};
    /// # async fn example(mut reader: ObjectReader) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Err(error) = tokio::io::copy(&mut reader, &mut tokio::io::sink()).await {
    ///     match GetError::from_io(error) {
    ///         GetError::NotEnoughShards(few) => println!("{} shards answer", few.reachable()),
    ///         other => return Err(other.into()),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_io(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(other) => Self::Write(other),
        }
    }

    pub(crate) fn malformed(segment: SegmentId, reason: impl fmt::Display) -> Self {
        Self::Malformed {
            segment,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn head(segment: SegmentId, error: HeadError) -> Self {
        Self::malformed(segment, error)
    }
}

/// Why an object's agreements were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgreementError {
    /// Nobody to sign.
    #[error("this needs the account that pays for the object (for the command: --key-file)")]
    NoSigner,
    /// The list of its segments cannot be read.
    #[error(transparent)]
    Read(#[from] GetError),
    /// The chain refused one of the segments.
    #[error("segment {segment} ({done} of {all} were changed before it): {error}")]
    Chain {
        /// The segment.
        segment: SegmentId,
        /// Segments changed before.
        done: usize,
        /// Segments in all.
        all: usize,
        /// The refusal.
        error: ChainError,
    },
}

impl AgreementError {
    /// Whether a transaction went out and it is not known what came of it.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ObjectHandle};
    /// # async fn example(client: &Client, stored: &ObjectHandle)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// match client.extend_segments(&stored.segments, 24).await {
    ///     Err(error) if error.is_unsettled() => println!("look whether it was paid: {error}"),
    ///     asked => println!("{} segments extended", asked?.len()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_unsettled(&self) -> bool {
        matches!(
            self,
            Self::Chain {
                error: ChainError::Unsettled { .. },
                ..
            }
        )
    }
}

fn list(failed: &[MissingShard]) -> String {
    failed
        .iter()
        .map(|shard| {
            let MissingShard {
                slot,
                node,
                peer,
                reason,
            } = shard;
            format!("\n  slot {slot}: node {node} ({peer}): {reason}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_shards_name_their_number_and_every_missing_node() {
        let missing = (0..6)
            .map(|slot| MissingShard {
                slot: SlotIndex::new(slot).unwrap(),
                node: NodeId(u32::from(slot) + 20),
                peer: format!("12D3KooW{slot}"),
                reason: "connection refused".into(),
            })
            .collect();
        let error = NotEnoughShards {
            segment: SegmentId([0; 32]),
            needed: 10,
            missing,
        };
        let text = error.to_string();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("9 of 15 shards reachable, 10 needed"));
        assert_eq!(
            lines.next(),
            Some("  slot 0: node 20 (12D3KooW0): connection refused")
        );
        assert_eq!(lines.count(), 5);
        assert!(GetError::from(error)
            .to_string()
            .starts_with("9 of 15 shards reachable"));
    }

    #[test]
    fn an_unknown_fate_is_told_from_a_refusal() {
        let of = |error| AgreementError::Chain {
            segment: SegmentId([0; 32]),
            done: 0,
            all: 1,
            error,
        };
        let broke = || ChainError::NotEnoughFunds {
            reason: "empty".into(),
        };
        let unsettled = ChainError::Unsettled {
            call: neurostore_chain::CallName::Extend,
            until: 9,
            error: Box::new(broke()),
        };
        assert!(of(unsettled).is_unsettled());
        assert!(!of(broke()).is_unsettled());
        assert!(!AgreementError::NoSigner.is_unsettled());
    }

    #[test]
    fn a_read_error_travels_through_an_io_error() {
        let io = io::Error::other(GetError::UnknownSegment(SegmentId([1; 32])));
        assert!(matches!(GetError::from_io(io), GetError::UnknownSegment(_)));
        assert!(matches!(
            GetError::from_io(io::Error::from(io::ErrorKind::BrokenPipe)),
            GetError::Write(_)
        ));
    }
}
