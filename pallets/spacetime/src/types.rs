//! What the pallet stores.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex, SAMPLES_PRODUCTION};
use neurostore_verifier::{KeyOrigin, CHECKED_PROOF_BYTES};
use scale_info::TypeInfo;

/// Windows whose outcome is remembered: more than a day of hourly ones, so that whoever looks in
/// the morning sees why the night earned nothing.
pub(crate) const OUTCOMES_KEPT: u32 = 32;

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
    /// The proof, decoded and checked in all but its equation.
    pub proof: [u8; CHECKED_PROOF_BYTES],
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
