//! Why the store refused something, one enum for each operation.

use std::{io, path::PathBuf};

use neurostore_primitives::ShardRoot;

use super::index::IndexError;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the folder.
    #[error("another process uses the store in {}", .0.display())]
    Locked(PathBuf),
    /// The folder cannot be used.
    #[error("cannot use the store folder {}: {error}", .path.display())]
    Folder {
        /// The folder or file at fault.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The index does not open.
    #[error("{0}; if it is beyond repair, move index.redb away: the index is then built again from the shards")]
    Index(#[from] IndexError),
}

/// Why a shard was not taken in. Nothing of it stays behind.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The capacity that the node offers is taken.
    #[error("the shard needs {needed} bytes and {left} of the offered capacity are left")]
    NoRoom {
        /// Bytes of the shard.
        needed: u64,
        /// Bytes left of the offered capacity.
        left: u64,
    },
    /// The disk has too little free space.
    #[error("the disk is full")]
    DiskFull,
    /// The store no longer writes.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// More bytes came than a shard of the class has.
    #[error("more than the {expected} bytes of the shard came")]
    TooLong {
        /// Bytes of the shard.
        expected: u64,
    },
    /// Fewer bytes came than a shard of the class has.
    #[error("{got} bytes came, the shard has {expected}")]
    TooShort {
        /// Bytes of the shard.
        expected: u64,
        /// Bytes that came.
        got: u64,
    },
    /// Another shard was receipted for the slot.
    #[error("another shard, {0}, was already received for this slot")]
    SlotTaken(ShardRoot),
    /// The system refused a file for a reason that may pass.
    #[error("the upload could not be stored: {0}")]
    Failed(#[source] io::Error),
}

/// Why a shard's bytes were not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such shard.
    #[error("no shard with this root is stored")]
    Unknown,
    /// The range or leaf lies outside the shard.
    #[error("the range lies outside the shard of {len} bytes")]
    OutOfRange {
        /// Bytes of the shard.
        len: u64,
    },
    /// The bytes are gone or changed.
    #[error("the shard is damaged: {0}")]
    Damaged(&'static str),
    /// The disk failed; the bytes may still be good.
    #[error("the shard could not be read: {0}")]
    Disk(#[source] io::Error),
}

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The store no longer writes.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// A file could not be removed.
    #[error("a removed shard's file could not be deleted: {0}")]
    File(#[source] io::Error),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store belongs to another chain.
    #[error("the store holds shards of the chain with genesis 0x{}", hex::encode(.0))]
    OtherChain([u8; 32]),
}
