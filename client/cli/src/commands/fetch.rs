//! `neuro get` and `neuro cat`.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{bail, Context};
use neurostore_client::{Capacity, GetError, Object, ProgressSink};
use neurostore_files::{Access, Replacement};
use serde_json::json;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::{
    amounts::ByteRange,
    args::{Cat, Get},
    config::Settings,
    exit::Usage,
    locators::Named,
    output,
    progress::{Display, Kind},
};

/// Characters of an object's id in the name of a file that has no better one.
const ID_IN_NAME: usize = 12;

/// Fetches an object into a file.
pub(crate) async fn get(get: Get, settings: &Settings) -> anyhow::Result<()> {
    let named = Named::read(&get.object, settings)?;
    let target = get.output.clone().unwrap_or_else(|| default_target(&named));
    let to_stdout = target == Path::new("-");
    if !to_stdout {
        check_target(&target, get.force)?;
    }
    let client = super::reader(settings).await?;
    let object = client.open(&named.locator).await?;
    let display = Display::start(Kind::Download(object.size()), settings);
    if to_stdout {
        return to_standard_output(&object, 0..object.size(), display.sink()).await;
    }
    save(&object, &target, get.force, display.sink()).await?;
    drop(display);
    let document = json!({ "file": target, "size": object.size() });
    let text = format!("{} ({})", target.display(), Capacity(object.size()));
    output::print(settings, &document, &text)?;
    client.shutdown().await;
    Ok(())
}

/// Writes an object or a part of it to standard output.
pub(crate) async fn cat(cat: Cat, settings: &Settings) -> anyhow::Result<()> {
    let named = Named::read(&cat.object, settings)?;
    let client = super::reader(settings).await?;
    let object = client.open(&named.locator).await?;
    let range = resolve(cat.range, object.size())?;
    to_standard_output(&object, range, ProgressSink::default()).await
}

/// Writes to standard output; a reader who has had enough, as `head` has, is no error.
async fn to_standard_output(
    object: &Object,
    range: std::ops::Range<u64>,
    progress: ProgressSink,
) -> anyhow::Result<()> {
    match copy(object, range, tokio::io::stdout(), progress).await {
        Err(GetError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn resolve(range: Option<ByteRange>, size: u64) -> anyhow::Result<std::ops::Range<u64>> {
    let Some(ByteRange { first, last }) = range else {
        return Ok(0..size);
    };
    if first >= size {
        let text = format!("the object has {size} bytes, the range begins at byte {first}");
        return Err(Usage(text).into());
    }
    let end = last.map_or(size, |last| last.saturating_add(1)).min(size);
    Ok(first..end)
}

async fn copy(
    object: &Object,
    range: std::ops::Range<u64>,
    mut to: impl AsyncWrite + Unpin,
    progress: ProgressSink,
) -> Result<(), GetError> {
    let mut reader = object.read_with(range, progress)?;
    while let Some(piece) = reader.next_piece().await? {
        to.write_all(&piece).await.map_err(GetError::Write)?;
    }
    to.flush().await.map_err(GetError::Write)?;
    Ok(())
}

/// Writes to a temporary file beside the target and renames it when it is whole and on disk: what
/// bears the name is never half an object.
async fn save(
    object: &Object,
    target: &Path,
    force: bool,
    progress: ProgressSink,
) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", target.display());
    let unfinished = Replacement::of(target, Access::AsUsual).with_context(failed)?;
    let file = tokio::fs::File::from_std(unfinished.reopen().with_context(failed)?);
    let mut buffered = tokio::io::BufWriter::with_capacity(1 << 20, file);
    copy(object, 0..object.size(), &mut buffered, progress).await?;
    buffered.get_ref().sync_all().await.with_context(failed)?;
    let persisted = if force {
        unfinished.persist()
    } else {
        unfinished.persist_new()
    };
    persisted.with_context(failed)
}

fn check_target(target: &Path, force: bool) -> anyhow::Result<()> {
    if target.is_dir() {
        bail!(
            "{} is a folder; name a file with --output",
            target.display()
        );
    }
    if target.exists() && !force {
        bail!(
            "{} exists already; overwrite it with --force",
            target.display()
        );
    }
    Ok(())
}

/// The object's name in the catalogue, without any folders in it, or the start of its id.
fn default_target(named: &Named) -> PathBuf {
    let listed = named.entry.as_ref().and_then(|entry| {
        Path::new(&entry.name)
            .file_name()
            .map(|name| PathBuf::from(name.to_owned()))
    });
    listed.unwrap_or_else(|| {
        let public = named.locator.public();
        let id = public.trim_start_matches("neuro:");
        PathBuf::from(id.get(..ID_IN_NAME).unwrap_or(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_end_of_the_object() {
        let range = |first, last| Some(ByteRange { first, last });
        assert_eq!(resolve(None, 10).unwrap(), 0..10);
        assert_eq!(resolve(range(2, Some(4)), 10).unwrap(), 2..5);
        assert_eq!(resolve(range(2, Some(99)), 10).unwrap(), 2..10);
        assert_eq!(resolve(range(2, None), 10).unwrap(), 2..10);
        assert!(resolve(range(10, None), 10).is_err());
        assert_eq!(resolve(range(0, Some(u64::MAX)), 10).unwrap(), 0..10);
    }

    #[test]
    fn an_existing_file_is_not_overwritten_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film");
        assert!(check_target(&file, false).is_ok());
        std::fs::write(&file, "x").unwrap();
        assert!(check_target(&file, false)
            .unwrap_err()
            .to_string()
            .contains("--force"));
        assert!(check_target(&file, true).is_ok());
        assert!(check_target(folder.path(), true).is_err());
    }
}
