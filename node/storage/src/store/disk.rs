//! The file operations whose failure decides what a receipt is worth.
//!
//! They go through a trait so that tests can fail each of them, or kill the process before it.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// File operations of the shard store. [`OsDisk`] is the only one outside tests.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    /// Creates a file that must not exist yet.
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
    }

    /// Takes `len` bytes of the disk for `file`, so that a full disk shows before the upload.
    fn allocate(&self, file: &File, len: u64) -> io::Result<()> {
        match fs4::fs_std::FileExt::allocate(file, len) {
            // Not every filesystem can: a full disk then shows at a write.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
            other => other,
        }
    }

    /// Writes all of `bytes` at the file's position.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Makes the content of `file` survive a power cut.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// Moves a file, replacing what was there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Creates a folder whose parent exists; fine if it is there already.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Only unix can open a folder; elsewhere the filesystem's journal has to do.
        if cfg!(unix) {
            File::open(path)?.sync_all()
        } else {
            Ok(())
        }
    }

    /// Removes a file; fine if it is gone already.
    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Called before the index makes a commit durable; an error fails the commit.
    fn before_index_sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Bytes of the disk under `path` that are free for this process.
    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        fs4::available_space(path)
    }

    /// Bytes of the disk under `path`.
    fn total_bytes(&self, path: &Path) -> io::Result<u64> {
        fs4::total_space(path)
    }
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {}

/// What kind of trouble an I/O error is, as far as the store treats it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No room: passes when something is deleted.
    Full,
    /// Writes can no longer be trusted: read-only disk, I/O error, failed fsync.
    Writes,
}

impl Trouble {
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Writes,
        }
    }
}
