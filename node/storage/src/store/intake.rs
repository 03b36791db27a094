//! Taking a shard in: nothing of it is visible until all of it is safe.
//!
//! The order is what makes a receipt true: bytes to a temporary file while they are hashed, fsync,
//! tree cache beside, fsync, rename both into place, fsync of the folder, durable commit of the
//! index. A kill between any two of these leaves either a temporary file, which the next start
//! removes, or a whole shard without a record, which the next start checks and adopts.

use std::{fs::File, io, path::PathBuf, sync::Arc};

use neurostore_poseidon::{ShardHasher, TreeCache};
use neurostore_primitives::{ShardClass, ShardRoot};

use super::{
    disk::{Disk, Trouble},
    error::IntakeError,
    index::Change,
    inner::Inner,
    record::{Claim, ShardRecord},
    room::Ticket,
};

/// An upload that was accepted: its room is taken. Dropping it gives everything back.
pub struct Intake {
    store: Arc<Inner>,
    class: ShardClass,
    claim: Claim,
    hasher: ShardHasher,
    file: File,
    temp: TempFile,
    received: u64,
    _room: Option<Ticket>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intake")
            .field("class", &self.class)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// A file in `incoming/` that goes away unless it was moved into place.
#[derive(Debug)]
struct TempFile {
    path: Option<PathBuf>,
    disk: Arc<dyn Disk>,
}

impl TempFile {
    /// The name is kept even where creating fails half-way, so that nothing stays behind.
    fn create(disk: &Arc<dyn Disk>, path: PathBuf) -> (Self, io::Result<File>) {
        let file = disk.create(&path);
        let temp = Self {
            path: Some(path),
            disk: Arc::clone(disk),
        };
        (temp, file)
    }

    fn move_to(mut self, to: &std::path::Path) -> io::Result<()> {
        if let Some(from) = &self.path {
            self.disk.rename(from, to)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            if let Err(error) = self.disk.remove(&path) {
                tracing::warn!(%error, "an unfinished upload stays behind until the next start");
            }
        }
    }
}

impl Intake {
    pub(super) fn begin(
        store: &Arc<Inner>,
        class: ShardClass,
        claim: Claim,
    ) -> Result<Self, IntakeError> {
        store.check_writable()?;
        let len = class.shard_bytes();
        let room = if store.counts_already(claim) {
            None
        } else {
            let taken = store.room.take(len);
            Some(taken.map_err(|left| IntakeError::NoRoom { needed: len, left })?)
        };
        let free = store
            .disk
            .free_bytes(store.layout.base())
            .map_err(IntakeError::Failed)?;
        if free < store.free_reserve.saturating_add(len) {
            return Err(IntakeError::DiskFull);
        }
        let (temp, file) = TempFile::create(&store.disk, store.layout.temp());
        let file = file.map_err(|error| store.may_pass("creating a file", error))?;
        store
            .disk
            .allocate(&file, len)
            .map_err(|error| store.may_pass("taking disk space", error))?;
        Ok(Self {
            store: Arc::clone(store),
            class,
            claim,
            hasher: ShardHasher::new(class),
            file,
            temp,
            received: 0,
            _room: room,
        })
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next bytes. Blocks for hashing and the disk.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        let expected = self.class.shard_bytes();
        let received = self.received.saturating_add(bytes.len() as u64);
        if received > expected {
            return Err(IntakeError::TooLong { expected });
        }
        self.store.check_writable()?;
        self.store
            .disk
            .write(&mut self.file, bytes)
            .map_err(|error| self.store.write_failed("writing a shard", error))?;
        self.hasher.update(bytes);
        self.received = received;
        Ok(())
    }

    /// Makes the shard safe and returns its root. Only after this may a receipt be given.
    pub fn finish(self) -> Result<ShardRoot, IntakeError> {
        let expected = self.class.shard_bytes();
        let too_short = IntakeError::TooShort {
            expected,
            got: self.received,
        };
        if self.received != expected {
            return Err(too_short);
        }
        let Ok((root, tree)) = self.hasher.finish() else {
            return Err(too_short);
        };
        let (store, claim) = (&self.store, self.claim);
        store.check_writable()?;
        // Known before the costly part; the index decides again when it commits.
        if let Ok(Some(holder)) = store.claimed(claim) {
            if holder != root {
                return Err(IntakeError::SlotTaken(holder));
            }
        }
        store
            .disk
            .sync(&self.file)
            .map_err(|error| store.sync_failed("the fsync of a shard", error))?;
        drop(self.file);
        store.publish(self.class, root, &tree, self.temp, claim)?;
        Ok(root)
    }
}

impl Inner {
    /// Whether the slot's shard was received before: sending it again takes no further room.
    fn counts_already(&self, claim: Claim) -> bool {
        let Ok(Some(root)) = self.claimed(claim) else {
            return false;
        };
        matches!(self.record(&root), Ok(Some(record)) if record.counts())
    }

