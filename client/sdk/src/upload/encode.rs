//! Content in, stripes out, on a thread of its own: encrypting and coding are work for a
//! processor, not for the runtime that moves the bytes.

use std::{collections::BTreeMap, io, sync::Arc};

use neurostore_format::{EncodeError, Mode, SegmentEncoder, SegmentKey, SegmentPlan, Stripe};
use neurostore_primitives::{SlotIndex, DATA_SHARDS, LEAF_BYTES};
use rand::{seq::index, Rng};
use zeroize::Zeroizing;

use crate::{limits::SPOT_CHECKS, source::Source};

/// The leaves of each shard that will be asked back. Chosen before the upload, so that no node
/// knows them, and kept while the shard passes by, so that the shard need not be made again.
#[derive(Clone, Debug)]
pub(crate) struct LeafChoice {
    slots: BTreeMap<SlotIndex, Vec<u16>>,
}

/// A leaf as it was sent.
pub(crate) type KeptLeaf = (u16, Box<[u8; LEAF_BYTES]>);
/// The chosen leaves of each shard.
pub(crate) type KeptLeaves = BTreeMap<SlotIndex, Vec<KeptLeaf>>;

impl LeafChoice {
    /// Draws the leaves of every slot; all of them where the shard has no more.
    pub(crate) fn draw(plan: &SegmentPlan, rng: &mut impl Rng) -> Self {
        let leaves = usize::try_from(plan.class().leaves()).unwrap_or(usize::MAX);
        let count = SPOT_CHECKS.min(leaves);
        let mut draw = || {
            let mut drawn: Vec<u16> = index::sample(rng, leaves, count)
                .iter()
                .filter_map(|leaf| u16::try_from(leaf).ok())
                .collect();
            drawn.sort_unstable();
            drawn
        };
        Self {
            slots: SlotIndex::all().map(|slot| (slot, draw())).collect(),
        }
    }

    /// Copies the chosen leaves that lie in this stripe.
    fn keep(&self, stripe: &Stripe, kept: &mut KeptLeaves) {
        for (slot, chosen) in &self.slots {
            let unit = stripe.unit(*slot);
            let in_unit = unit.len() / LEAF_BYTES;
            let first = usize::try_from(stripe.index()).unwrap_or(usize::MAX) * in_unit;
            for (leaf, bytes) in (first..).zip(unit.chunks_exact(LEAF_BYTES)) {
                let Ok(leaf) = u16::try_from(leaf) else {
                    continue;
                };
                if chosen.binary_search(&leaf).is_err() {
                    continue;
                }
                if let Ok(bytes) = <[u8; LEAF_BYTES]>::try_from(bytes) {
                    kept.entry(*slot).or_default().push((leaf, Box::new(bytes)));
                }
            }
        }
    }
}

/// Why a pass over a segment stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PassError {
    /// The content cannot be read.
    #[error("cannot read the content: {0}")]
    Read(io::Error),
    /// It does not become a segment.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Nobody takes the stripes any more.
    #[error("nobody takes the stripes")]
    Abandoned,
}

/// What a pass needs.
pub(crate) struct Pass {
    pub(crate) content: Arc<dyn Source>,
    pub(crate) plan: SegmentPlan,
    pub(crate) key: SegmentKey,
    pub(crate) leaves: LeafChoice,
}

impl Pass {
    /// Makes every stripe once and hands it to `emit`, which says whether to go on.
    pub(crate) fn run(
        self,
        mut emit: impl FnMut(Stripe, u64) -> bool,
    ) -> Result<KeptLeaves, PassError> {
        let mut kept = KeptLeaves::new();
        let mut encoder = SegmentEncoder::new(&self.key, &self.plan, Mode::Private)?;
        let mut buffer = Zeroizing::new(vec![0; self.plan.layout().unit() * DATA_SHARDS]);
        let range = self.plan.content();
        let (mut offset, mut told) = (range.start, range.start);
        while offset < range.end {
            let left = usize::try_from(range.end - offset).unwrap_or(usize::MAX);
            let want = left.min(buffer.len());
            let chunk = buffer.get_mut(..want).unwrap_or_default();
            self.content
                .read_at(offset, chunk)
                .map_err(PassError::Read)?;
            offset += want as u64;
            let mut rest: &[u8] = chunk;
            while !rest.is_empty() {
                if let Some(stripe) = encoder.write(&mut rest)? {
                    self.leaves.keep(&stripe, &mut kept);
                    let consumed = offset - rest.len() as u64;
                    if !emit(stripe, consumed - told) {
                        return Err(PassError::Abandoned);
                    }
                    told = consumed;
                }
            }
        }
        while let Some(stripe) = encoder.finish()? {
            self.leaves.keep(&stripe, &mut kept);
            if !emit(stripe, range.end - told) {
                return Err(PassError::Abandoned);
            }
            told = range.end;
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::BytesSource;
    use neurostore_format::cut;
    use neurostore_primitives::TOTAL_SHARDS;

    fn pass(bytes: Vec<u8>) -> Pass {
        let plan = cut(bytes.len() as u64).unwrap().remove(0);
        let leaves = LeafChoice::draw(&plan, &mut rand::thread_rng());
        let content = Arc::new(BytesSource::new(bytes));
        Pass {
            content,
            plan,
            key: SegmentKey::from_bytes([3; 32]),
            leaves,
        }
    }

    #[test]
    fn every_chosen_leaf_is_kept_as_it_was_sent() {
        let bytes: Vec<u8> = (0..700_000u32)
            .map(|i| (i % 251).to_le_bytes()[0])
            .collect();
        let pass = pass(bytes);
        let (class, leaves) = (pass.plan.class(), pass.leaves.clone());
        let mut shards = vec![Vec::new(); TOTAL_SHARDS];
        let mut told = 0;
        let kept = pass
            .run(|stripe, bytes| {
                for slot in SlotIndex::all() {
                    shards[slot.index()].extend_from_slice(stripe.unit(slot));
                }
                told += bytes;
                true
            })
            .unwrap();
        assert_eq!(told, 700_000);
        for slot in SlotIndex::all() {
            assert_eq!(shards[slot.index()].len() as u64, class.shard_bytes());
            let indices: Vec<u16> = kept[&slot].iter().map(|(leaf, _)| *leaf).collect();
            assert_eq!(indices, leaves.slots[&slot]);
            for (leaf, bytes) in &kept[&slot] {
                let at = usize::from(*leaf) * LEAF_BYTES;
                assert_eq!(bytes[..], shards[slot.index()][at..at + LEAF_BYTES]);
            }
        }
    }

    #[test]
    fn a_tiny_shard_is_asked_back_whole() {
        let kept = pass(b"hello".to_vec()).run(|_, _| true).unwrap();
        assert!(kept.values().all(|leaves| leaves.len() == 1));
        assert_eq!(kept.len(), TOTAL_SHARDS);
    }

    #[test]
    fn the_same_content_and_key_give_the_same_stripes_again() {
        let stripes = |_: u8| {
            let mut all = Vec::new();
            let run = pass(vec![9; 100_000]).run(|stripe, _| {
                all.push(stripe);
                true
            });
            run.map(|_| all).unwrap()
        };
        assert_eq!(stripes(0), stripes(1));
    }

    #[test]
    fn a_pass_that_nobody_follows_ends() {
        let result = pass(vec![9; 2_000_000]).run(|_, _| false);
        assert!(matches!(result, Err(PassError::Abandoned)));
    }
}
