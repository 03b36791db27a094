//! What a start finds: leftovers of the last end, and files that do not fit the index.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use neurostore_primitives::ShardRoot;

use super::{
    error::OpenError,
    index::Change,
    inner::Inner,
    layout::Found,
    read::class_of_len,
    record::{ListedShard, ShardRecord, ShardState},
    removal::successor,
};

/// Records read from the index at a time.
const PAGE: usize = 1024;

/// What was found when a store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Temporary files of uploads that never ended, removed.
    pub leftovers_removed: u64,
    /// Recorded shards whose file is missing or has the wrong length, now marked damaged.
    pub newly_damaged: Vec<ShardRoot>,
    /// Shard files without a record. They become visible once [`super::Store::finish_recovery`]
    /// has checked every byte of them.
    pub unrecorded: Vec<ShardRoot>,
    /// Shards without their tree cache.
    pub without_tree: Vec<ShardRoot>,
    /// Shards known as damaged whose file has the right length: checked again, since the disk may
    /// not have been mounted, or the operator put the file back.
    pub to_check: Vec<ShardRoot>,
}

impl Recovery {
    /// Shards that [`super::Store::finish_recovery`] has to read.
    pub fn unsettled(&self) -> usize {
        [&self.unrecorded, &self.without_tree, &self.to_check]
            .into_iter()
            .fold(0, |all, some| all.saturating_add(some.len()))
    }
}

/// What became of the findings of a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Unrecorded shards that are whole and were taken into the index.
    pub adopted: u64,
    /// Unrecorded files that are not the shard their name says, removed.
    pub discarded: u64,
    /// Tree caches built again.
    pub trees_rebuilt: u64,
    /// Shards that were damaged and are whole again.
    pub healed: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Files {
    shard_len: Option<u64>,
    tree: bool,
}

impl Inner {
    /// Compares the folders with the index, one first byte of the roots at a time, so that a
    /// large store needs little memory for it.
    pub(super) fn recover(&self) -> Result<Recovery, OpenError> {
        let mut report = Recovery::default();
        if self.health.read_only().is_none() {
            report.leftovers_removed = self.clear_incoming()?;
        }
        let mut changes = Vec::new();
        for first in 0..=u8::MAX {
            let mut files = self.files_of(first)?;
            for shard in self.records_of(first)? {
                let found = files.remove(&shard.root).unwrap_or_default();
                self.room.changed(None, Some(&shard.record));
                changes.extend(compare(&shard, found, &mut report));
            }
            for (root, found) in files {
                self.unrecorded(root, found, &mut report)?;
            }
        }
        report.unrecorded.sort_unstable();
        if !changes.is_empty() {
            self.index()?.apply_all(changes)?;
        }
        Ok(report)
    }

    fn unrecorded(
        &self,
        root: ShardRoot,
        found: Files,
        report: &mut Recovery,
    ) -> Result<(), OpenError> {
        match (found.shard_len, self.health.read_only()) {
            (Some(len), Some(_)) => {
                // Without an index the files are all there is to count.
                let record = class_of_len(len).map(|class| ShardRecord::live(class, 0));
                self.room.changed(None, record.as_ref());
            }
            (Some(_), None) => report.unrecorded.push(root),
            (None, Some(_)) => {}
            (None, None) => {
                let tree = self.layout.tree(&root);
                self.disk
                    .remove(&tree)
                    .map_err(|e| folder_error(&tree, e))?;
            }
        }
        Ok(())
    }

    fn clear_incoming(&self) -> Result<u64, OpenError> {
        let incoming = self.layout.incoming();
        let mut removed = 0u64;
        for path in entries(&incoming)? {
            self.disk
                .remove(&path)
                .map_err(|e| folder_error(&path, e))?;
            removed = removed.saturating_add(1);
        }
        Ok(removed)
    }

    fn files_of(&self, first: u8) -> Result<HashMap<ShardRoot, Files>, OpenError> {
        let mut files: HashMap<ShardRoot, Files> = HashMap::new();
        for folder in entries(&self.layout.outer_folder(first))? {
            if !folder.is_dir() {
                continue;
            }
            for path in entries(&folder)? {
                match self.layout.parse(&path) {
                    Found::Shard(root) => {
                        let len = fs::metadata(&path)
                            .map_err(|e| folder_error(&path, e))?
                            .len();
                        files.entry(root).or_default().shard_len = Some(len);
                    }
                    Found::Tree(root) => files.entry(root).or_default().tree = true,
                    Found::Stranger => {
                        tracing::warn!(path = %path.display(), "a file that is no shard is left alone");
                    }
                }
            }
        }
        Ok(files)
    }

