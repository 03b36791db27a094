//! Whether the store may still write.

use std::{fmt::Display, sync::OnceLock};

/// Once a write could not be trusted, nothing is written until the next start: after a failed
/// fsync the system may have dropped the bytes and report success the next time.
#[derive(Debug, Default)]
pub(crate) struct Health(OnceLock<String>);

impl Health {
    /// Why the store is read-only, if it is.
    pub(crate) fn read_only(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Turns the store read-only. The first reason stays.
    pub(crate) fn fail(&self, during: &str, error: &dyn Display) {
        let reason = format!("{during} failed: {error}");
        if self.0.set(reason.clone()).is_ok() {
            tracing::error!(
                %reason,
                "the shard store is now read-only: it takes no uploads but keeps reading and \
                 proving; check the disk, then restart"
            );
        }
    }
}
