//! Why the index failed.

use neurostore_primitives::ShardRoot;

/// Why the index could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database failed.
    #[error("the shard index failed: {0}")]
    Database(#[source] Box<redb::Error>),
    /// A record does not decode.
    #[error("the shard index holds a record of {0} that does not decode")]
    Corrupt(ShardRoot),
    /// The index is of another version of this program.
    #[error("the shard index has a format this program does not know")]
    UnknownFormat,
    /// The writing thread is gone.
    #[error("the shard index is closed")]
    Closed,
}

impl IndexError {
    pub(super) fn database(error: impl Into<redb::Error>) -> Self {
        Self::Database(Box::new(error.into()))
    }

    pub(super) fn io(error: std::io::Error) -> Self {
        Self::database(redb::Error::Io(error))
    }

    /// Whether the disk takes no writes, but may well be read.
    pub(crate) fn is_full_or_read_only(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match self {
            Self::Database(error) => matches!(
                error.as_ref(),
                redb::Error::Io(error) if matches!(
                    error.kind(),
                    QuotaExceeded | ReadOnlyFilesystem | StorageFull
                )
            ),
            _ => false,
        }
    }
}
