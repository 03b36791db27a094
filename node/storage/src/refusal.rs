//! What a failure here is to the peer who asked.

use neurostore_primitives::ShardRoot;
use neurostore_swarm::Refusal;

use crate::store::{IntakeError, ReadError};

/// Runs what blocks away from the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a storage thread ended badly");
        Refusal::Failed
    })
}

/// A read that failed, as the reader is told.
pub(crate) fn of_read(root: &ShardRoot, error: &ReadError) -> Refusal {
    match error {
        ReadError::Unknown => Refusal::UnknownShard,
        ReadError::OutOfRange { .. } => Refusal::OutOfRange,
        ReadError::Damaged(_) => Refusal::Damaged,
        ReadError::Disk(error) => {
            tracing::error!(%root, %error, "a shard could not be read");
            Refusal::Failed
        }
    }
}

/// An upload that failed, as the uploader is told.
pub(crate) fn of_intake(error: &IntakeError) -> Refusal {
    match error {
        IntakeError::NoRoom { .. } | IntakeError::DiskFull => Refusal::DiskFull,
        IntakeError::ReadOnly(_) => Refusal::ReadOnly,
        IntakeError::TooLong { .. } | IntakeError::TooShort { .. } => Refusal::WrongLength,
        // The slot's receipt was given for other content: this content has no reservation.
        IntakeError::SlotTaken(_) => Refusal::NotReserved,
        IntakeError::Failed(_) => Refusal::Failed,
    }
}
