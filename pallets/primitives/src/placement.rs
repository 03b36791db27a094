//! Segments, reservations and receipts: identity and the records runtime APIs return.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

use crate::{
    ids::{NodeId, ReservationId, SegmentId, ShardRoot, SlotIndex},
    node::{NodeState, PeerKey},
    shard::{ShardClass, TOTAL_SHARDS},
};

/// Domain of [`segment_id`]; the number is the format version.
const SEGMENT_DOMAIN: &[u8] = b"neurostore/segment/1";

/// The identity of a segment: SHA-256 over the domain, the class (u8), the length of the
/// ciphertext in bytes (u64, little endian) and the 15 shard roots in slot order.
///
/// Honest content has exactly one id, and nobody can register junk shards under it without a
/// collision of SHA-256.
pub fn segment_id(
    class: ShardClass,
    ciphertext_len: u64,
    roots: &[ShardRoot; TOTAL_SHARDS],
) -> SegmentId {
    let mut hash = Sha256::new();
    hash.update(SEGMENT_DOMAIN);
    hash.update([class.get()]);
    hash.update(ciphertext_len.to_le_bytes());
    for root in roots {
        hash.update(root.0);
    }
    SegmentId(hash.finalize().into())
}

/// A node's signed word that it stores a shard with this root. The slot is the receipt's
/// position in the list that `commit` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Receipt {
    /// Root of the shard that the node received and stored.
    pub root: ShardRoot,
    /// sr25519 signature of the node account over [`crate::receipt_payload`].
    pub signature: [u8; 64],
}

/// A reservation as runtime APIs return it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReservationInfo<AccountId, Balance> {
    /// Its number.
    pub id: ReservationId,
    /// Who asked for it and pays.
    pub owner: AccountId,
    /// Class of the 15 shards.
    pub class: ShardClass,
    /// Bytes of ciphertext in the coming segment.
    pub ciphertext_len: u64,
    /// Windows to be paid for.
    pub windows: u32,
    /// Rent held for it, in plancks.
    pub rent: Balance,
    /// Block at which it lapses.
    pub expires_at: u32,
    /// The 15 nodes in slot order; empty until the draw in a block after the call.
    pub slots: Vec<SlotInfo<AccountId>>,
}

/// One slot of a reservation or a segment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SlotInfo<AccountId> {
    /// Position in the segment.
    pub slot: SlotIndex,
    /// The node that holds it.
    pub node: NodeId,
    /// The account that signs for the node.
    pub account: AccountId,
    /// The key behind the node's peer id, for finding it in the swarm.
    pub peer_key: PeerKey,
    /// The shard's root; all zero in a reservation.
    pub root: ShardRoot,
    /// Health of the node.
    pub state: NodeState,
}

/// A segment as runtime APIs return it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SegmentInfo<AccountId, Balance> {
    /// Its identity.
    pub id: SegmentId,
    /// Class of its shards.
    pub class: ShardClass,
    /// Bytes of ciphertext.
    pub ciphertext_len: u64,
    /// Block in which it became active.
    pub created_at: u32,
    /// Its 15 slots in order.
    pub slots: Vec<SlotInfo<AccountId>>,
    /// Who pays for it and until when.
    pub agreements: Vec<AgreementInfo<AccountId, Balance>>,
}

/// One owner's paid interest in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AgreementInfo<AccountId, Balance> {
    /// Who pays.
    pub owner: AccountId,
    /// Block at which the paid time ends.
    pub paid_until: u32,
    /// Rent of one slot for one window, in plancks, fixed when the agreement was made.
    pub rate_per_slot: Balance,
}

/// A shard that a node is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct HeldShardInfo {
    /// Its segment.
    pub segment: SegmentId,
    /// Its position there.
    pub slot: SlotIndex,
    /// Its class.
    pub class: ShardClass,
    /// Its root.
    pub root: ShardRoot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segment_id_depends_on_every_part() {
        let class = ShardClass::new(3).unwrap();
        let roots = [ShardRoot([7; 32]); TOTAL_SHARDS];
        let id = segment_id(class, 5, &roots);
        assert_ne!(id, segment_id(ShardClass::new(4).unwrap(), 5, &roots));
        assert_ne!(id, segment_id(class, 6, &roots));
        for slot in 0..TOTAL_SHARDS {
            let mut other = roots;
            other[slot].0[31] ^= 1;
            assert_ne!(id, segment_id(class, 5, &other), "slot {slot}");
        }
    }
}
