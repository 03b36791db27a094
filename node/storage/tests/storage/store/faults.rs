//! Disks that fail at a chosen step.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use neurostore_storage::store::{Disk, IntakeError, OsDisk, Store};

use super::setting::*;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
const EMFILE: i32 = 24;
const EROFS: i32 = 30;

/// A step that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Create,
    Allocate,
    Write,
    Sync,
    Rename,
    CreateFolder,
    SyncFolder,
    Remove,
    IndexSync,
}

const STEPS: [Step; 8] = [
    Step::Create,
    Step::Allocate,
    Step::Write,
    Step::Sync,
    Step::Rename,
    Step::CreateFolder,
    Step::SyncFolder,
    Step::IndexSync,
];

/// A disk that fails the `nth` occurrence of a step, counted from one, and all later ones where
/// `for_good`.
#[derive(Debug, Default)]
pub(crate) struct FaultyDisk {
    plan: Mutex<Option<Plan>>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    step: Step,
    countdown: u32,
    error: i32,
}

impl FaultyDisk {
    fn fail(&self, step: Step, nth: u32, error: i32) {
        *self.plan.lock().unwrap() = Some(Plan {
            step,
            countdown: nth,
            error,
        });
    }

    /// Whether the fault happened.
    fn is_spent(&self) -> bool {
        self.plan.lock().unwrap().is_none()
    }

    fn heal(&self) {
        *self.plan.lock().unwrap() = None;
    }

    fn at(&self, step: Step) -> io::Result<()> {
        let mut plan = self.plan.lock().unwrap();
        let Some(due) = plan.as_mut().filter(|plan| plan.step == step) else {
            return Ok(());
        };
        due.countdown -= 1;
        if due.countdown > 0 {
            return Ok(());
        }
        let error = due.error;
        *plan = None;
        Err(io::Error::from_raw_os_error(error))
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.at(Step::Create)?;
        OsDisk.create(path)
    }
    fn allocate(&self, file: &File, len: u64) -> io::Result<()> {
        self.at(Step::Allocate)?;
        OsDisk.allocate(file, len)
    }
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.at(Step::Write) {
            // Half of it arrives, as on a real disk.
            OsDisk.write(file, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        OsDisk.write(file, bytes)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        self.at(Step::Sync)?;
        OsDisk.sync(file)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.at(Step::Rename)?;
        OsDisk.rename(from, to)
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.at(Step::CreateFolder)?;
        OsDisk.create_folder(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.at(Step::SyncFolder)?;
        OsDisk.sync_folder(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.at(Step::Remove)?;
        OsDisk.remove(path)
    }
    fn before_index_sync(&self) -> io::Result<()> {
        self.at(Step::IndexSync)
    }
}

fn on_faulty_disk() -> (tempfile::TempDir, Arc<FaultyDisk>, Store) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(FaultyDisk::default());
    let (store, _) = open_on(folder.path(), disk.clone());
    (folder, disk, store)
}

#[test]
fn a_failing_fsync_ends_writing_but_not_reading_and_proving() {
    for step in [Step::Sync, Step::SyncFolder, Step::IndexSync] {
        let (folder, disk, store) = on_faulty_disk();
        let data = bytes(class(5), 1);
        let kept = put(&store, class(5), &data, claim(1, 0)).unwrap();
        disk.fail(step, 1, EIO);
        let error = put(&store, class(5), &bytes(class(5), 2), claim(2, 0)).unwrap_err();
        assert!(
            matches!(error, IntakeError::ReadOnly(_)),
            "{step:?}: {error}"
        );
        assert!(disk.is_spent());
        assert!(store.read_only().is_some(), "{step:?}");
        // The disk works again, but what it says is no longer believed.
        let error = store.begin(class(0), claim(3, 0)).unwrap_err();
        assert!(matches!(error, IntakeError::ReadOnly(_)), "{error}");
        assert!(store.unclaim(claim(1, 0)).is_err());
        assert_eq!(store.leaves(&kept, &[0, 31]).unwrap().len(), 2, "{step:?}");
        assert!(store.range(&kept, 0, 100).is_ok());
        drop(store);
        let (store, recovery) = open(folder.path());
        store.finish_recovery(&recovery, |_, _| true);
        assert_eq!(store.read_only(), None, "a restart starts afresh");
        assert_eq!(read_all(&store, &kept).unwrap(), data);
    }
}

#[test]
fn a_read_only_or_failing_disk_ends_writing_at_any_step() {
    for error in [EIO, EROFS] {
        for step in STEPS {
            let (_folder, disk, store) = on_faulty_disk();
            disk.fail(step, 1, error);
            assert!(put(&store, class(1), &bytes(class(1), 1), claim(1, 0)).is_err());
            assert!(store.read_only().is_some(), "{step:?} with {error}");
        }
    }
}

#[test]
fn a_full_disk_and_too_many_open_files_may_pass() {
    for (step, error) in [
        (Step::Create, ENOSPC),
        (Step::Allocate, ENOSPC),
        (Step::Write, ENOSPC),
        (Step::Rename, ENOSPC),
        (Step::CreateFolder, ENOSPC),
        (Step::Create, EMFILE),
    ] {
        let (folder, disk, store) = on_faulty_disk();
        disk.fail(step, 1, error);
        let data = bytes(class(1), 1);
        let refused = put(&store, class(1), &data, claim(1, 0)).unwrap_err();
        match error {
            ENOSPC => assert!(matches!(refused, IntakeError::DiskFull), "{refused}"),
            _ => assert!(matches!(refused, IntakeError::Failed(_)), "{refused}"),
        }
        assert_eq!(store.read_only(), None, "{step:?} with {error}");
        assert_eq!(files_below(&folder.path().join("incoming")).len(), 0);
        assert_eq!(files_below(&folder.path().join("shards")).len(), 0);
        assert_eq!(store.occupancy().incoming_bytes, 0);
        assert!(put(&store, class(1), &data, claim(1, 0)).is_ok());
    }
}

#[test]
fn whatever_step_fails_no_receipt_is_given_and_a_restart_finds_no_half_shard() {
    for step in STEPS {
        for nth in 1..=3 {
            let (folder, disk, store) = on_faulty_disk();
            let data = bytes(class(3), 1);
            let kept = put(&store, class(3), &data, claim(1, 0)).unwrap();
            disk.fail(step, nth, EIO);
            let second = bytes(class(3), 2);
            let told = put(&store, class(3), &second, claim(2, 0));
            let happened = disk.is_spent();
            disk.heal();
            drop(store);
            assert!(told.is_err() == happened, "{step:?} {nth}: {told:?}");
            let (store, recovery) = open(folder.path());
            store.finish_recovery(&recovery, |_, _| true);
            assert_eq!(recovery.newly_damaged, []);
            assert_eq!(read_all(&store, &kept).unwrap(), data);
            if let Ok(root) = told {
                assert_eq!(read_all(&store, &root).unwrap(), second);
            }
            for shard in store.list(&Default::default(), 10).unwrap() {
                store.verify(&shard.root).unwrap();
            }
        }
    }
}

#[test]
fn a_file_that_cannot_be_deleted_keeps_its_record() {
    let (_folder, disk, store) = on_faulty_disk();
    let root = put(&store, class(1), &bytes(class(1), 1), claim(1, 0)).unwrap();
    store.unclaim(claim(1, 0)).unwrap();
    store.remove(root, 1).unwrap();
    disk.fail(Step::Remove, 1, EIO);
    assert!(store.sweep(2).is_err());
    assert!(store.record(&root).unwrap().is_some());
    assert_eq!(store.sweep(2).unwrap(), 1);
}
