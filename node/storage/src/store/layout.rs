//! Where things lie below the store's folder.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use neurostore_primitives::ShardRoot;

use super::disk::Disk;

const SHARD_SUFFIX: &str = "shard";
const TREE_SUFFIX: &str = "tree";

/// Paths of one store: `LOCK`, `index.redb`, `incoming/` for uploads on their way, and
/// `shards/ab/cd/<root>.shard` with its tree cache `<root>.tree` beside.
#[derive(Debug)]
pub(crate) struct Layout {
    base: PathBuf,
    next_temp: AtomicU64,
}

/// A file found in the shard folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Shard(ShardRoot),
    Tree(ShardRoot),
    Stranger,
}

impl Layout {
    pub(crate) fn new(base: &Path) -> Self {
        Self {
            base: base.to_path_buf(),
            next_temp: AtomicU64::new(0),
        }
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.base.join("LOCK")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.base.join("index.redb")
    }

    pub(crate) fn incoming(&self) -> PathBuf {
        self.base.join("incoming")
    }

    pub(crate) fn shards(&self) -> PathBuf {
        self.base.join("shards")
    }

    /// A name in `incoming/` that no other upload of this process has.
    pub(crate) fn temp(&self) -> PathBuf {
        let number = self.next_temp.fetch_add(1, Ordering::Relaxed);
        self.incoming().join(format!("{number}.part"))
    }

    /// The folder of all shards whose root begins with `first`.
    pub(crate) fn outer_folder(&self, first: u8) -> PathBuf {
        self.shards().join(format!("{first:02x}"))
    }

    pub(crate) fn folder(&self, root: &ShardRoot) -> PathBuf {
        let [first, second, ..] = root.0;
        self.outer_folder(first).join(format!("{second:02x}"))
    }

    pub(crate) fn shard(&self, root: &ShardRoot) -> PathBuf {
        self.folder(root).join(format!("{root}.{SHARD_SUFFIX}"))
    }

    pub(crate) fn tree(&self, root: &ShardRoot) -> PathBuf {
        self.folder(root).join(format!("{root}.{TREE_SUFFIX}"))
    }

    /// Creates the folder of a shard so that it survives a power cut.
    pub(crate) fn create_folder(&self, disk: &dyn Disk, root: &ShardRoot) -> io::Result<()> {
        let folder = self.folder(root);
        if folder.is_dir() {
            return Ok(());
        }
        let [first, ..] = root.0;
        let outer = self.outer_folder(first);
        disk.create_folder(&outer)?;
        disk.create_folder(&folder)?;
        disk.sync_folder(&self.shards())?;
        disk.sync_folder(&outer)
    }

    /// Creates the store's own folders.
    pub(crate) fn create_all(&self, disk: &dyn Disk) -> io::Result<()> {
        std::fs::create_dir_all(&self.base)?;
        disk.create_folder(&self.incoming())?;
        disk.create_folder(&self.shards())?;
        disk.sync_folder(&self.base)
    }

    /// What a file name in the folders of `first` stands for.
    pub(crate) fn parse(&self, path: &Path) -> Found {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let suffix = path.extension().and_then(|suffix| suffix.to_str());
        let mut bytes = [0; 32];
        let (Some(name), Some(suffix)) = (name, suffix) else {
            return Found::Stranger;
        };
        if hex::decode_to_slice(name, &mut bytes).is_err() {
            return Found::Stranger;
        }
        let root = ShardRoot(bytes);
        match suffix {
            SHARD_SUFFIX if path == self.shard(&root) => Found::Shard(root),
            TREE_SUFFIX if path == self.tree(&root) => Found::Tree(root),
            _ => Found::Stranger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_wrong_folder_is_a_stranger() {
        let layout = Layout::new(Path::new("/store"));
        let root = ShardRoot([0xab; 32]);
        assert_eq!(layout.parse(&layout.shard(&root)), Found::Shard(root));
        assert_eq!(layout.parse(&layout.tree(&root)), Found::Tree(root));
        let misplaced = layout.shards().join("00/00").join(format!("{root}.shard"));
        assert_eq!(layout.parse(&misplaced), Found::Stranger);
        assert_eq!(
            layout.parse(Path::new("/store/shards/ab/ab/x")),
            Found::Stranger
        );
    }
}
