//! Clocks of their own for members, by `libfaketime`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::NetworkError;

/// The library for programs with threads, below a folder of libraries.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// How long a program goes on with what it last read, in seconds.
const READ_EVERY: &str = "1";

/// A clock that can be moved while it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnClock {
    file: PathBuf,
    library: PathBuf,
}

impl OwnClock {
    /// A clock that shows the machine's time, kept in `folder`.
    pub(crate) fn new(folder: &Path) -> Result<Self, NetworkError> {
        let clock = Self {
            file: folder.join("clock"),
            library: find().ok_or(NetworkError::NoFaketime)?,
        };
        clock.set(0)?;
        Ok(clock)
    }

    /// Moves it so many seconds away from the machine's.
    pub(crate) fn set(&self, seconds: i64) -> Result<(), NetworkError> {
        // Renamed into its place: nobody reads half of it.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}s\n"))
            .and_then(|()| fs::rename(&new, &self.file))
            .map_err(NetworkError::file("write", &self.file))
    }

    /// What a program must have in its environment to read it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let show = |path: &Path| path.display().to_string();
        [
            ("LD_PRELOAD", show(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", show(&self.file)),
            ("FAKETIME_CACHE_DURATION", READ_EVERY.into()),
            // Timers count on: a real clock that is set does not move them either. Versions before
            // 0.9.10 know the second name only.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("DONT_FAKE_MONOTONIC", "1".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// Debian puts it into the folder of the machine's kind, others right below.
fn find() -> Option<PathBuf> {
    let libraries = Path::new("/usr/lib");
    let kinds = fs::read_dir(libraries).ok()?.flatten();
    [libraries.to_path_buf(), PathBuf::from("/usr/lib64")]
        .into_iter()
        .chain(kinds.map(|entry| entry.path()))
        .map(|folder| folder.join(LIBRARY))
        .find(|path| path.is_file())
}
