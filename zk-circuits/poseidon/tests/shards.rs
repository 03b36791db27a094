//! Roots, caches and paths of whole shards.

use neurostore_poseidon::{
    compress, leaf_digest, root_to_field, shard_root, verify_path, zero_subtree, Backend,
    CacheError, ManyHashes, PathError, ShardHasher, TreeCache, WrongLength,
};
use neurostore_primitives::{ShardClass, LEAF_BYTES, TREE_DEPTH};
use proptest::prelude::*;

fn class(class: u8) -> ShardClass {
    ShardClass::new(class).expect("classes of the tests are small")
}

fn shard(class: ShardClass) -> Vec<u8> {
    (0..class.shard_bytes())
        .map(|i| (i * i / 7 + i).to_le_bytes()[0])
        .collect()
}

fn leaf(bytes: &[u8], index: u16) -> &[u8; LEAF_BYTES] {
    &bytes.as_chunks::<LEAF_BYTES>().0[usize::from(index)]
}

fn group(bytes: &[u8], index: u16) -> &[u8] {
    let start = usize::from(index & !15) * LEAF_BYTES;
    &bytes[start..bytes.len().min(start + 16 * LEAF_BYTES)]
}

/// The definition: all leaves, then level by level, padded with empty subtrees.
fn root_by_levels(bytes: &[u8]) -> ark_bn254::Fr {
    let mut nodes: Vec<_> = bytes
        .as_chunks::<LEAF_BYTES>()
        .0
        .iter()
        .map(leaf_digest)
        .collect();
    for level in 0..TREE_DEPTH {
        nodes = nodes
            .chunks(4)
            .map(|children| {
                let mut all = [zero_subtree(level); 4];
                all[..children.len()].copy_from_slice(children);
                compress(&all)
            })
            .collect();
    }
    nodes[0]
}

#[test]
fn the_root_of_every_small_class_is_the_root_of_the_padded_tree() {
    for class in (0..=9).map(class) {
        let bytes = shard(class);
        let (root, cache) = shard_root(class, &bytes).unwrap();
        assert_eq!(
            root_to_field(&root),
            Some(root_by_levels(&bytes)),
            "class {class}"
        );
        assert_eq!(cache.root(), root);
    }
}

#[test]
fn every_backend_gives_the_same_root_and_cache() {
    for class in (0..=11).map(class) {
        let bytes = shard(class);
        let expected = shard_root(class, &bytes).unwrap();
        for backend in Backend::all() {
            let mut hasher = ShardHasher::with_backend(class, backend);
            hasher.update(&bytes);
            assert_eq!(hasher.finish().unwrap(), expected, "{class} {backend:?}");
        }
    }
}

#[test]
fn every_backend_gives_the_digests_of_the_scalar_functions() {
    let bytes = shard(class(5));
    let leaves = bytes.as_chunks::<LEAF_BYTES>().0;
    let digests: Vec<_> = leaves.iter().map(leaf_digest).collect();
    let nodes = digests.as_chunks::<4>().0;
    let compressed: Vec<_> = nodes.iter().map(compress).collect();
    for backend in Backend::all() {
        assert_eq!(backend.leaf_digests(leaves), digests);
        assert_eq!(backend.compress(nodes), compressed);
    }
}

#[test]
fn every_leaf_of_a_small_shard_has_a_path_to_the_root() {
    for class in (0..=6).map(class) {
        let bytes = shard(class);
        let (root, cache) = shard_root(class, &bytes).unwrap();
        for index in (0..=u16::MAX).take(class.leaves() as usize) {
            let path = cache.path(index, group(&bytes, index)).unwrap();
            assert!(
                verify_path(&root, leaf(&bytes, index), index, &path),
                "{class} {index}"
            );
        }
    }
}

#[test]
fn leaves_of_a_larger_shard_have_paths_through_all_cached_levels() {
    let class = class(11);
    let bytes = shard(class);
    let (root, cache) = shard_root(class, &bytes).unwrap();
    for index in [0, 15, 16, 255, 256, 1023, 1024, 2047] {
        let path = cache.path(index, group(&bytes, index)).unwrap();
        assert!(
            verify_path(&root, leaf(&bytes, index), index, &path),
            "{index}"
        );
    }
}