    fn records_of(&self, first: u8) -> Result<Vec<ListedShard>, OpenError> {
        if self.index.is_none() {
            return Ok(Vec::new());
        }
        let mut records = Vec::new();
        let mut start = ShardRoot::default();
        start.0[0] = first;
        let mut from = Some(start);
        while let Some(start) = from {
            let page = self.list(&start, PAGE)?;
            from = match page.last() {
                Some(last) if page.len() == PAGE && last.root.0[0] == first => {
                    successor(&last.root)
                }
                _ => None,
            };
            records.extend(page.into_iter().filter(|shard| shard.root.0[0] == first));
        }
        Ok(records)
    }

    /// Hashes what a start found unrecorded or without a tree cache.
    pub(super) fn finish_recovery(
        &self,
        report: &Recovery,
        mut go_on: impl FnMut(usize, usize) -> bool,
    ) -> Settled {
        let mut settled = Settled::default();
        let all = report.unsettled();
        for (done, root) in report.unrecorded.iter().enumerate() {
            if !go_on(done, all) {
                return settled;
            }
            match self.adopt(root) {
                Ok(true) => settled.adopted = settled.adopted.saturating_add(1),
                Ok(false) => settled.discarded = settled.discarded.saturating_add(1),
                Err(error) => tracing::warn!(%error, %root, "a shard file stays unrecorded"),
            }
        }
        for (done, root) in report.without_tree.iter().enumerate() {
            if !go_on(done.saturating_add(report.unrecorded.len()), all) {
                return settled;
            }
            match self.verify(root) {
                Ok(()) => settled.trees_rebuilt = settled.trees_rebuilt.saturating_add(1),
                Err(error) => tracing::warn!(%error, %root, "a tree cache was not built again"),
            }
        }
        for (left, root) in (1..=report.to_check.len()).rev().zip(&report.to_check) {
            if !go_on(all.saturating_sub(left), all) {
                return settled;
            }
            match self.verify(root) {
                Ok(()) => settled.healed = settled.healed.saturating_add(1),
                Err(error) => tracing::warn!(%error, %root, "a shard is still damaged"),
            }
        }
        settled
    }

    fn adopt(&self, root: &ShardRoot) -> io::Result<bool> {
        let _stripe = self.stripe(root);
        if !matches!(self.record(root), Ok(None)) {
            // An upload brought it again meanwhile.
            return Ok(true);
        }
        let Some(class) = self.check_unknown(root)? else {
            tracing::warn!(%root, "a file that is not the shard its name says is removed");
            self.disk.remove(&self.layout.shard(root))?;
            self.disk.remove(&self.layout.tree(root))?;
            return Ok(false);
        };
        let change = Change::Publish {
            root: *root,
            record: ShardRecord::received_now(class),
            claim: None,
        };
        self.apply(change).map_err(io::Error::other)?;
        Ok(true)
    }
}

/// What the files of a recorded shard mean for its record.
fn compare(shard: &ListedShard, found: Files, report: &mut Recovery) -> Option<Change> {
    let whole = found.shard_len == Some(shard.record.len);
    match shard.record.state {
        ShardState::Removed { .. } if found.shard_len.is_none() => {
            return Some(Change::Forget(shard.root));
        }
        ShardState::Live if !whole => {
            report.newly_damaged.push(shard.root);
            return Some(Change::Damage(shard.root));
        }
        ShardState::Damaged if whole => report.to_check.push(shard.root),
        _ if whole && !found.tree => report.without_tree.push(shard.root),
        _ => {}
    }
    None
}

/// The paths in a folder; none where the folder does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| folder_error(folder, e))?,
    };
    listing
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|e| folder_error(folder, e))
}

fn folder_error(path: &Path, error: io::Error) -> OpenError {
    OpenError::Folder {
        path: path.to_path_buf(),
        error,
    }
}
