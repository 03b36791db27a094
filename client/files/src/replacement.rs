//! Files that are written whole: beside their place first, then into it.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::folder::{folder_of, sync_name};

/// How the name of an unfinished file begins. Nothing reads one; a killed program may leave it.
const UNFINISHED: &str = ".neuro-";

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody but its owner.
    OwnerOnly,
    /// Whoever may read any file that the user makes (Unix: what the umask leaves of 0666).
    AsUsual,
}

/// The coming content of a file, in a file beside it. Dropped, it is gone.
#[derive(Debug)]
pub struct Replacement {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Replacement {
    /// Begins to write `target`.
    ///
    /// # Errors
    /// Where its folder is missing or cannot be written to.
    pub fn of(target: &Path, access: Access) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        if access == Access::AsUsual {
            as_usual(&mut builder);
        }
        Ok(Self {
            temporary: builder.tempfile_in(folder_of(target))?,
            target: target.into(),
        })
    }

    /// A second handle on the unfinished file, for a writer that wants its own.
    ///
    /// # Errors
    /// Where the system gives none.
    pub fn reopen(&self) -> io::Result<File> {
        self.temporary.reopen()
    }

    /// Puts the file into its place, whatever is there, and returns when content and name are on
    /// disk. Until then what is in the place is untouched.
    ///
    /// # Errors
    /// Where syncing or renaming fails. After a failure the old file is in its place, or, where
    /// only the name could not be made durable, the new one.
    pub fn persist(self) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        self.temporary
            .persist(&self.target)
            .map_err(|failed| failed.error)?;
        sync_name(&self.target)
    }

    /// As [`persist`](Self::persist), but nothing is ever overwritten.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where there is something in the place; and
    /// as for `persist`.
    pub fn persist_new(self) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        self.temporary
            .persist_noclobber(&self.target)
            .map_err(|failed| failed.error)?;
        sync_name(&self.target)
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Temporary files are private unless something else is asked for.
#[cfg(unix)]
fn as_usual(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn as_usual(_: &mut tempfile::Builder<'_, '_>) {}

/// Writes a private file in place of what is there, whole or not at all.
///
/// # Errors
/// As [`Replacement::persist`], and where writing fails.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = Replacement::of(path, Access::OwnerOnly)?;
    file.write_all(content)?;
    file.persist()
}

/// Writes a private file that must not exist yet, whole or not at all.
///
/// # Errors
/// As [`Replacement::persist_new`], and where writing fails.
pub fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = Replacement::of(path, Access::OwnerOnly)?;
    file.write_all(content)?;
    file.persist_new()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new_private(&path, b"one").unwrap();
        let error = write_new_private(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["key"], "nothing else is left");
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_file_that_is_replaced_is_private_whatever_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue");
        fs::write(&path, "a longer text").unwrap();
        replace_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["catalogue"]);
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_for_everybody_has_the_mode_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("film"), folder.path().join("other"));
        Replacement::of(&path, Access::AsUsual)
            .unwrap()
            .persist()
            .unwrap();
        fs::write(&other, "").unwrap();
        assert_eq!(mode(&path), mode(&other));
    }

    #[test]
    fn an_unfinished_file_leaves_the_old_one_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        fs::write(&path, "old").unwrap();
        let mut file = Replacement::of(&path, Access::AsUsual).unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["film"]);
    }

    #[test]
    fn what_a_killed_program_left_is_not_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut killed = Replacement::of(&path, Access::OwnerOnly).unwrap();
        killed.write_all(b"ha").unwrap();
        // A kill runs no destructor.
        let left = killed.temporary.keep().unwrap().1;
        write_new_private(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        let name = left.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(UNFINISHED), "{name}");
        #[cfg(unix)]
        assert_eq!(mode(&left), 0o600, "half a secret is as private");
    }

    #[cfg(unix)]
    #[test]
    fn the_name_of_a_file_is_synced_once_it_is_in_its_place() {
        use crate::folder::synced;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new_private(&path, b"one").unwrap();
        assert_eq!(synced::take(), std::slice::from_ref(&path));
        replace_private(&path, b"two").unwrap();
        assert_eq!(synced::take(), std::slice::from_ref(&path));
        write_new_private(&path, b"three").unwrap_err();
        assert!(synced::take().is_empty());
    }

    #[test]
    fn a_second_handle_writes_into_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        let file = Replacement::of(&path, Access::AsUsual).unwrap();
        file.reopen().unwrap().write_all(b"streamed").unwrap();
        file.persist_new().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"streamed");
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/key");
        assert!(write_new_private(&path, b"x").is_err());
        assert!(replace_private(&path, b"x").is_err());
        assert!(crate::create_private(&path).is_err());
        assert!(crate::open_private(&path).is_err());
    }

    #[test]
    fn a_folder_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inner");
        fs::create_dir(&path).unwrap();
        assert!(replace_private(&path, b"x").is_err());
        assert!(write_new_private(&path, b"x").is_err());
        assert_eq!(names(folder.path()), ["inner"]);
    }
}
