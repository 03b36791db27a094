//! What a start makes of what it finds.

use std::process::Command;

use neurostore_storage::store::{OpenError, ShardState, Store};

use super::setting::*;

#[test]
fn leftovers_of_broken_uploads_are_removed() {
    let (folder, store) = fresh();
    drop(store);
    for name in ["0.part", "1.part", "odd"] {
        std::fs::write(folder.path().join("incoming").join(name), b"half").unwrap();
    }
    let (_store, recovery) = open(folder.path());
    assert_eq!(recovery.leftovers_removed, 3);
    assert_eq!(files_below(&folder.path().join("incoming")).len(), 0);
}

#[test]
fn a_second_opening_of_the_same_folder_is_refused() {
    let (folder, store) = fresh();
    let again = Store::open(&options(folder.path(), PLENTY)).unwrap_err();
    assert!(matches!(again, OpenError::Locked(_)), "{again}");
    drop(store);
    open(folder.path());
}

#[test]
fn an_unrecorded_shard_is_invisible_until_every_byte_was_checked() {
    let (folder, store) = fresh();
    let data = bytes(class(2), 1);
    let root = put(&store, class(2), &data, claim(1, 0)).unwrap();
    drop(store);
    // The index from before the upload.
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(recovery.unrecorded, [root]);
    assert_eq!(store.record(&root).unwrap(), None);
    let settled = store.finish_recovery(&recovery, |_, _| true);
    assert_eq!((settled.adopted, settled.discarded), (1, 0));
    assert_eq!(read_all(&store, &root).unwrap(), data);
    assert_eq!(store.occupancy().shards, 1);
}

#[test]
fn a_file_that_is_not_the_shard_its_name_says_is_discarded() {
    let (folder, store) = fresh();
    let root = put(&store, class(2), &bytes(class(2), 1), claim(1, 0)).unwrap();
    drop(store);
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    for false_content in [vec![0; 4096], vec![0; 4000], vec![]] {
        std::fs::write(shard_file(folder.path(), &root), &false_content).unwrap();
        let (store, recovery) = open(folder.path());
        let settled = store.finish_recovery(&recovery, |_, _| true);
        assert_eq!((settled.adopted, settled.discarded), (0, 1));
        assert_eq!(store.record(&root).unwrap(), None);
        assert_eq!(files_below(&folder.path().join("shards")).len(), 0);
    }
}

#[test]
fn a_lost_index_is_built_again_from_the_shards() {
    let (folder, store) = fresh();
    let shards: Vec<_> = (0..20)
        .map(|seed| {
            let class = class(u8::try_from(seed % 4).unwrap());
            let data = bytes(class, seed);
            (put(&store, class, &data, claim(seed, 0)).unwrap(), data)
        })
        .collect();
    drop(store);
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(store.finish_recovery(&recovery, |_, _| true).adopted, 20);
    for (root, data) in shards {
        assert_eq!(read_all(&store, &root).unwrap(), data);
    }
}

#[test]
fn a_missing_or_shortened_file_is_reported_and_marked() {
    let (folder, store) = fresh();
    let roots: Vec<_> = (0..3)
        .map(|seed| put(&store, class(1), &bytes(class(1), seed), claim(seed, 0)).unwrap())
        .collect();
    drop(store);
    std::fs::remove_file(shard_file(folder.path(), &roots[0])).unwrap();
    std::fs::write(shard_file(folder.path(), &roots[1]), [0; 100]).unwrap();
    let (store, recovery) = open(folder.path());
    let mut expected = vec![roots[0], roots[1]];
    expected.sort();
    assert_eq!(recovery.newly_damaged, expected);
    assert_eq!(store.occupancy().damaged_shards, 2);
    assert_eq!(
        store.record(&roots[2]).unwrap().unwrap().state,
        ShardState::Live
    );
    drop(store);
    let (_store, recovery) = open(folder.path());
    assert_eq!(recovery.newly_damaged, [], "told once");
}

#[test]
fn a_damaged_shard_whose_file_is_back_heals_after_the_start() {
    let (folder, store) = fresh();
    let data = bytes(class(5), 1);
    let root = put(&store, class(5), &data, claim(1, 0)).unwrap();
    drop(store);
    let file = shard_file(folder.path(), &root);
    let aside = folder.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    drop(open(folder.path()));
    // As when the disk is mounted after all.
    std::fs::rename(&aside, &file).unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(recovery.to_check, [root]);
    assert_eq!(store.finish_recovery(&recovery, |_, _| true).healed, 1);
    assert_eq!(store.occupancy().damaged_shards, 0);
    assert_eq!(read_all(&store, &root).unwrap(), data);
}

#[test]
fn a_lost_tree_cache_is_built_again_after_the_start() {
    let (folder, store) = fresh();
    let root = put(&store, class(5), &bytes(class(5), 1), claim(1, 0)).unwrap();
    drop(store);
    let tree = tree_file(folder.path(), &root);
    let before = std::fs::read(&tree).unwrap();
    std::fs::remove_file(&tree).unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(recovery.without_tree, [root]);
    assert_eq!(
        store.finish_recovery(&recovery, |_, _| true).trees_rebuilt,
        1
    );
    assert_eq!(std::fs::read(&tree).unwrap(), before);
}

#[test]
fn a_read_only_disk_is_still_read_and_proven_from() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |arguments: &[&str]| {
        Command::new("mount")
            .args(arguments)
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=8m", "tmpfs"]) {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    }
    let _unmount = super::disk_full::Unmount(folder.path().to_path_buf());
    let data = bytes(class(3), 1);
    let (store, _) = open(folder.path());
    let root = put(&store, class(3), &data, claim(1, 0)).unwrap();
    drop(store);
    assert!(mount(&["-o", "remount,ro"]));
    let (store, _) = open(folder.path());
    assert!(
        store.read_only().unwrap().contains("Read-only"),
        "{:?}",
        store.read_only()
    );
    assert_eq!(store.leaves(&root, &[3]).unwrap().len(), 1);
    assert!(store.range(&root, 0, 8192).is_ok());
    assert_eq!(store.occupancy().shards, 1);
    assert!(put(&store, class(3), &data, claim(2, 0)).is_err());
    drop(store);
    assert!(mount(&["-o", "remount,rw"]));
    let (store, _) = open(folder.path());
    assert!(put(&store, class(3), &data, claim(2, 0)).is_ok());
}