#[test]
fn a_cache_survives_its_bytes() {
    for class in [0, 3, 4, 5, 9].map(class) {
        let (_, cache) = shard_root(class, &shard(class)).unwrap();
        let bytes = cache.to_bytes();
        assert_eq!(bytes.len(), TreeCache::encoded_len(class));
        assert_eq!(TreeCache::from_bytes(class, &bytes), Ok(cache));
    }
}

#[test]
fn the_cache_of_the_largest_shard_is_two_thousandths_of_it() {
    assert_eq!(TreeCache::encoded_len(class(16)), (4096 + 256 + 16) * 32);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_root_does_not_depend_on_how_the_bytes_arrive(
        cuts in proptest::collection::vec(0usize..1 << 20, 0..12)
    ) {
        let class = class(10);
        let bytes = shard(class);
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut hasher = ShardHasher::new(class);
        let mut from = 0;
        for to in cuts {
            hasher.update(&bytes[from..to]);
            from = to;
        }
        hasher.update(&bytes[from..]);
        prop_assert_eq!(hasher.finish(), shard_root(class, &bytes));
    }
}

mod reject {
    use super::*;

    #[test]
    fn a_shard_of_the_wrong_length_has_no_root() {
        let class = class(2);
        let bytes = shard(class);
        let short = shard_root(class, &bytes[1..]);
        assert_eq!(
            short,
            Err(WrongLength {
                class,
                actual: 4095
            })
        );
        let mut long = ShardHasher::new(class);
        long.update(&bytes);
        long.update(&[0; 3]);
        assert_eq!(
            long.finish(),
            Err(WrongLength {
                class,
                actual: 4099
            })
        );
    }

    #[test]
    fn a_leaf_behind_the_end_has_no_path() {
        let (_, cache) = shard_root(class(2), &shard(class(2))).unwrap();
        let refused = cache.path(4, &shard(class(2)));
        assert_eq!(
            refused,
            Err(PathError::OutOfRange {
                index: 4,
                leaves: 4
            })
        );
    }

    #[test]
    fn a_group_of_the_wrong_length_has_no_path() {
        let bytes = shard(class(5));
        let (_, cache) = shard_root(class(5), &bytes).unwrap();
        let refused = cache.path(0, &bytes[..15 * LEAF_BYTES]);
        let expected = 16 * LEAF_BYTES;
        let actual = 15 * LEAF_BYTES;
        assert_eq!(
            refused,
            Err(PathError::WrongGroupLength { expected, actual })
        );
    }

    #[test]
    fn damage_of_a_neighbouring_leaf_is_found() {
        let bytes = shard(class(6));
        let (_, cache) = shard_root(class(6), &bytes).unwrap();
        let mut damaged = group(&bytes, 20).to_vec();
        damaged[0] ^= 1;
        assert_eq!(
            cache.path(20, &damaged),
            Err(PathError::Damaged {
                index: 20,
                level: 2
            })
        );
    }

    #[test]
    fn damage_of_the_cache_is_found() {
        let class = class(9);
        let bytes = shard(class);
        let (_, cache) = shard_root(class, &bytes).unwrap();
        let mut damaged = cache.to_bytes();
        damaged[32] ^= 1;
        let damaged = TreeCache::from_bytes(class, &damaged).unwrap();
        let refused = damaged.path(0, group(&bytes, 0));
        assert_eq!(refused, Err(PathError::Damaged { index: 0, level: 4 }));
    }

    #[test]
    fn bytes_that_are_no_cache_are_refused() {
        let class = class(5);
        let length = TreeCache::encoded_len(class);
        let wrong = TreeCache::from_bytes(class, &vec![0; length + 1]);
        let actual = length + 1;
        assert_eq!(
            wrong,
            Err(CacheError::WrongLength {
                expected: length,
                actual
            })
        );
        let wrong = TreeCache::from_bytes(class, &vec![0xff; length]);
        assert_eq!(wrong, Err(CacheError::NotCanonical(0)));
    }
}
