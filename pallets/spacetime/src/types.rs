//! What the pallet stores.

// In the code that the codec derives: numbers of variants.
#![allow(clippy::cast_possible_truncation)]

use alloc::vec::Vec;
use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use frame_support::{
    traits::{ConstU32, Get},
    BoundedVec,
};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex, PROOF_BYTES, SAMPLES_PRODUCTION};
use neurostore_verifier::{KeyOrigin, PreparedKey, CHECKED_PROOF_BYTES, MAX_PREPARED_KEY_BYTES};
use scale_info::TypeInfo;

/// Blocks of a window where genesis says nothing: an hour.
pub const DEFAULT_WINDOW_BLOCKS: u32 = 600;
/// Blocks to answer in where genesis says nothing: half an hour.
pub const DEFAULT_ANSWER_BLOCKS: u32 = 300;

/// Bytes that a call may carry as a proof: twice a proof, so that one of a wrong length is refused by
/// name and not by the decoder.
pub const MAX_PROOF_BYTES: u32 = 256;

/// Windows whose outcome is remembered: more than a day of hourly ones, so that whoever looks in
/// the morning sees why the night earned nothing.
pub(crate) const OUTCOMES_KEPT: u32 = 32;

/// Deferred windows that are remembered of a node: a week of hourly ones, in which another circuit
/// is there or this one is found sound.
pub(crate) const MOST_DEFERRED: u32 = 7 * 24;

/// Answers of one window that may be refused as transactions: enough for an operator who mends what
/// was wrong, and too few to take the room of other nodes' answers.
pub(crate) const MOST_REFUSED_ANSWERS: u8 = 3;

/// The greatest number of circuits: each is named by its samples.
pub(crate) const MOST_CIRCUITS: u32 = SAMPLES_PRODUCTION as u32;

/// A verifying key of the first state: circuit, key bytes, and the hash of the transcript of its
/// ceremony, or nothing for a development key.
pub type GenesisKey = (u16, Vec<u8>, Option<[u8; 32]>);

/// An open challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Challenge {
    /// The node's window.
    pub window: WindowIndex,
    /// The block in whose state the samples were drawn.
    pub opened_at: u32,
    /// The circuit that must answer.
    pub circuit: CircuitId,
    /// The proof's only public input.
    pub statement: [u8; 32],
    /// The first element of the statement.
    pub context: [u8; 31],
    /// How many answers came that were not valid.
    pub refused: u8,
    /// Whether an answer was taken that is still to be checked.
    pub answered: bool,
}

/// Why an answer was taken before its equation was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Grounds {
    /// The node was trusted, so its proof joined those that are checked together: an invalid one
    /// costs bond.
    #[codec(index = 0)]
    Trust,
    /// The chain had no key to check it with in its call. The node asked for no trust, and an
    /// invalid one costs what a refusal in the call would have: the window.
    #[codec(index = 1)]
    NoKey,
}

/// An answer that was taken and is still to be checked: a proof of sound points, for a challenge
/// that was open when it came.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct TakenProof {
    /// The node that answers.
    pub node: NodeId,
    /// Its window.
    pub window: WindowIndex,
    /// The block in which the answer came; credited as of then.
    pub taken_at: u32,
    /// The circuit that answers.
    pub circuit: CircuitId,
    /// The proof's only public input.
    pub statement: [u8; 32],
    /// The proof as it came.
    pub proof: [u8; PROOF_BYTES],
    /// Why it was taken.
    pub grounds: Grounds,
}

/// An answer of this block, with its proof decoded. Points are stored as this runtime computes with
/// them, so no block may leave one to the next.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BatchedProof {
    /// The answer.
    pub taken: TakenProof,
    /// The proof, decoded and checked in all but its equation.
    pub points: [u8; CHECKED_PROOF_BYTES],
}

/// An answer in the queue, which may have been written by another runtime. Whose it is can be told
/// whatever becomes of the rest.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueuedProof {
    /// The node that answers.
    pub node: NodeId,
    /// Its window.
    pub window: WindowIndex,
    /// The answer, behind the number of the form in which it is kept.
    pub answer: BoundedVec<u8, ConstU32<MOST_ANSWER_BYTES>>,
}

/// Bytes of the longest stored answer: room for a version more than today's 176.
pub(crate) const MOST_ANSWER_BYTES: u32 = 256;

/// The forms in which answers have been queued. A new one gets a number of its own, and those that
/// are here keep theirs: what a runtime queued, the next must read or know that it cannot.
#[derive(Encode, Decode)]
enum StoredAnswer {
    /// The proof as it came.
    #[codec(index = 1)]
    Wire(TakenProof),
}

impl QueuedProof {
    /// `None` where the answer is longer than there is room: never, as a test shows.
    pub(crate) fn new(taken: TakenProof) -> Option<Self> {
        let (node, window) = (taken.node, taken.window);
        let answer = StoredAnswer::Wire(taken).encode().try_into().ok()?;
        Some(Self {
            node,
            window,
            answer,
        })
    }

    /// The answer, or `None` where this runtime cannot read it.
    pub(crate) fn taken(&self) -> Option<TakenProof> {
        let StoredAnswer::Wire(taken) =
            StoredAnswer::decode_all(&mut self.answer.as_slice()).ok()?;
        (taken.node == self.node && taken.window == self.window).then_some(taken)
    }
}

/// The nodes that were challenged in one block: their answer time runs and ends together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(Bound))]
pub struct Cohort<Bound: Get<u32>> {
    /// Full blocks up to and with the opening block.
    pub full_before: u32,
    /// The nodes, answered or not.
    pub nodes: BoundedVec<NodeId, Bound>,
}

/// What is known of a verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyRecord {
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// Blake2b-256 of the key as it was handed in.
    pub key_hash: [u8; 32],
    /// Block from which on challenges may ask for it.
    pub active_from: u32,
    /// Block since which it serves no new challenges.
    pub retired_at: Option<u32>,
}

/// The latest time in which nothing could be proven with a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Suspension {
    /// The block in which it began.
    pub since: u32,
    /// The block in which it was lifted, if it was.
    pub lifted_at: Option<u32>,
}

impl Suspension {
    /// Whether it is not lifted yet.
    pub fn is_in_force(&self) -> bool {
        self.lifted_at.is_none()
    }
}

/// A verifying key in the form that this runtime computes with, and the hash that tells whether it
/// still is what was written.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PreparedForm {
    /// Blake2b-256 of the bytes.
    pub hash: [u8; 32],
    /// What [`PreparedKey::to_bytes`] wrote.
    pub bytes: BoundedVec<u8, ConstU32<MAX_PREPARED_KEY_BYTES>>,
}

impl PreparedForm {
    /// `None` where the key is longer than any that is admitted.
    pub(crate) fn new(key: &PreparedKey) -> Option<Self> {
        let bytes: BoundedVec<_, _> = key.to_bytes().try_into().ok()?;
        let hash = sp_io::hashing::blake2_256(&bytes);
        Some(Self { hash, bytes })
    }

    /// The key, or `None` where the bytes are of another layout, or not those that were written.
    pub(crate) fn read(&self) -> Option<PreparedKey> {
        let is_whole = sp_io::hashing::blake2_256(&self.bytes) == self.hash;
        is_whole
            .then(|| PreparedKey::from_bytes_trusted(&self.bytes).ok())
            .flatten()
    }
}
