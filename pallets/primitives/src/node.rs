//! What the chain says of a storage node.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::ids::NodeId;

/// The ed25519 public key behind a node's libp2p peer id.
pub type PeerKey = [u8; 32];

/// Two upper-case letters of ISO 3166-1, as declared by the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CountryCode(pub [u8; 2]);

impl CountryCode {
    /// Whether both bytes are upper-case ASCII letters.
    pub fn is_well_formed(&self) -> bool {
        self.0.iter().all(u8::is_ascii_uppercase)
    }
}

impl core::fmt::Display for CountryCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(core::str::from_utf8(&self.0).unwrap_or("??"))
    }
}

/// How a node takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum NodeClass {
    /// Always on; may validate.
    Anchor,
    /// A laptop: may sleep, holds at most [`crate::MAX_LIGHT_SLOTS`] slots of a segment.
    Light,
}

/// The health of a node as its answers to challenges show it.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the derived code of the encoding"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum NodeState {
    /// Answers its challenges, or has not been asked yet: eligible for new shards.
    Active,
    /// Missed this many windows in a row, or lacks bond: keeps its shards, gets no new ones until
    /// it proves with a whole bond behind it.
    Suspect {
        /// Windows missed since the last proven one; zero where only bond is lacking.
        missed_in_a_row: u32,
    },
}

/// A node as runtime APIs return it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct NodeInfo<AccountId, Balance> {
    /// The node's number.
    pub id: NodeId,
    /// The account that owns it and is paid.
    pub operator: AccountId,
    /// The account that signs its receipts and proofs.
    pub account: AccountId,
    /// The key behind its libp2p peer id.
    pub peer_key: PeerKey,
    /// Anchor or light.
    pub class: NodeClass,
    /// Country it declares to stand in.
    pub country: CountryCode,
    /// Leaves it offers.
    pub capacity_leaves: u64,
    /// Leaves taken by its shards and by open reservations.
    pub used_leaves: u64,
    /// Bond held for it from the operator, in plancks.
    pub bond: Balance,
    /// Its health.
    pub state: NodeState,
}
