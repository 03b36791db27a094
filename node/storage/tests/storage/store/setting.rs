//! What the tests of the store share.

use std::{path::Path, sync::Arc, time::Duration};

use neurostore_primitives::{ReservationId, ShardClass, ShardRoot, SlotIndex};
use neurostore_storage::store::{
    Claim, Disk, IntakeError, OpenError, OsDisk, ReadError, Recovery, Store, StoreOptions,
};
use tempfile::TempDir;

/// Room for every test that does not ask for less.
pub(crate) const PLENTY: u64 = 1 << 30;

pub(crate) fn class(c: u8) -> ShardClass {
    ShardClass::new(c).unwrap()
}

pub(crate) fn claim(reservation: u64, slot: u8) -> Claim {
    Claim {
        reservation: ReservationId(reservation),
        slot: SlotIndex::new(slot).unwrap(),
    }
}

/// Bytes of a shard of `class`, others for each seed.
pub(crate) fn bytes(class: ShardClass, seed: u64) -> Vec<u8> {
    use rand::{RngCore, SeedableRng};
    let mut bytes = vec![0; usize::try_from(class.shard_bytes()).unwrap()];
    rand::rngs::StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

pub(crate) fn options(path: &Path, capacity_bytes: u64) -> StoreOptions {
    StoreOptions {
        path: path.to_path_buf(),
        capacity_bytes,
        free_reserve_bytes: Some(0),
    }
}

pub(crate) fn open(path: &Path) -> (Store, Recovery) {
    open_on(path, Arc::new(OsDisk))
}

pub(crate) fn open_on(path: &Path, disk: Arc<dyn Disk>) -> (Store, Recovery) {
    // A process that another test starts holds this one's locks between fork and exec.
    for _ in 0..100 {
        match Store::open_on(&options(path, PLENTY), Arc::clone(&disk)) {
            Err(OpenError::Locked(_)) => std::thread::sleep(Duration::from_millis(20)),
            other => return other.unwrap(),
        }
    }
    panic!("the store stays locked");
}

/// An empty store in a folder of its own.
pub(crate) fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, recovery) = open(folder.path());
    assert_eq!(recovery, Recovery::default());
    (folder, store)
}

pub(crate) fn put(
    store: &Store,
    class: ShardClass,
    bytes: &[u8],
    claim: Claim,
) -> Result<ShardRoot, IntakeError> {
    let mut intake = store.begin(class, claim)?;
    for chunk in bytes.chunks(700) {
        intake.write(chunk)?;
    }
    intake.finish()
}

pub(crate) fn read_all(store: &Store, root: &ShardRoot) -> Result<Vec<u8>, ReadError> {
    use std::io::Read;
    let len = store
        .record(root)
        .ok()
        .flatten()
        .map_or(0, |record| record.len);
    let mut read = Vec::new();
    store
        .range(root, 0, len)?
        .read_to_end(&mut read)
        .map_err(ReadError::Disk)?;
    Ok(read)
}

/// The file of a shard.
pub(crate) fn shard_file(store: &Path, root: &ShardRoot) -> std::path::PathBuf {
    let name = root.to_string();
    store
        .join("shards")
        .join(&name[..2])
        .join(&name[2..4])
        .join(format!("{name}.shard"))
}

/// The tree cache of a shard.
pub(crate) fn tree_file(store: &Path, root: &ShardRoot) -> std::path::PathBuf {
    shard_file(store, root).with_extension("tree")
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return files;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
