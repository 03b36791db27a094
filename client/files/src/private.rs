//! Files that only their owner may read and write.

use std::{
    fmt,
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

/// Makes an empty private file, to be written to. Its name is not yet durable: see
/// [`sync_name`](crate::sync_name).
///
/// # Errors
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where there is something of that name, whatever
/// it is; and where the file cannot be made.
pub fn create_private(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

/// Opens a private file to be read and written, made where it does not exist; nothing in it is
/// lost. Where others had access, they lose it.
///
/// # Errors
/// Where the file cannot be opened, or belongs to somebody else who lets others read it.
pub fn open_private(path: &Path) -> io::Result<File> {
    let file = options()
        .read(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    keep_private(&file)?;
    Ok(file)
}

/// Writes `bytes` where the file stands and returns when they are on disk.
///
/// # Errors
/// Where writing or syncing fails. A part of the bytes may then be in the file.
pub fn append_synced(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_data()
}

/// What a private file holds.
pub struct PrivateText {
    /// Its text.
    pub text: String,
    /// Whether other users of the machine can read or write it: something to tell its owner.
    /// Always false where the system has no such modes.
    pub others_can_read: bool,
}

impl fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateText")
            .field("bytes", &self.text.len())
            .field("others_can_read", &self.others_can_read)
            .finish()
    }
}

/// Why a private file cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// What the system said; also where the file holds no text.
    Io(io::Error),
    /// It has more bytes than whoever reads it expects.
    TooLong {
        /// The most that was expected.
        limit: u64,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::TooLong { limit } => write!(f, "it has more than {limit} bytes"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            Self::TooLong { .. } => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            ReadError::TooLong { .. } => Self::new(io::ErrorKind::FileTooLarge, error),
        }
    }
}

/// Reads a private file of at most `limit` bytes, also from a pipe. Who can read it is looked up
/// at the open file, so the answer is of what was read.
///
/// # Errors
/// [`ReadError::TooLong`] beyond the limit; [`ReadError::Io`] where the file cannot be read or is
/// not text.
pub fn read_private(path: &Path, limit: u64) -> Result<PrivateText, ReadError> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.len() > limit {
        return Err(ReadError::TooLong { limit });
    }
    // Room for all of it at once: text that moves while it grows leaves copies of a secret.
    let room = usize::try_from(meta.len()).unwrap_or_default();
    let mut text = String::with_capacity(room.saturating_add(1));
    let read = file
        .take(limit.saturating_add(1))
        .read_to_string(&mut text)?;
    if read as u64 > limit {
        return Err(ReadError::TooLong { limit });
    }
    Ok(PrivateText {
        text,
        others_can_read: others_can_read(&meta),
    })
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Only where it is needed: whoever may write to a file need not be its owner.
    if others_can_read(&file.metadata()?) {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn others_can_read(meta: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn others_can_read(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Seek, SeekFrom},
    };

    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[cfg(unix)]
    fn open_to_all(path: &Path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    #[test]
    fn a_file_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("claim");
        create_private(&path).unwrap();
        let error = create_private(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn what_was_appended_is_kept_when_the_file_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut file = open_private(&path).unwrap();
        append_synced(&mut file, b"one\n").unwrap();
        append_synced(&mut file, b"two\n").unwrap();
        let mut file = open_private(&path).unwrap();
        file.seek(SeekFrom::End(0)).unwrap();
        append_synced(&mut file, b"three\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn others_lose_their_access_when_a_file_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs::write(&path, "x").unwrap();
        open_to_all(&path);
        open_private(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_reader_is_told_that_others_can_read_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        drop(open_private(&path).unwrap());
        fs::write(&path, "secret").unwrap();
        assert!(!read_private(&path, 6).unwrap().others_can_read);
        open_to_all(&path);
        let read = read_private(&path, 6).unwrap();
        assert!(read.others_can_read);
        assert!(!format!("{read:?}").contains("secret"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "1234567").unwrap();
        assert_eq!(read_private(&path, 7).unwrap().text, "1234567");
        let error = read_private(&path, 6).unwrap_err();
        assert!(matches!(error, ReadError::TooLong { limit: 6 }), "{error}");
        let error = read_private(&folder.path().join("none"), 6).unwrap_err();
        assert!(matches!(error, ReadError::Io(_)), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_hides_its_length_is_bounded_too() {
        // Its length is said to be 0.
        let path = Path::new("/proc/self/status");
        assert!(matches!(
            read_private(path, 8),
            Err(ReadError::TooLong { limit: 8 })
        ));
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(read_private(&path, 8), Err(ReadError::Io(_))));
    }
}
