//! Identifiers: newtypes, so that one kind of id can never be taken for another.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::shard::TOTAL_SHARDS;

/// The last position in a segment.
#[allow(clippy::cast_possible_truncation, reason = "fifteen shards")]
const LAST_SLOT: u8 = TOTAL_SHARDS as u8 - 1;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        #[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub $inner);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number_id!(
    /// A registered storage node, numbered in order of registration. 32 bits, so that the 15
    /// slots of a segment cost 60 bytes of state.
    NodeId(u32)
);
number_id!(
    /// A reservation, numbered in order of creation and never reused: a receipt names it, so an
    /// old receipt fits no other reservation.
    ReservationId(u64)
);
number_id!(
    /// The running number of a node's proving windows.
    WindowIndex(u32)
);
number_id!(
    /// A proof circuit. By convention the number of samples it proves.
    CircuitId(u16)
);

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        #[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub [u8; 32]);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                for byte in self.0 {
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    };
}

bytes_id!(
    /// The identity of a segment: see [`crate::segment_id`].
    SegmentId
);
bytes_id!(
    /// The Poseidon2 Merkle root of a shard: the canonical little-endian bytes of one BN254
    /// scalar field element.
    ShardRoot
);

bounded_number!(
    /// A position in a segment, `0..15`. Slots 0 to 9 hold data shards, 10 to 14 parity shards.
    SlotIndex(0..=LAST_SLOT),
    "slot index above 14"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_index_above_fourteen_does_not_decode() {
        assert_eq!(
            SlotIndex::decode(&mut &[14u8][..]).map(SlotIndex::get),
            Ok(14)
        );
        assert!(SlotIndex::decode(&mut &[15u8][..]).is_err());
        assert_eq!(SlotIndex::all().count(), TOTAL_SHARDS);
    }
}
