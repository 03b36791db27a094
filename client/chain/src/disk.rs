//! Files that must outlive a crash.

use std::{io, path::Path};

/// Makes sure that the name of a file that was made or renamed is on disk. Its content is the
/// caller's to sync.
#[cfg(unix)]
pub fn sync_name(file: &Path) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match std::fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // A folder that may only be written to, or a file system without such a promise.
        Err(error) if is_not_offered(&error) => Ok(()),
        synced => synced,
    }
}

/// Makes sure that the name of a file that was made or renamed is on disk: here the system does.
#[cfg(not(unix))]
pub fn sync_name(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_not_offered(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_file_is_synced_and_a_missing_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film");
        std::fs::write(&file, "x").unwrap();
        assert!(sync_name(&file).is_ok());
        assert!(sync_name(Path::new("film")).is_ok());
        assert!(sync_name(&folder.path().join("none/film")).is_err());
    }
}
