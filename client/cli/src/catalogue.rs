//! The catalogue: the objects that were stored from this machine. It holds their keys, so the
//! file is readable by its owner only.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{bail, Context};
use neurostore_client::Locator;
use neurostore_files::{open_private, read_private, Access, ReadError, Replacement};
use serde::{Deserialize, Serialize};

/// The largest catalogue that is read: about a million objects.
const MAX_CATALOGUE_BYTES: u64 = 1 << 30;

/// An object in the catalogue.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What the user calls it.
    pub(crate) name: String,
    /// The full locator.
    pub(crate) locator: String,
    /// Identities of its segments, for deleting and extending without reading it.
    pub(crate) segments: Vec<String>,
    /// Bytes.
    pub(crate) size: u64,
    /// When it was stored, in seconds since 1970.
    pub(crate) stored_at: u64,
    /// Genesis hash of the chain it is on.
    pub(crate) chain: String,
}

/// The catalogue file.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
}

impl Catalogue {
    pub(crate) fn at(folder: &Path) -> Self {
        Self {
            path: folder.join("catalogue.jsonl"),
        }
    }

    /// All entries, the oldest first.
    pub(crate) fn entries(&self) -> anyhow::Result<Vec<Entry>> {
        let failed = || format!("cannot read the catalogue {}", self.path.display());
        let text = match read_private(&self.path, MAX_CATALOGUE_BYTES) {
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Vec::new())
            }
            read => read.with_context(failed)?.text,
        };
        let mut entries = Vec::new();
        for (number, line) in text.lines().enumerate() {
            match serde_json::from_str(line) {
                Ok(entry) => entries.push(entry),
                // Cut off by a crash; the journal of that upload still has the locator.
                Err(_) if number + 1 == text.lines().count() && !text.ends_with('\n') => {}
                Err(error) => bail!("{}, line {}: {error}", failed(), number + 1),
            }
        }
        Ok(entries)
    }

    /// Adds an entry and makes sure that it is on disk.
    pub(crate) fn add(&self, entry: Entry) -> anyhow::Result<()> {
        let _lock = self.lock()?;
        let mut entries = self.entries()?;
        entries.retain(|other| other.locator != entry.locator);
        entries.push(entry);
        self.replace(&entries)
    }

    /// Takes an object out. Returns whether it was there.
    pub(crate) fn remove(&self, locator: &Locator) -> anyhow::Result<bool> {
        if !self.path.exists() {
            return Ok(false);
        }
        let _lock = self.lock()?;
        let mut entries = self.entries()?;
        let before = entries.len();
        let text = locator.reveal();
        entries.retain(|entry| entry.locator != *text);
        if entries.len() == before {
            return Ok(false);
        }
        self.replace(&entries)?;
        Ok(true)
    }

    /// The newest object that is called `name`, or whose locator without the key begins so.
    pub(crate) fn find(&self, name: &str) -> anyhow::Result<Option<Entry>> {
        let entries = self.entries()?;
        let named = entries.iter().rev().find(|entry| entry.name == name);
        let by_id = || {
            let id = name.strip_prefix("neuro:").unwrap_or(name);
            let begins = |entry: &&Entry| {
                let public = entry.locator.split('#').next().unwrap_or_default();
                public
                    .strip_prefix("neuro:")
                    .is_some_and(|own| own.starts_with(id))
            };
            // A few characters would fit many.
            (id.len() >= 8)
                .then(|| entries.iter().rev().find(begins))
                .flatten()
        };
        Ok(named.or_else(by_id).cloned())
    }

    /// Keeps other commands from changing the catalogue, until the file is dropped. The lock is on
    /// a file of its own, because the catalogue itself is replaced.
    fn lock(&self) -> anyhow::Result<File> {
        let path = self.path.with_file_name("catalogue.lock");
        let locked = open_private(&path).and_then(|file| {
            file.lock()?;
            Ok(file)
        });
        locked.with_context(|| format!("cannot lock the catalogue with {}", path.display()))
    }

    /// Writes a new file beside the old one and puts it in its place.
    fn replace(&self, entries: &[Entry]) -> anyhow::Result<()> {
        let write = || -> anyhow::Result<()> {
            let mut file = Replacement::of(&self.path, Access::OwnerOnly)?;
            for entry in entries {
                serde_json::to_writer(&mut file, entry)?;
                file.write_all(b"\n")?;
            }
            Ok(file.persist()?)
        };
        write().with_context(|| format!("cannot write the catalogue {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, id: char) -> Entry {
        Entry {
            name: name.into(),
            locator: format!("neuro:{}#key-{name}", id.to_string().repeat(52)),
            segments: Vec::new(),
            size: 1,
            stored_at: 0,
            chain: String::new(),
        }
    }

    #[test]
    fn objects_are_found_by_name_and_by_the_start_of_their_id() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::at(folder.path());
        assert!(catalogue.find("film").unwrap().is_none());
        catalogue.add(entry("film", 'a')).unwrap();
        catalogue.add(entry("film", 'b')).unwrap();
        catalogue.add(entry("song", 'c')).unwrap();
        let found = |name: &str| catalogue.find(name).unwrap().map(|e| e.locator);
        assert_eq!(
            found("film"),
            Some(entry("film", 'b').locator),
            "the newest"
        );
        assert_eq!(found("neuro:cccccccc"), Some(entry("song", 'c').locator));
        assert_eq!(found("aaaaaaaaaa"), Some(entry("film", 'a').locator));
        assert_eq!(found("ccc"), None, "too short to mean one object");
    }

    #[test]
    fn commands_that_run_at_the_same_time_lose_no_object() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for id in 'a'..='h' {
                let folder = folder.path();
                scope.spawn(move || {
                    let catalogue = Catalogue::at(folder);
                    for name in ["one", "two", "three"] {
                        catalogue.add(entry(name, id)).unwrap();
                    }
                });
            }
        });
        assert_eq!(Catalogue::at(folder.path()).entries().unwrap().len(), 24);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_catalogue() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::at(folder.path());
        catalogue.add(entry("film", 'a')).unwrap();
        let mode = std::fs::metadata(&catalogue.path)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
