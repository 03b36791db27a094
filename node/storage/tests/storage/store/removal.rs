//! Removing shards.

use neurostore_storage::store::ShardState;

use super::setting::*;

#[test]
fn a_removed_shard_stays_readable_until_its_block_has_passed() {
    let (folder, store) = fresh();
    let data = bytes(class(1), 1);
    let root = put(&store, class(1), &data, claim(1, 0)).unwrap();
    store.unclaim(claim(1, 0)).unwrap();
    assert!(store.remove(root, 50).unwrap());
    assert_eq!(store.occupancy().stored_bytes, 0);
    assert_eq!(store.sweep(50).unwrap(), 0);
    assert_eq!(read_all(&store, &root).unwrap(), data);
    assert_eq!(store.sweep(51).unwrap(), 1);
    assert_eq!(store.record(&root).unwrap(), None);
    assert_eq!(files_below(&folder.path().join("shards")).len(), 0);
    assert_eq!(store.occupancy(), fresh().1.occupancy());
}

#[test]
fn a_due_shard_that_may_not_go_yet_stays() {
    let (_folder, store) = fresh();
    let root = put(&store, class(1), &bytes(class(1), 1), claim(1, 0)).unwrap();
    store.unclaim(claim(1, 0)).unwrap();
    store.remove(root, 50).unwrap();
    assert_eq!(store.sweep_if(51, |_| false).unwrap(), 0);
    assert!(store.record(&root).unwrap().is_some());
    assert_eq!(store.sweep_if(51, |due| *due == root).unwrap(), 1);
}

#[test]
fn a_claimed_shard_is_not_removed() {
    let (_folder, store) = fresh();
    let root = put(&store, class(1), &bytes(class(1), 1), claim(1, 0)).unwrap();
    assert!(!store.remove(root, 50).unwrap());
    assert_eq!(
        store.record(&root).unwrap().unwrap().state,
        ShardState::Live
    );
}

#[test]
fn a_removed_shard_that_is_needed_after_all_is_kept() {
    let (_folder, store) = fresh();
    let root = put(&store, class(1), &bytes(class(1), 1), claim(1, 0)).unwrap();
    store.unclaim(claim(1, 0)).unwrap();
    store.remove(root, 50).unwrap();
    assert!(store.keep(root).unwrap());
    assert!(!store.keep(root).unwrap());
    assert_eq!(store.sweep(1000).unwrap(), 0);
    assert_eq!(store.occupancy().shards, 1);
}

#[test]
fn uploading_a_removed_shard_again_keeps_it() {
    let (_folder, store) = fresh();
    let data = bytes(class(1), 1);
    let root = put(&store, class(1), &data, claim(1, 0)).unwrap();
    store.unclaim(claim(1, 0)).unwrap();
    store.remove(root, 50).unwrap();
    put(&store, class(1), &data, claim(2, 0)).unwrap();
    assert_eq!(store.sweep(1000).unwrap(), 0);
    assert_eq!(read_all(&store, &root).unwrap(), data);
}

#[test]
fn marks_survive_a_restart() {
    let (folder, store) = fresh();
    let roots: Vec<_> = (0..5)
        .map(|seed| {
            let root = put(&store, class(0), &bytes(class(0), seed), claim(seed, 0)).unwrap();
            store.unclaim(claim(seed, 0)).unwrap();
            store
                .remove(root, 50 + u32::try_from(seed).unwrap())
                .unwrap();
            root
        })
        .collect();
    drop(store);
    let (store, _) = open(folder.path());
    assert_eq!(store.occupancy().removed_shards, 5);
    assert_eq!(store.sweep(53).unwrap(), 3);
    assert_eq!(store.record(&roots[2]).unwrap(), None);
    assert!(store.record(&roots[3]).unwrap().is_some());
}
