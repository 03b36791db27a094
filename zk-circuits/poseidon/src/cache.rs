//! The tree levels a node keeps of each shard, and paths out of them.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use neurostore_lanes::Backend;
use neurostore_primitives::{ShardClass, ShardRoot, LEAF_BYTES, TREE_DEPTH};

use crate::{
    backend::ManyHashes,
    level::level_above,
    path::{field_from_bytes, field_to_bytes, field_to_root, Path},
    tree::{compress, zero_subtree},
};

/// Nodes under one node two levels up, and leaves of a group.
pub const GROUP: usize = 16;

/// The digests of levels 2, 4 and 6 of one shard: 0.2 % of its bytes. With the sixteen leaves
/// around a sample they give the sample's path for some forty permutations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeCache {
    class: ShardClass,
    /// Levels 2, 4 and 6, without the missing subtrees at their ends.
    levels: [Vec<Fr>; 3],
}

/// Why bytes are no tree cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// A shard of this class has more or fewer digests.
    #[error("a tree cache of this class has {expected} bytes, not {actual}")]
    WrongLength {
        /// Bytes of a cache of this class.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// A digest is no canonical field element.
    #[error("digest {0} of the tree cache is not a canonical field element")]
    NotCanonical(usize),
}

/// Why there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The shard ends before this leaf.
    #[error("the shard has {leaves} leaves and none at index {index}")]
    OutOfRange {
        /// The leaf asked for.
        index: u16,
        /// Leaves of the shard.
        leaves: u32,
    },
    /// The bytes are not the group of leaves around the index.
    #[error("the group around a leaf has {expected} bytes, not {actual}")]
    WrongGroupLength {
        /// Bytes of a group in this class.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The leaves or the cache are not those the shard was committed with.
    #[error("the leaves around index {index} do not hash to the tree at level {level}")]
    Damaged {
        /// The leaf asked for.
        index: u16,
        /// The level at which the digests differ.
        level: usize,
    },
}

impl TreeCache {
    /// Builds the cache from level 2 up. `groups` holds one digest per group of leaves.
    pub(crate) fn from_groups(backend: Backend, class: ShardClass, groups: Vec<Fr>) -> Self {
        let above = |nodes: &[Fr], level| {
            let between = level_above(backend, nodes, level);
            level_above(backend, &between, level + 1)
        };
        let fourth = above(&groups, 2);
        let sixth = above(&fourth, 4);
        Self {
            class,
            levels: [groups, fourth, sixth],
        }
    }

    /// The class of the shard.
    pub fn class(&self) -> ShardClass {
        self.class
    }

    /// The root of the shard.
    pub fn root(&self) -> ShardRoot {
        let [_, _, sixth] = &self.levels;
        field_to_root(Block::new(Backend::detect(), sixth, 6).root)
    }

    /// Bytes of the cache of a shard of this class.
    pub fn encoded_len(class: ShardClass) -> usize {
        level_lengths(class)
            .iter()
            .fold(0, |sum: usize, length| sum.saturating_add(length * 32))
    }

    /// The digests, 32 canonical little-endian bytes each, level after level.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.levels
            .iter()
            .flatten()
            .flat_map(|digest| field_to_bytes(*digest))
            .collect()
    }

    /// Reads what [`TreeCache::to_bytes`] wrote. Whether the digests belong together shows when a
    /// path is taken.
    pub fn from_bytes(class: ShardClass, bytes: &[u8]) -> Result<Self, CacheError> {
        let expected = Self::encoded_len(class);
        if bytes.len() != expected {
            return Err(CacheError::WrongLength {
                expected,
                actual: bytes.len(),
            });
        }
        let (digests, _) = bytes.as_chunks::<32>();
        let mut digests = digests.iter().enumerate().map(|(position, digest)| {
            field_from_bytes(digest).ok_or(CacheError::NotCanonical(position))
        });
        let mut levels = [const { Vec::new() }; 3];
        for (level, length) in levels.iter_mut().zip(level_lengths(class)) {
            *level = digests.by_ref().take(length).collect::<Result<_, _>>()?;
        }
        Ok(Self { class, levels })
    }

    /// The path of the leaf at `index`. `group` holds the bytes of the leaves from `index & !15`
    /// on: sixteen, or all leaves of a smaller shard. All digests on the way are computed again,
    /// so that damage of the leaves or of the cache is found here and not by the verifier.
    pub fn path(&self, index: u16, group: &[u8]) -> Result<Path, PathError> {
        let leaves = self.class.leaves();
        if u32::from(index) >= leaves {
            return Err(PathError::OutOfRange { index, leaves });
        }
        let expected = GROUP.min(leaves as usize) * LEAF_BYTES;
        let (group, _) = match group.as_chunks::<LEAF_BYTES>() {
            whole if group.len() == expected => whole,
            _ => {
                return Err(PathError::WrongGroupLength {
                    expected,
                    actual: group.len(),
                })
            }
        };
        let backend = Backend::detect();
        let digests = backend.leaf_digests(group);

        let mut path = Path([[Fr::ZERO; 3]; TREE_DEPTH]);
        let (pairs, _) = path.0.as_chunks_mut::<2>();
        let mut nodes = digests.as_slice();
        let mut position = usize::from(index);
        for (depth, siblings) in pairs.iter_mut().enumerate() {
            let level = depth * 2;
            let block = Block::new(backend, nodes, level);
            *siblings = block.siblings(position % GROUP);
            position /= GROUP;
            let Some(above) = self.levels.get(depth) else {
                break;
            };
            if above.get(position) != Some(&block.root) {
                return Err(PathError::Damaged {
                    index,
                    level: level + 2,
                });
            }
            nodes = above
                .chunks(GROUP)
                .nth(position / GROUP)
                .unwrap_or_default();
        }
        Ok(path)
    }
}

/// Digests on levels 2, 4 and 6 of a shard of this class.
fn level_lengths(class: ShardClass) -> [usize; 3] {
    let groups = (class.leaves() as usize).div_ceil(GROUP);
    [
        groups,
        groups.div_ceil(GROUP),
        groups.div_ceil(GROUP * GROUP),
    ]
}

/// Sixteen nodes of one level and the two levels above them.
struct Block {
    nodes: [[Fr; 4]; 4],
    above: [Fr; 4],
    /// The node two levels up.
    root: Fr,
}

impl Block {
    /// The block over up to sixteen `nodes` of `level`; missing ones are empty subtrees.
    fn new(backend: Backend, nodes: &[Fr], level: usize) -> Self {
        let mut block = [[zero_subtree(level); 4]; 4];
        for (to, from) in block.iter_mut().flatten().zip(nodes) {
            *to = *from;
        }
        let mut above = [zero_subtree(level + 1); 4];
        for (to, from) in above.iter_mut().zip(level_above(backend, nodes, level)) {
            *to = from;
        }
        Self {
            nodes: block,
            above,
            root: compress(&above),
        }
    }

    /// The siblings of the node at `position` and of the node above it.
    fn siblings(&self, position: usize) -> [[Fr; 3]; 2] {
        let (row, column) = (position / 4, position % 4);
        let own = self.nodes.get(row).copied().unwrap_or_default();
        [without(own, column), without(self.above, row)]
    }
}

/// The three of four nodes that do not stand at `position`.
fn without(nodes: [Fr; 4], position: usize) -> [Fr; 3] {
    let [a, b, c, d] = nodes;
    match position {
        0 => [b, c, d],
        1 => [a, c, d],
        2 => [a, b, d],
        _ => [a, b, c],
    }
}
