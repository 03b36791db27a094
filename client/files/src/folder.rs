//! Folders, and the names in them.

use std::{fs::DirBuilder, io, path::Path};

/// Makes a folder that only its owner can look into, with every folder above it that is missing.
/// One that exists stays as it is.
///
/// # Errors
/// Where the folder cannot be made, or its name cannot be made durable.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|above| *above != Path::new("") && !above.exists())
        .collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    missing.into_iter().rev().try_for_each(sync_name)
}

/// Makes sure that the name of a file that was made or renamed is on disk. Its content is the
/// caller's to sync.
///
/// # Errors
/// Where the folder of the file is missing, or the disk fails. A file system that offers no such
/// promise is no error.
#[cfg(unix)]
pub fn sync_name(file: &Path) -> io::Result<()> {
    let folder = folder_of(file);
    where_offered(std::fs::File::open(folder).and_then(|folder| folder.sync_all()))?;
    #[cfg(test)]
    synced::note(file);
    Ok(())
}

/// Makes sure that the name of a file that was made or renamed is on disk: here the system does.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_name(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The folder that a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Forgives what means that syncing a folder is not offered: one that may only be written to, or a
/// file system without such a promise.
#[cfg(unix)]
fn where_offered(synced: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match synced {
        Err(error) if matches!(error.kind(), PermissionDenied | InvalidInput | Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// What was synced, for tests: nothing else shows it before the power fails.
#[cfg(all(test, unix))]
pub(crate) mod synced {
    use std::{
        cell::RefCell,
        path::{Path, PathBuf},
    };

    thread_local! {
        static NAMES: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
    }

    /// Notes a name that is durable, if it stands in its folder.
    pub(crate) fn note(file: &Path) {
        if file.exists() {
            NAMES.with_borrow_mut(|names| names.push(file.into()));
        }
    }

    /// The names that this thread made durable since it was asked last, in their order.
    pub(crate) fn take() -> Vec<PathBuf> {
        NAMES.take()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    }

    #[test]
    fn the_folder_of_a_file_is_synced_and_a_missing_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film");
        fs::write(&file, "x").unwrap();
        assert!(sync_name(&file).is_ok());
        assert!(sync_name(Path::new("film")).is_ok());
        assert!(sync_name(&folder.path().join("none/film")).is_err());
    }

    #[test]
    fn a_disk_that_fails_is_an_error_and_a_promise_not_offered_is_none() {
        let synced = |code| where_offered(Err(io::Error::from_raw_os_error(code)));
        const EIO: i32 = 5;
        const EACCES: i32 = 13;
        const EINVAL: i32 = 22;
        const ENOSPC: i32 = 28;
        assert!(synced(EIO).is_err() && synced(ENOSPC).is_err());
        assert!(synced(EACCES).is_ok() && synced(EINVAL).is_ok());
    }

    #[test]
    fn a_private_folder_is_private_with_all_that_was_made_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("one/two");
        private_folder(&inner).unwrap();
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&folder.path().join("one")), 0o700);
        assert!(inner.is_dir());
    }

    #[test]
    fn the_name_of_each_folder_that_was_made_is_synced_from_the_top() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("one/two");
        private_folder(&inner).unwrap();
        assert_eq!(synced::take(), [folder.path().join("one"), inner.clone()]);
        private_folder(&inner).unwrap();
        assert!(synced::take().is_empty());
    }

    #[test]
    fn a_folder_that_exists_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
        private_folder(&shared).unwrap();
        assert_eq!(mode(&shared), 0o755);
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(private_folder(&file).is_err());
        assert!(private_folder(&file.join("inner")).is_err());
    }
}
