//! Taking shards in.

use neurostore_storage::store::{IntakeError, Store};

use super::setting::*;

#[test]
fn a_stored_shard_is_read_back_whole_after_a_restart() {
    let (folder, store) = fresh();
    let data = bytes(class(6), 1);
    let root = put(&store, class(6), &data, claim(1, 2)).unwrap();
    drop(store);
    let (store, recovery) = open(folder.path());
    assert_eq!(recovery.unrecorded, []);
    assert_eq!(read_all(&store, &root).unwrap(), data);
    assert_eq!(store.claimed(claim(1, 2)).unwrap(), Some(root));
    assert_eq!(store.occupancy().stored_bytes, 64 << 10);
}

#[test]
fn the_root_is_the_one_everybody_computes() {
    let (_folder, store) = fresh();
    for c in 0..6 {
        let data = bytes(class(c), 9);
        let (expected, _) = neurostore_poseidon::shard_root(class(c), &data).unwrap();
        assert_eq!(
            put(&store, class(c), &data, claim(c.into(), 0)).unwrap(),
            expected
        );
    }
}

#[test]
fn too_few_and_too_many_bytes_are_refused_and_leave_nothing() {
    let (folder, store) = fresh();
    let data = bytes(class(2), 1);
    let short = put(&store, class(2), &data[1..], claim(1, 1)).unwrap_err();
    assert!(
        matches!(
            short,
            IntakeError::TooShort {
                expected: 4096,
                got: 4095
            }
        ),
        "{short}"
    );
    let empty = put(&store, class(2), &[], claim(1, 1)).unwrap_err();
    assert!(
        matches!(empty, IntakeError::TooShort { got: 0, .. }),
        "{empty}"
    );
    let long = [data.as_slice(), &[7]].concat();
    let long = put(&store, class(2), &long, claim(1, 1)).unwrap_err();
    assert!(
        matches!(long, IntakeError::TooLong { expected: 4096 }),
        "{long}"
    );
    assert_nothing_stored(&folder, &store);
}

#[test]
fn an_upload_that_breaks_off_gives_room_and_file_back() {
    let (folder, store) = fresh();
    let mut intake = store.begin(class(3), claim(1, 1)).unwrap();
    intake.write(&[1; 5000]).unwrap();
    assert_eq!(intake.received(), 5000);
    assert_eq!(store.occupancy().incoming_bytes, 8192);
    drop(intake);
    assert_nothing_stored(&folder, &store);
}

#[test]
fn the_same_shard_for_the_same_slot_is_stored_once() {
    let (_folder, store) = fresh();
    let data = bytes(class(1), 4);
    let first = put(&store, class(1), &data, claim(5, 0)).unwrap();
    let second = put(&store, class(1), &data, claim(5, 0)).unwrap();
    assert_eq!(first, second);
    assert_eq!(store.occupancy().stored_bytes, 2048);
    assert_eq!(store.occupancy().shards, 1);
}

#[test]
fn the_same_shard_is_taken_again_though_the_store_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&options(folder.path(), 2048)).unwrap();
    let data = bytes(class(1), 4);
    put(&store, class(1), &data, claim(5, 0)).unwrap();
    assert!(put(&store, class(1), &data, claim(5, 0)).is_ok());
    let other = put(&store, class(0), &bytes(class(0), 1), claim(6, 0)).unwrap_err();
    assert!(
        matches!(
            other,
            IntakeError::NoRoom {
                needed: 1024,
                left: 0
            }
        ),
        "{other}"
    );
}

#[test]
fn another_shard_for_a_receipted_slot_is_refused_and_leaves_nothing() {
    let (folder, store) = fresh();
    let first = put(&store, class(1), &bytes(class(1), 1), claim(5, 0)).unwrap();
    let second = put(&store, class(1), &bytes(class(1), 2), claim(5, 0)).unwrap_err();
    assert!(
        matches!(second, IntakeError::SlotTaken(root) if root == first),
        "{second}"
    );
    assert_eq!(store.occupancy().shards, 1);
    assert_eq!(files_below(&folder.path().join("shards")).len(), 2);
    assert_eq!(files_below(&folder.path().join("incoming")).len(), 0);
}

#[test]
fn of_two_uploads_for_one_slot_at_once_exactly_one_is_receipted() {
    let (folder, store) = fresh();
    for round in 0..20 {
        let won: Vec<_> = std::thread::scope(|scope| {
            let uploads: Vec<_> = (0..4u64)
                .map(|seed| {
                    let store = &store;
                    let data = bytes(class(1), round * 10 + seed);
                    scope.spawn(move || put(store, class(1), &data, claim(round, 7)))
                })
                .collect();
            uploads
                .into_iter()
                .filter_map(|upload| upload.join().unwrap().ok())
                .collect()
        });
        assert_eq!(won.len(), 1);
        assert_eq!(store.claimed(claim(round, 7)).unwrap(), Some(won[0]));
    }
    assert_eq!(store.occupancy().shards, 20);
    assert_eq!(files_below(&folder.path().join("shards")).len(), 40);
}

#[test]
fn one_shard_for_two_slots_is_stored_once_and_both_are_receipted() {
    let (_folder, store) = fresh();
    let data = bytes(class(4), 3);
    let roots: Vec<_> = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..8)
            .map(|slot| {
                let (store, data) = (&store, &data);
                scope.spawn(move || put(store, class(4), data, claim(9, slot)).unwrap())
            })
            .collect();
        uploads
            .into_iter()
            .map(|upload| upload.join().unwrap())
            .collect()
    });
    let listed = store.list(&Default::default(), 10).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].claims.len(), 8);
    assert!(roots.iter().all(|root| *root == listed[0].root));
    assert_eq!(store.occupancy().stored_bytes, 16 << 10);
    assert_eq!(store.occupancy().incoming_bytes, 0);
}

#[test]
fn uploads_on_their_way_count_against_the_capacity() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&options(folder.path(), 10 << 10)).unwrap();
    let first = store.begin(class(3), claim(1, 0)).unwrap();
    let second = store.begin(class(2), claim(1, 1)).unwrap_err();
    assert!(
        matches!(
            second,
            IntakeError::NoRoom {
                needed: 4096,
                left: 2048
            }
        ),
        "{second}"
    );
    drop(first);
    assert!(store.begin(class(2), claim(1, 1)).is_ok());
}

#[test]
fn a_store_of_another_chain_is_refused() {
    let (folder, store) = fresh();
    store.bind_chain(&[1; 32]).unwrap();
    store.bind_chain(&[1; 32]).unwrap();
    drop(store);
    let (store, _) = open(folder.path());
    assert!(store.bind_chain(&[2; 32]).is_err());
    assert!(store.check_chain(&[2; 32]).is_err());
    assert!(store.check_chain(&[1; 32]).is_ok());
    assert!(store.bind_chain(&[1; 32]).is_ok());
}

fn assert_nothing_stored(folder: &tempfile::TempDir, store: &Store) {
    assert_eq!(store.occupancy().incoming_bytes, 0);
    assert_eq!(store.occupancy().shards, 0);
    assert_eq!(store.list(&Default::default(), 10).unwrap(), []);
    assert_eq!(files_below(&folder.path().join("shards")).len(), 0);
    assert_eq!(files_below(&folder.path().join("incoming")).len(), 0);
}
