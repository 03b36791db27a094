//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use neurostore_primitives::{
    rent_total, Balance, NodeId, ReservationId, SegmentId, ShardClass, ShardRoot, SlotIndex,
    TOTAL_SHARDS,
};
use scale_info::TypeInfo;

/// A segment to come: who pays, for what, and the nodes drawn for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reservation<AccountId> {
    /// Who asked for it and pays.
    pub owner: AccountId,
    /// Class of the 15 shards.
    pub class: ShardClass,
    /// Bytes of ciphertext in the coming segment.
    pub ciphertext_len: u64,
    /// Windows to be paid for.
    pub windows: u32,
    /// Rent of one slot for one window, fixed by the reservation.
    pub rate_per_slot: Balance,
    /// Deposit held for the record.
    pub deposit: Balance,
    /// Block at which it lapses.
    pub expires_at: u32,
    /// Replacements that may still be drawn.
    pub redraws_left: u8,
    /// The nodes in slot order; `None` until the draw.
    pub nodes: Option<[NodeId; TOTAL_SHARDS]>,
}

impl<AccountId> Reservation<AccountId> {
    /// The rent held for it: the call that made it proved that this fits.
    pub fn rent(&self) -> Balance {
        rent_total(self.rate_per_slot, self.windows).unwrap_or(Balance::MAX)
    }
}

/// A draw that waits for the randomness of a later block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DrawTask {
    /// For whom.
    pub reservation: ReservationId,
    /// The slot to replace; `None` for all 15.
    pub slot: Option<SlotIndex>,
    /// The block of the call. The draw is made in a later one, whose randomness its caller cannot
    /// know.
    pub queued_at: u32,
}

/// Where a shard of a segment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SlotRecord {
    /// Its node.
    pub node: NodeId,
    /// Its position among the node's shards of this class.
    pub position: u32,
}

/// A stored segment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Segment<AccountId> {
    /// Class of its shards.
    pub class: ShardClass,
    /// Bytes of ciphertext.
    pub ciphertext_len: u64,
    /// Block in which it became active.
    pub created_at: u32,
    /// Who paid the deposit.
    pub depositor: AccountId,
    /// The deposit.
    pub deposit: Balance,
    /// Its nodes in slot order.
    pub slots: [SlotRecord; TOTAL_SHARDS],
    /// Its roots in slot order.
    pub roots: [ShardRoot; TOTAL_SHARDS],
}

/// One owner's paid interest in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreement {
    /// Block at whose beginning the paid time ends.
    pub paid_until: u32,
    /// Rent of one slot for one window.
    pub rate_per_slot: Balance,
}

/// What stands at a position of a node's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct IndexEntry {
    /// The segment.
    pub segment: SegmentId,
    /// The slot in it.
    pub slot: SlotIndex,
}

/// Why a reservation ended without a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum EndReason {
    /// Its owner gave it up.
    Cancelled,
    /// It was not committed in time.
    Lapsed,
    /// Too few nodes could be drawn.
    DrawFailed,
}
