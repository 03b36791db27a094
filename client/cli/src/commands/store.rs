//! `neuro put`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use neurostore_client::{Client, FileSource, ObjectHandle, PutOptions, Source, Spool};
use serde_json::json;

use crate::{
    amounts::{bytes, neuro},
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
        let spool = Spool::fill(tokio::io::stdin(), put.spool_limit)
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
    print(&put, &name, &stored, settings)?;
    if let Some(journal) = journal {
        std::fs::remove_file(&journal)
            .with_context(|| format!("cannot remove the journal {}", journal.display()))?;
    }
    client.shutdown().await;
    Ok(())
}

fn print(put: &Put, name: &str, stored: &ObjectHandle, settings: &Settings) -> anyhow::Result<()> {
    let locator = stored.locator.reveal();
    if let Some(path) = &put.locator_file {
        write_private(path, &locator)
            .with_context(|| format!("cannot write the locator to {}", path.display()))?;
    }
    if !settings.json && !settings.quiet {
        eprintln!(
            "stored {name}: {} in {} segments, {} of rent and {} of deposit",
            bytes(stored.size),
            stored.segments.len(),
            neuro(stored.cost.rent),
            neuro(stored.cost.deposit),
        );
        eprintln!("whoever has the locator can read it; without it nobody can");
    }
    let shown = if put.locator_file.is_some() {
        None
    } else {
        Some(locator.as_str())
    };
    let document = json!({
        "name": name,
        "locator": shown,
        "segments": stored.segments.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "size": stored.size,
        "rent": stored.cost.rent.to_string(),
        "deposit": stored.cost.deposit.to_string(),
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
        chain: SegmentText(client.chain().genesis()).to_string(),
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

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// 32 bytes in hexadecimal digits.
struct SegmentText([u8; 32]);

impl std::fmt::Display for SegmentText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locator");
        write_private(&path, "neuro:x").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "neuro:x\n");
        assert!(write_private(&path, "neuro:y").is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn an_object_is_called_like_its_file() {
        assert_eq!(default_name(Path::new("/films/one.mkv"), false), "one.mkv");
        assert_eq!(default_name(Path::new("-"), true), "standard-input");
    }
}
