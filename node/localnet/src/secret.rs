//! Secrets in files.

use std::{io, path::Path};

/// Writes a secret for its owner's eyes only.
pub(crate) fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    // No newline: the node reads a key of 64 digits only from a file of 64 bytes.
    neurostore_files::replace_private(path, secret.as_bytes())
}
