//! Hashing a shard as its bytes arrive.

use ark_bn254::Fr;
use neurostore_lanes::Backend;
use neurostore_primitives::{ShardClass, ShardRoot, LEAF_BYTES};
use rayon::prelude::*;

use crate::{
    backend::ManyHashes,
    cache::{TreeCache, GROUP},
    level::level_above,
};

/// Bytes of the leaves under one cached digest.
const GROUP_BYTES: usize = GROUP * LEAF_BYTES;
/// Bytes that are collected before they are hashed in parallel: 32 groups keep 32 threads busy, and
/// 512 leaves fill the lanes of a CPU that hashes eight at once on both levels above them.
const BATCH_BYTES: usize = 32 * GROUP_BYTES;

/// The bytes of a shard were more or fewer than its class has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard of class {class} has {} bytes, not {actual}", class.shard_bytes())]
pub struct WrongLength {
    /// The class of the shard.
    pub class: ShardClass,
    /// Bytes given.
    pub actual: u64,
}

/// Computes the root of a shard from its bytes in pieces of any size.
///
/// Holds at most half a mebibyte of them, beside the digests. Leaves are hashed on the rayon pool
/// the caller runs in.
#[derive(Debug)]
pub struct ShardHasher {
    backend: Backend,
    class: ShardClass,
    length: u64,
    pending: Vec<u8>,
    groups: Vec<Fr>,
}

impl ShardHasher {
    /// A hasher for a shard of this class.
    pub fn new(class: ShardClass) -> Self {
        Self::with_backend(class, Backend::detect())
    }

    /// A hasher that computes in a way of the caller's choice.
    pub fn with_backend(class: ShardClass, backend: Backend) -> Self {
        Self {
            backend,
            class,
            length: 0,
            pending: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Takes the next bytes. What is too long for the class is counted and dropped.
    pub fn update(&mut self, bytes: &[u8]) {
        let room = self.class.shard_bytes().saturating_sub(self.length);
        self.length = self.length.saturating_add(bytes.len() as u64);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let mut rest = bytes.get(..room).unwrap_or(bytes);

        if !self.pending.is_empty() {
            let (first, later) = rest.split_at(
                rest.len()
                    .min(BATCH_BYTES.saturating_sub(self.pending.len())),
            );
            self.pending.extend_from_slice(first);
            rest = later;
            if self.pending.len() < BATCH_BYTES {
                return;
            }
            let batch = core::mem::take(&mut self.pending);
            self.hash(&batch);
        }
        let (whole, tail) = rest.split_at(rest.len() - rest.len() % BATCH_BYTES);
        self.hash(whole);
        self.pending.extend_from_slice(tail);
    }

    /// The root and the cached levels.
    pub fn finish(mut self) -> Result<(ShardRoot, TreeCache), WrongLength> {
        if self.length != self.class.shard_bytes() {
            return Err(WrongLength {
                class: self.class,
                actual: self.length,
            });
        }
        let pending = core::mem::take(&mut self.pending);
        self.hash(&pending);
        let cache = TreeCache::from_groups(self.backend, self.class, self.groups);
        Ok((cache.root(), cache))
    }

    /// Hashes whole groups, or a shard that is smaller than one.
    fn hash(&mut self, bytes: &[u8]) {
        let (leaves, _) = bytes.as_chunks::<LEAF_BYTES>();
        let digests: Vec<Fr> = leaves
            .par_chunks(GROUP)
            .flat_map_iter(|group| self.backend.leaf_digests(group))
            .collect();
        let nodes = level_above(self.backend, &digests, 0);
        self.groups.extend(level_above(self.backend, &nodes, 1));
    }
}

/// The root and the cached levels of a shard that is in memory.
pub fn shard_root(class: ShardClass, bytes: &[u8]) -> Result<(ShardRoot, TreeCache), WrongLength> {
    let mut hasher = ShardHasher::new(class);
    hasher.update(bytes);
    hasher.finish()
}
