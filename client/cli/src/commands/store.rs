//! `neuro put`.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use neurostore_client::{
    Capacity, Client, FileSource, Neuro, ObjectHandle, PutOptions, Source, Spool,
};
use neurostore_files::{append_synced, create_private, open_private, sync_name};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::Put,
    catalogue::{Catalogue, Entry},
    config::Settings,
    output,
    progress::{Display, Kind},
};

/// Stores a file and prints its locator.
pub(crate) async fn put(put: Put, settings: &Settings) -> anyhow::Result<()> {
    let windows = super::check_windows(put.windows.unwrap_or(settings.windows))?;
    let from_stream = put.file == Path::new("-");
    let file = if from_stream {
        None
    } else {
        let opened = FileSource::open(&put.file);
        Some(opened.with_context(|| format!("cannot open {}", put.file.display()))?)
    };
    let locator_file = put.locator_file.as_deref().map(claim).transpose()?;
    let client = super::payer(settings).await?;
    let folder = settings.private_folder("")?;

    let display = Display::start(Kind::Upload, settings);
    let mut options = PutOptions::new(windows);
    options.progress = display.sink();
    options.parallelism = put.parallel;
    let (stored, journal) = if let Some(source) = file {
        if !put.no_journal {
            options.journal = Some(journal_for(&source, &client, windows, settings)?);
        }
        let journal = options.journal.clone();
        (client.put(source, options).await?, journal)
    } else {
        let spool = Spool::fill(tokio::io::stdin(), put.spool_limit.0)
            .await
            .context("cannot keep standard input in a temporary file")?;
        (client.put(spool, options).await?, None)
    };
    drop(display);

    // The catalogue first, then the locator, then the journal: whenever this is cut off, one of
    // them still has the key.
    let name = put
        .name
        .clone()
        .unwrap_or_else(|| default_name(&put.file, from_stream));
    Catalogue::at(&folder).add(entry(&name, &stored, &client))?;
    let segments = stored.segments.iter().map(|segment| (*segment, 0));
    let is_final = super::wait_final(&client, segments, settings).await;
    print(&name, &stored, is_final, locator_file, settings)?;
    // What a fork may still drop can be stored again from its journal.
    if let Some(journal) = journal.filter(|_| is_final) {
        fs::remove_file(&journal)
            .with_context(|| format!("cannot remove the journal {}", journal.display()))?;
    }
    client.shutdown().await;
    Ok(())
}

fn claim(path: &Path) -> anyhow::Result<LocatorFile> {
    LocatorFile::claim(path)
        .with_context(|| format!("cannot write the locator to {}", path.display()))
}

fn print(
    name: &str,
    stored: &ObjectHandle,
    is_final: bool,
    locator_file: Option<LocatorFile>,
    settings: &Settings,
) -> anyhow::Result<()> {
    let locator = stored.locator.reveal();
    let is_shown = locator_file.is_none();
    if let Some(file) = locator_file {
        let path = file.path.clone();
        file.write(&locator)
            .with_context(|| format!("cannot write the locator to {}", path.display()))?;
    }
    if !settings.json && !settings.quiet {
        eprintln!(
            "stored {name}: {} in {} segments, {} of rent and {} of deposit",
            Capacity(stored.size),
            stored.segments.len(),
            Neuro(stored.cost.rent),
            Neuro(stored.cost.deposit),
        );
        eprintln!("whoever has the locator can read it; without it nobody can");
    }
    if !settings.json && !is_final {
        eprintln!(
            "it is included in the chain and not yet final: a fork may still drop it. Its entry in \
             the catalogue is kept; `neuro stat` shows whether it is there, and the same put again \
             goes on where something is missing"
        );
    }
    let shown = is_shown.then_some(locator.as_str());
    let document = json!({
        "name": name,
        "locator": shown,
        "segments": stored.segments.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "size": stored.size,
        "rent": stored.cost.rent.to_string(),
        "deposit": stored.cost.deposit.to_string(),
        "final": is_final,
    });
    output::print(settings, &document, shown.unwrap_or_default())?;
    Ok(())
}

fn entry(name: &str, stored: &ObjectHandle, client: &Client) -> Entry {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Entry {
        name: name.to_owned(),
        locator: stored.locator.reveal().to_string(),
        segments: stored.segments.iter().map(ToString::to_string).collect(),
        size: stored.size,
        stored_at: now.as_secs(),
        chain: super::genesis(client),
    }
}

fn default_name(file: &Path, from_stream: bool) -> String {
    match file.file_name() {
        Some(name) if !from_stream => name.to_string_lossy().into_owned(),
        _ => "standard-input".into(),
    }
}

/// One journal for each file, chain, account and time: the same command finds it again.
fn journal_for(
    source: &FileSource,
    client: &Client,
    windows: u32,
    settings: &Settings,
) -> anyhow::Result<PathBuf> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let folder = settings.private_folder("journals")?;
    let mut hash = DefaultHasher::new();
    client.chain().genesis().hash(&mut hash);
    client
        .signer()
        .map(|signer| signer.account_id().0)
        .hash(&mut hash);
    windows.hash(&mut hash);
    // A changed file is another upload; its old journal stays until somebody deletes it.
    if let Some(stamp) = source.stamp() {
        stamp.path.hash(&mut hash);
        (stamp.size, stamp.modified, stamp.changed, stamp.inode).hash(&mut hash);
    }
    Ok(folder.join(format!("{:016x}.jsonl", hash.finish())))
}

/// The file for the locator. It is claimed before anything is stored, so that one that cannot be
/// written is noticed in time.
#[derive(Debug)]
struct LocatorFile {
    path: PathBuf,
    file: Option<File>,
    /// Whether the file was made here: then it goes where there is nothing to write into it.
    made: bool,
}

impl LocatorFile {
    /// Makes the file. One that exists is taken only if it is empty: a run that was killed leaves
    /// such a file.
    fn claim(path: &Path) -> io::Result<Self> {
        let (file, made) = match create_private(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let meta = fs::metadata(path)?;
                if !meta.is_file() || meta.len() > 0 {
                    return Err(error);
                }
                (open_private(path)?, false)
            }
            created => (created?, true),
        };
        Ok(Self {
            path: path.into(),
            file: Some(file),
            made,
        })
    }

    fn write(mut self, text: &str) -> io::Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let line = Zeroizing::new(format!("{text}\n"));
        append_synced(&mut file, line.as_bytes())?;
        sync_name(&self.path)
    }
}

impl Drop for LocatorFile {
    fn drop(&mut self) {
        if self.made && self.file.take().is_some() {
            // Nothing was stored. An empty file that stays does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locator");
        LocatorFile::claim(&path).unwrap().write("neuro:x").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "neuro:x\n");
        let error = LocatorFile::claim(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "neuro:x\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_claimed_locator_file_goes_where_nothing_was_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locator");
        drop(LocatorFile::claim(&path).unwrap());
        assert!(!path.exists());
        // What a killed run left is taken over, and stays.
        fs::write(&path, "").unwrap();
        drop(LocatorFile::claim(&path).unwrap());
        assert!(path.exists());
        LocatorFile::claim(&path).unwrap().write("neuro:x").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "neuro:x\n");
        assert!(LocatorFile::claim(&folder.path().join("none/locator")).is_err());
    }

    #[test]
    fn an_object_is_called_like_its_file() {
        assert_eq!(default_name(Path::new("/films/one.mkv"), false), "one.mkv");
        assert_eq!(default_name(Path::new("-"), true), "standard-input");
    }
}
