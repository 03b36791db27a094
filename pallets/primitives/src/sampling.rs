//! The samples of a challenge: uniform over every leaf a node holds.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

use crate::shard::{ShardClass, CLASS_COUNT};

/// Domain of the random numbers behind the samples.
const SAMPLE_DOMAIN: &[u8] = b"neurostore/sample/1";

/// How many shards of each class a node holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ClassCounts(pub [u32; CLASS_COUNT]);

impl ClassCounts {
    /// Shards of `class`.
    pub fn of(&self, class: ShardClass) -> u32 {
        self.0.get(class.index()).copied().unwrap_or_default()
    }

    /// Sets the number of shards of `class`.
    pub fn set(&mut self, class: ShardClass, count: u32) {
        if let Some(counter) = self.0.get_mut(class.index()) {
            *counter = count;
        }
    }

    /// Leaves of all shards together: at most 17 * 2^48, far inside 64 bits.
    pub fn total_leaves(&self) -> u64 {
        ShardClass::all().fold(0, |sum: u64, class| {
            sum.saturating_add(self.leaves_of(class))
        })
    }

    /// Shards of all classes together.
    pub fn total_shards(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum: u64, count| sum.saturating_add(u64::from(*count)))
    }

    fn leaves_of(&self, class: ShardClass) -> u64 {
        u64::from(self.of(class)).saturating_mul(u64::from(class.leaves()))
    }
}

/// One drawn leaf: the shard by its class and its position among the node's shards of that class,
/// and the leaf in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SampleDraw {
    /// Class of the shard.
    pub class: ShardClass,
    /// Position among the node's shards of that class.
    pub position: u32,
    /// Leaf in the shard, below `class.leaves()`.
    pub leaf: u16,
}

/// Draws `samples` leaves with replacement, uniform over all leaves of `counts`. Empty where the
/// node holds nothing.
///
/// Draw `i` takes the first 16 bytes of SHA-256(domain, seed, i as u32 LE) as a little-endian
/// number modulo the number of leaves; with at most 2^53 leaves the bias is below 2^-75.
pub fn draw_samples(seed: &[u8; 32], counts: &ClassCounts, samples: u16) -> Vec<SampleDraw> {
    let total = u128::from(counts.total_leaves());
    (0..u32::from(samples))
        .map_while(|i| {
            let mut hash = Sha256::new();
            hash.update(SAMPLE_DOMAIN);
            hash.update(seed);
            hash.update(i.to_le_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            let wide = digest
                .first_chunk::<16>()
                .map(|half| u128::from_le_bytes(*half))?;
            let point = u64::try_from(wide.checked_rem(total)?).ok()?;
            leaf_at(counts, point)
        })
        .collect()
}

/// The leaf at `point` when all leaves stand in one row, class after class, shard after shard.
fn leaf_at(counts: &ClassCounts, point: u64) -> Option<SampleDraw> {
    let mut rest = point;
    for class in ShardClass::all() {
        match rest.checked_sub(counts.leaves_of(class)) {
            Some(beyond) => rest = beyond,
            None => {
                let position = rest.checked_shr(u32::from(class.get()))?;
                let leaf = rest.checked_rem(u64::from(class.leaves()))?;
                return Some(SampleDraw {
                    class,
                    position: u32::try_from(position).ok()?,
                    leaf: u16::try_from(leaf).ok()?,
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(pairs: &[(u8, u32)]) -> ClassCounts {
        let mut counts = ClassCounts::default();
        for (class, count) in pairs {
            counts.set(ShardClass::new(*class).unwrap(), *count);
        }
        counts
    }

    #[test]
    fn a_node_without_shards_has_no_samples() {
        assert!(draw_samples(&[1; 32], &ClassCounts::default(), 48).is_empty());
    }

    #[test]
    fn every_leaf_stands_at_exactly_one_point() {
        let held = counts(&[(0, 3), (2, 2), (3, 1)]);
        let all: Vec<_> = (0..held.total_leaves())
            .filter_map(|p| leaf_at(&held, p))
            .collect();
        assert_eq!(all.len(), 3 + 8 + 8);
        for (i, sample) in all.iter().enumerate() {
            assert!(!all[..i].contains(sample));
        }
        assert_eq!(leaf_at(&held, held.total_leaves()), None);
    }

    #[test]
    fn shards_are_sampled_by_their_bytes() {
        // One shard of 1,024 leaves beside 1,024 shards of one leaf: half the samples each.
        let held = counts(&[(0, 1024), (10, 1)]);
        let samples = draw_samples(&[9; 32], &held, 10_000);
        let large = samples.iter().filter(|s| s.class.get() == 10).count();
        assert!((4_700..5_300).contains(&large), "{large}");
    }

    proptest! {
        #[test]
        fn samples_always_point_into_what_is_held(
            seed: [u8; 32],
            numbers in proptest::array::uniform17(0u32..1_000_000),
        ) {
            let held = ClassCounts(numbers);
            let samples = draw_samples(&seed, &held, 48);
            prop_assert_eq!(samples.len(), if held.total_leaves() == 0 { 0 } else { 48 });
            for sample in samples {
                prop_assert!(sample.position < held.of(sample.class));
                prop_assert!(u32::from(sample.leaf) < sample.class.leaves());
            }
        }
    }
}
