//! Challenges: the seed, the context a statement is bound to, and the records runtime APIs return.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

use crate::{
    ids::{CircuitId, NodeId, SegmentId, ShardRoot, SlotIndex, WindowIndex},
    shard::ShardClass,
};

/// Bytes of a proof on the wire: A and C in G1, B in G2, compressed, over BN254.
pub const PROOF_BYTES: usize = 128;
/// Samples of the production circuit: 1 % of bytes lost is caught in 38 % of windows.
pub const SAMPLES_PRODUCTION: u16 = 48;
/// Samples of the middle circuit, at half the proving time.
pub const SAMPLES_MEDIUM: u16 = 24;
/// Samples of the development circuit: proves in well under a second.
pub const SAMPLES_DEVELOPMENT: u16 = 4;

/// The seed of a challenge. `fresh` is randomness that appears with the opening block: its author
/// knows it before, and can do without his block. `settled` is randomness that was fixed an epoch ago,
/// which nobody can change any more when the window opens.
pub fn challenge_seed(
    fresh: &[u8; 32],
    settled: &[u8; 32],
    genesis: &[u8; 32],
    node: NodeId,
    window: WindowIndex,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"neurostore/challenge/1");
    hash.update(fresh);
    hash.update(settled);
    hash.update(genesis);
    hash.update(node.0.to_le_bytes());
    hash.update(window.0.to_le_bytes());
    hash.finalize().into()
}

/// The first element of a statement, as 31 little-endian bytes of a field element: everything
/// that makes this challenge another one than any other. Binds chain, node, window, seed and
/// circuit, so that an equal set of leaves elsewhere still has another statement.
pub fn statement_context(
    genesis: &[u8; 32],
    node: NodeId,
    window: WindowIndex,
    seed: &[u8; 32],
    circuit: CircuitId,
) -> [u8; 31] {
    let mut hash = Sha256::new();
    hash.update(b"neurostore/statement/1");
    hash.update(genesis);
    hash.update(node.0.to_le_bytes());
    hash.update(window.0.to_le_bytes());
    hash.update(seed);
    hash.update(circuit.0.to_le_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut context = [0; 31];
    for (to, from) in context.iter_mut().zip(digest) {
        *to = from;
    }
    context
}

/// A node's open challenge, or when the next one opens, as runtime APIs return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct ChallengeInfo {
    /// The node.
    pub node: NodeId,
    /// The window that is open, or the next to open.
    pub window: WindowIndex,
    /// Whether it is open and unanswered now.
    pub open: bool,
    /// Block in which it opened or will open. Read the samples in this block's state.
    pub opens_at: u32,
    /// Last block in which an answer counts.
    pub deadline: u32,
    /// The circuit that must answer.
    pub circuit: CircuitId,
    /// Samples of that circuit.
    pub samples: u16,
    /// The proof's only public input: canonical little-endian bytes. All zero until it opens.
    pub statement: [u8; 32],
    /// First element of the statement, 31 little-endian bytes. All zero until it opens.
    pub context: [u8; 31],
}

/// One sampled leaf with all a prover needs to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct SampleInfo {
    /// Segment of the shard.
    pub segment: SegmentId,
    /// Slot of the shard in it.
    pub slot: SlotIndex,
    /// Class of the shard.
    pub class: ShardClass,
    /// Root of the shard.
    pub root: ShardRoot,
    /// The leaf asked for.
    pub leaf: u16,
}

/// Why a window earned nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub enum FaultReason {
    /// No answer came before the deadline.
    NoAnswer,
    /// Answers came, and none was valid.
    InvalidAnswer,
}

/// How a closed window ended.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the derived code of the encoding"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub enum WindowOutcome {
    /// A proof was accepted.
    Proven {
        /// Block of the accepted proof.
        at: u32,
    },
    /// None was.
    Missed {
        /// Block at which the answer time was over.
        at: u32,
        /// Why.
        reason: FaultReason,
    },
}
