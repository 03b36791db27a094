//! Sizes of shards, leaves and segments.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Shards of a segment that carry data. Any ten of the fifteen give the segment back.
pub const DATA_SHARDS: usize = 10;
/// Shards of a segment that carry Reed-Solomon parity.
pub const PARITY_SHARDS: usize = 5;
/// Slots of a segment.
pub const TOTAL_SHARDS: usize = 15;
/// Bytes of a leaf, the unit of proof: 33 field elements of 252 bits (63 nibbles), which is
/// three permutations of Poseidon2 at width 12 and rate 11.
pub const LEAF_BYTES: usize = 1024;
/// Children of a tree node: four fit one permutation of width 4.
pub const TREE_ARITY: usize = 4;
/// Levels of a shard's tree above the leaves: 4^8 leaves of 1 KiB = 64 MiB, the largest shard.
pub const TREE_DEPTH: usize = 8;
/// The largest shard class.
pub const MAX_CLASS: u8 = 16;
/// Number of shard classes: a node's holdings are counted in this many counters.
pub const CLASS_COUNT: usize = 17;
/// Bytes of the largest shard: 64 MiB.
pub const MAX_SHARD_BYTES: u64 = 64 << 20;
/// Bytes of ciphertext that the largest segment carries: 640 MiB.
pub const MAX_SEGMENT_BYTES: u64 = 640 << 20;

bounded_number!(
    /// The size class of a shard: class `c` has `2^c` leaves, which is `1 KiB << c`.
    ShardClass(0..=MAX_CLASS),
    "shard class above 16"
);

impl ShardClass {
    /// The smallest class whose ten data shards hold `ciphertext_bytes`, or `None` where that is
    /// more than the largest segment.
    pub fn smallest_for(ciphertext_bytes: u64) -> Option<Self> {
        Self::all().find(|class| class.segment_bytes() >= ciphertext_bytes)
    }

    /// Leaves of a shard of this class.
    pub const fn leaves(self) -> u32 {
        1 << self.0
    }

    /// Bytes of a shard of this class.
    pub const fn shard_bytes(self) -> u64 {
        (LEAF_BYTES as u64) << self.0
    }

    /// Bytes of ciphertext that a segment of this class can carry.
    pub const fn segment_bytes(self) -> u64 {
        self.shard_bytes().saturating_mul(DATA_SHARDS as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_class_that_holds_a_segment_is_chosen() {
        let class_for = |bytes| ShardClass::smallest_for(bytes).map(ShardClass::get);
        assert_eq!(class_for(0), Some(0));
        assert_eq!(class_for(10 * 1024), Some(0));
        assert_eq!(class_for(10 * 1024 + 1), Some(1));
        assert_eq!(class_for(MAX_SEGMENT_BYTES), Some(16));
        assert_eq!(class_for(MAX_SEGMENT_BYTES + 1), None);
    }

    #[test]
    fn the_largest_class_fills_the_tree() {
        let largest = ShardClass::new(MAX_CLASS).unwrap();
        let depth = u32::try_from(TREE_DEPTH).unwrap();
        assert_eq!(largest.leaves() as usize, TREE_ARITY.pow(depth));
        assert_eq!(largest.shard_bytes(), MAX_SHARD_BYTES);
        assert!(ShardClass::decode(&mut &[17u8][..]).is_err());
    }
}
