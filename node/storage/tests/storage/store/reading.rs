//! Reading shards, whole and damaged ones.

use std::io::{Read, Seek, SeekFrom, Write};

use neurostore_poseidon::verify_path;
use neurostore_primitives::ShardRoot;
use neurostore_storage::store::{ReadError, ShardState, Store};

use super::setting::*;

fn flip(path: &std::path::Path, at: u64) {
    let mut file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1]).unwrap();
}

fn state(store: &Store, root: &ShardRoot) -> ShardState {
    store.record(root).unwrap().unwrap().state
}

#[test]
fn any_range_is_read_and_nothing_beyond_the_end() {
    let (_folder, store) = fresh();
    let data = bytes(class(3), 1);
    let root = put(&store, class(3), &data, claim(1, 0)).unwrap();
    for (offset, len) in [(0, 8192), (0, 1), (8191, 1), (1000, 5000), (8192, 0)] {
        let mut read = Vec::new();
        store
            .range(&root, offset, len)
            .unwrap()
            .read_to_end(&mut read)
            .unwrap();
        let at = |byte: u64| usize::try_from(byte).unwrap();
        assert_eq!(read, data[at(offset)..at(offset + len)], "{offset} + {len}");
    }
    for (offset, len) in [(0, 8193), (8192, 1), (u64::MAX, 1), (1, u64::MAX)] {
        let error = store.range(&root, offset, len).unwrap_err();
        assert!(
            matches!(error, ReadError::OutOfRange { len: 8192 }),
            "{error}"
        );
    }
}

#[test]
fn an_unknown_root_is_unknown() {
    let (_folder, store) = fresh();
    let root = ShardRoot([3; 32]);
    assert!(matches!(store.range(&root, 0, 1), Err(ReadError::Unknown)));
    assert!(matches!(store.leaves(&root, &[0]), Err(ReadError::Unknown)));
}

#[test]
fn leaves_of_every_class_come_with_paths_that_fit_the_root() {
    let (_folder, store) = fresh();
    for c in 0..=9 {
        let data = bytes(class(c), 2);
        let root = put(&store, class(c), &data, claim(c.into(), 0)).unwrap();
        let last = u16::try_from(class(c).leaves() - 1).unwrap();
        for leaf in store.leaves(&root, &[0, last / 2, last]).unwrap() {
            let at = usize::from(leaf.index) * 1024;
            assert_eq!(leaf.leaf[..], data[at..at + 1024]);
            assert!(verify_path(&root, &leaf.leaf, leaf.index, &leaf.path));
        }
        let beyond = u16::try_from(class(c).leaves()).unwrap();
        assert!(matches!(
            store.leaves(&root, &[beyond]),
            Err(ReadError::OutOfRange { .. })
        ));
    }
}

#[test]
fn a_changed_byte_is_found_when_its_leaf_is_read() {
    let (folder, store) = fresh();
    let data = bytes(class(5), 2);
    let root = put(&store, class(5), &data, claim(1, 0)).unwrap();
    flip(&shard_file(folder.path(), &root), 20 * 1024 + 5);
    assert!(store.leaves(&root, &[0]).is_ok());
    assert!(matches!(
        store.leaves(&root, &[20]),
        Err(ReadError::Damaged(_))
    ));
    assert_eq!(state(&store, &root), ShardState::Damaged);
    assert_eq!(store.occupancy().damaged_shards, 1);
    // What is known to be damaged is not handed out, but leaves that still fit are.
    assert!(matches!(
        store.range(&root, 0, 10),
        Err(ReadError::Damaged(_))
    ));
    assert!(store.leaves(&root, &[0]).is_ok());
}

#[test]
fn a_damaged_shard_without_tree_cache_is_not_hashed_for_each_question() {
    let (folder, store) = fresh();
    let root = put(&store, class(5), &bytes(class(5), 2), claim(1, 0)).unwrap();
    let file = shard_file(folder.path(), &root);
    flip(&file, 7);
    assert!(store.verify(&root).is_err());
    // Hashing it would find it whole.
    flip(&file, 7);
    let tree = tree_file(folder.path(), &root);
    std::fs::remove_file(&tree).unwrap();
    let answer = store.leaves(&root, &[0]);
    assert!(matches!(answer, Err(ReadError::Damaged(_))));
    assert!(!tree.exists(), "nothing was hashed");
}

#[test]
fn uploading_a_damaged_shard_again_repairs_it() {
    let (folder, store) = fresh();
    let data = bytes(class(5), 2);
    let root = put(&store, class(5), &data, claim(1, 0)).unwrap();
    flip(&shard_file(folder.path(), &root), 0);
    assert!(store.verify(&root).is_err());
    assert_eq!(put(&store, class(5), &data, claim(1, 0)).unwrap(), root);
    assert_eq!(state(&store, &root), ShardState::Live);
    assert_eq!(read_all(&store, &root).unwrap(), data);
    assert_eq!(store.occupancy().damaged_shards, 0);
}

#[test]
fn a_damaged_shard_that_is_whole_again_heals_when_checked() {
    let (folder, store) = fresh();
    let root = put(&store, class(2), &bytes(class(2), 2), claim(1, 0)).unwrap();
    let file = shard_file(folder.path(), &root);
    flip(&file, 7);
    assert!(store.verify(&root).is_err());
    flip(&file, 7);
    store.verify(&root).unwrap();
    assert_eq!(state(&store, &root), ShardState::Live);
}

#[test]
fn a_changed_or_lost_tree_cache_is_built_again() {
    let (folder, store) = fresh();
    let root = put(&store, class(7), &bytes(class(7), 2), claim(1, 0)).unwrap();
    let tree = tree_file(folder.path(), &root);
    let before = std::fs::read(&tree).unwrap();
    flip(&tree, before.len() as u64 - 1);
    let last = u16::try_from(class(7).leaves() - 1).unwrap();
    assert!(store.leaves(&root, &[0, last]).is_ok());
    assert_eq!(std::fs::read(&tree).unwrap(), before);
    std::fs::remove_file(&tree).unwrap();
    assert!(store.leaves(&root, &[0]).is_ok());
    assert_eq!(std::fs::read(&tree).unwrap(), before);
    assert_eq!(state(&store, &root), ShardState::Live);
}

#[test]
fn a_shortened_a_lengthened_and_a_missing_file_are_damage() {
    let (folder, store) = fresh();
    let damage: [fn(&std::path::Path); 3] = [
        |file| {
            let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
            file.set_len(4095).unwrap();
        },
        |file| {
            let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
            file.set_len(4097).unwrap();
        },
        |file| std::fs::remove_file(file).unwrap(),
    ];
    for (seed, hurt) in damage.into_iter().enumerate() {
        let seed = seed as u64;
        let root = put(&store, class(2), &bytes(class(2), seed), claim(seed, 0)).unwrap();
        hurt(&shard_file(folder.path(), &root));
        assert!(matches!(
            store.range(&root, 0, 1),
            Err(ReadError::Damaged(_))
        ));
        assert_eq!(state(&store, &root), ShardState::Damaged);
    }
}

#[test]
fn a_file_cut_while_it_is_read_is_an_error_and_no_early_end() {
    let (folder, store) = fresh();
    let root = put(&store, class(2), &bytes(class(2), 2), claim(1, 0)).unwrap();
    let mut range = store.range(&root, 0, 4096).unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(shard_file(folder.path(), &root))
        .unwrap();
    file.set_len(100).unwrap();
    let error = range.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}