    fn publish(
        &self,
        class: ShardClass,
        root: ShardRoot,
        tree: &TreeCache,
        shard: TempFile,
        claim: Claim,
    ) -> Result<(), IntakeError> {
        let tree = self.write_tree(tree)?;
        let _stripe = self.stripe(&root);
        let change = Change::Publish {
            root,
            record: ShardRecord::received_now(class),
            claim: Some(claim),
        };
        let placed = self
            .layout
            .create_folder(self.disk.as_ref(), &root)
            .and_then(|()| tree.move_to(&self.layout.tree(&root)))
            .and_then(|()| shard.move_to(&self.layout.shard(&root)));
        if let Err(error) = placed {
            self.clear_unrecorded(&root);
            return Err(self.may_pass("moving a shard into place", error));
        }
        self.disk
            .sync_folder(&self.layout.folder(&root))
            .map_err(|error| self.sync_failed("the fsync of a folder", error))?;
        // Where the commit fails it may have happened all the same: the files stay, and the next
        // start compares them with the index.
        let outcome = self
            .apply(change)
            .map_err(|error| IntakeError::ReadOnly(error.to_string()))?;
        match outcome.taken_by {
            None => Ok(()),
            Some(holder) => {
                self.clear_unrecorded(&root);
                Err(IntakeError::SlotTaken(holder))
            }
        }
    }

    fn write_tree(&self, tree: &TreeCache) -> Result<TempFile, IntakeError> {
        let (temp, file) = TempFile::create(&self.disk, self.layout.temp());
        let mut file = file.map_err(|error| self.may_pass("creating a file", error))?;
        self.disk
            .write(&mut file, &tree.to_bytes())
            .map_err(|error| self.write_failed("writing a tree cache", error))?;
        self.disk
            .sync(&file)
            .map_err(|error| self.sync_failed("the fsync of a tree cache", error))?;
        Ok(temp)
    }

    /// Puts a tree cache built anew beside its shard.
    pub(super) fn replace_tree(
        &self,
        root: &ShardRoot,
        tree: &TreeCache,
    ) -> Result<(), IntakeError> {
        self.check_writable()?;
        self.write_tree(tree)?
            .move_to(&self.layout.tree(root))
            .map_err(|error| self.may_pass("moving a tree cache into place", error))
    }

    /// Removes the files of a shard that the index does not know. The caller holds its stripe.
    fn clear_unrecorded(&self, root: &ShardRoot) {
        if matches!(self.record(root), Ok(None)) {
            for path in [self.layout.shard(root), self.layout.tree(root)] {
                if let Err(error) = self.disk.remove(&path) {
                    tracing::warn!(%error, %root, "a refused shard stays until the next start");
                }
            }
        }
    }

    pub(super) fn check_writable(&self) -> Result<(), IntakeError> {
        match self.health.read_only() {
            None => Ok(()),
            Some(reason) => Err(IntakeError::ReadOnly(reason.to_owned())),
        }
    }

    /// An error of a step that changes no bytes: only a read-only or failing disk ends writing.
    fn may_pass(&self, during: &str, error: io::Error) -> IntakeError {
        const EIO: i32 = 5;
        match (Trouble::of(&error), error.kind(), error.raw_os_error()) {
            (Trouble::Full, _, _) => IntakeError::DiskFull,
            (_, io::ErrorKind::ReadOnlyFilesystem, _) | (_, _, Some(EIO)) => {
                self.sync_failed(during, error)
            }
            _ => IntakeError::Failed(error),
        }
    }

    /// An error while bytes were written: a full disk may pass, everything else ends writing.
    fn write_failed(&self, during: &str, error: io::Error) -> IntakeError {
        match Trouble::of(&error) {
            Trouble::Full => IntakeError::DiskFull,
            Trouble::Writes => self.sync_failed(during, error),
        }
    }

    /// An error after which no write can be trusted.
    fn sync_failed(&self, during: &str, error: io::Error) -> IntakeError {
        self.health.fail(during, &error);
        IntakeError::ReadOnly(format!("{during} failed: {error}"))
    }
}
