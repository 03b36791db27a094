//! Full disks: small filesystems in memory, which only root can mount.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use neurostore_storage::store::{IntakeError, Store, StoreOptions};

use super::setting::*;

/// Takes a test's filesystem away again.
pub(crate) struct Unmount(pub(crate) PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(&self.0).output();
        assert!(done.is_ok_and(|output| output.status.success()));
    }
}

/// A filesystem of `mib` MiB, or `None` with a message where that is not permitted.
fn small_disk(mib: u32) -> Option<(tempfile::TempDir, Unmount)> {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
        .arg(folder.path())
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return None;
    }
    let unmount = Unmount(folder.path().to_path_buf());
    Some((folder, unmount))
}

fn fill(path: &Path) -> PathBuf {
    use std::io::Write;
    let ballast = path.join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while file.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    ballast
}

#[test]
fn a_full_disk_refuses_before_the_first_byte_and_takes_more_once_there_is_room() {
    let Some((folder, _unmount)) = small_disk(8) else {
        return;
    };
    let (store, _) = open(folder.path());
    let mut kept = Vec::new();
    let refused = loop {
        let seed = kept.len() as u64;
        let data = bytes(class(9), seed);
        match put(&store, class(9), &data, claim(seed, 0)) {
            Ok(root) => kept.push((root, data)),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, IntakeError::DiskFull), "{refused}");
    assert!(kept.len() > 5, "{}", kept.len());
    assert!(matches!(
        store.begin(class(9), claim(99, 0)),
        Err(IntakeError::DiskFull)
    ));
    assert_eq!(store.read_only(), None, "a full disk may pass");
    for (root, data) in &kept {
        assert_eq!(read_all(&store, root).unwrap(), *data);
    }
    let (gone, _) = kept.pop().unwrap();
    let seed = kept.len() as u64;
    store.unclaim(claim(seed, 0)).unwrap();
    store.remove(gone, 1).unwrap();
    assert_eq!(store.sweep(2).unwrap(), 1);
    assert!(put(&store, class(9), &bytes(class(9), 77), claim(77, 0)).is_ok());
}

#[test]
fn a_disk_filled_by_others_loses_nothing_and_leaves_nothing() {
    let Some((folder, _unmount)) = small_disk(16) else {
        return;
    };
    let (store, _) = open(folder.path());
    let data = bytes(class(8), 1);
    let kept = put(&store, class(8), &data, claim(1, 0)).unwrap();
    // Accepted, so its space is taken: the disk may fill up now.
    let mut accepted = store.begin(class(8), claim(2, 0)).unwrap();
    let ballast = fill(folder.path());
    let late = bytes(class(8), 2);
    let written = accepted.write(&late);
    assert!(written.is_ok(), "{written:?}");
    // The tree cache or the index may not fit any more; then the upload fails as a whole.
    let finished = accepted.finish();
    assert_eq!(read_all_whole(&store, &kept), data);
    drop(store);
    std::fs::remove_file(ballast).unwrap();
    let (store, recovery) = open(folder.path());
    store.finish_recovery(&recovery, |_, _| true);
    assert_eq!(read_all(&store, &kept).unwrap(), data);
    if let Ok(root) = finished {
        assert_eq!(read_all(&store, &root).unwrap(), late);
    }
    for shard in store.list(&Default::default(), 10).unwrap() {
        store.verify(&shard.root).unwrap();
    }
}

#[test]
fn a_start_on_a_full_disk_reads_and_proves() {
    let Some((folder, _unmount)) = small_disk(8) else {
        return;
    };
    let (store, _) = open(folder.path());
    let data = bytes(class(8), 1);
    let root = put(&store, class(8), &data, claim(1, 0)).unwrap();
    drop(store);
    // Without its index, which a full disk has no room to make anew.
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    let ballast = fill(folder.path());
    let (store, _) = open(folder.path());
    assert!(store.read_only().is_some());
    assert_eq!(read_all_whole(&store, &root), data);
    assert_eq!(store.leaves(&root, &[200]).unwrap().len(), 1);
    assert_eq!(store.occupancy().shards, 1);
    drop(store);
    std::fs::remove_file(ballast).unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(store.read_only(), None);
    assert_eq!(store.finish_recovery(&recovery, |_, _| true).adopted, 1);
}

/// Also where the index fails.
fn read_all_whole(store: &Store, root: &neurostore_primitives::ShardRoot) -> Vec<u8> {
    use std::io::Read;
    let mut read = Vec::new();
    let mut range = store.range(root, 0, class(8).shard_bytes()).unwrap();
    range.read_to_end(&mut read).unwrap();
    read
}

#[test]
fn the_free_reserve_is_not_touched() {
    let Some((folder, _unmount)) = small_disk(8) else {
        return;
    };
    let options = StoreOptions {
        free_reserve_bytes: Some(6 << 20),
        ..options(folder.path(), PLENTY)
    };
    let (store, _) = Store::open(&options).unwrap();
    let mut stored = 0u64;
    while put(&store, class(7), &bytes(class(7), stored), claim(stored, 0)).is_ok() {
        stored += 1;
    }
    assert!((1..16).contains(&stored), "{stored}");
    assert!(matches!(
        store.begin(class(7), claim(99, 0)),
        Err(IntakeError::DiskFull)
    ));
    assert!(fs4::available_space(folder.path()).unwrap() >= (6 << 20) - (64 << 10));
    assert!(store.free_bytes().unwrap() < class(7).shard_bytes());
}
