//! Reading shards: ranges for downloads, leaves with their paths for proofs.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use neurostore_poseidon::{verify_path, Path, ShardHasher, TreeCache};
use neurostore_primitives::{ShardClass, ShardRoot, LEAF_BYTES};

use super::{
    error::ReadError,
    index::Change,
    inner::Inner,
    record::{ShardRecord, ShardState},
};

/// Leaves below one node of the lowest cached level.
const GROUP_LEAVES: u32 = 16;
/// Bytes hashed at a time when a whole shard is checked.
const CHUNK_BYTES: usize = 1 << 20;

/// A leaf and its path to the root, checked against each other.
#[derive(Clone, Debug)]
pub struct StoredLeaf {
    /// Position in the shard.
    pub index: u16,
    /// The bytes.
    pub leaf: Box<[u8; LEAF_BYTES]>,
    /// The path to the shard's root.
    pub path: Path,
}

/// A stretch of a shard, ready to be read. A file that ends early is an error, not an end.
#[derive(Debug)]
pub struct ShardRange {
    file: File,
    left: u64,
}

impl ShardRange {
    /// The file, standing at the first byte, and how many bytes belong to the range.
    pub fn into_parts(self) -> (File, u64) {
        (self.file, self.left)
    }
}

impl Read for ShardRange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if most == 0 {
            return Ok(0);
        }
        let read = self.file.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl Inner {
    /// The record of a shard that can be read. Where the index fails, the files speak: a shard
    /// file in its place is whole, or it would not have been moved there.
    fn readable(&self, root: &ShardRoot) -> Result<ShardRecord, ReadError> {
        match self.record(root) {
            Ok(record) => record.ok_or(ReadError::Unknown),
            Err(error) => {
                tracing::warn!(%error, %root, "reading a shard without the index");
                let found =
                    std::fs::metadata(self.layout.shard(root)).map_err(|_| ReadError::Unknown)?;
                let class = class_of_len(found.len()).ok_or(ReadError::Damaged("wrong length"))?;
                Ok(ShardRecord::live(class, 0))
            }
        }
    }

    /// Opens a shard's file and checks its length.
    fn open_file(&self, root: &ShardRoot, record: &ShardRecord) -> Result<File, ReadError> {
        let file = match File::open(self.layout.shard(root)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.damaged(root, "its file is missing"));
            }
            other => other.map_err(ReadError::Disk)?,
        };
        let len = file.metadata().map_err(ReadError::Disk)?.len();
        if len != record.len {
            return Err(self.damaged(root, "its file has the wrong length"));
        }
        Ok(file)
    }

    pub(super) fn range(
        &self,
        root: &ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<ShardRange, ReadError> {
        let record = self.readable(root)?;
        if offset.checked_add(len).is_none_or(|end| end > record.len) {
            return Err(ReadError::OutOfRange { len: record.len });
        }
        if record.state == ShardState::Damaged {
            return Err(ReadError::Damaged("known from an earlier check"));
        }
        let mut file = self.open_file(root, &record)?;
        file.seek(SeekFrom::Start(offset))
            .map_err(ReadError::Disk)?;
        Ok(ShardRange { file, left: len })
    }

    pub(super) fn leaves(
        &self,
        root: &ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<StoredLeaf>, ReadError> {
        let record = self.readable(root)?;
        let leaves = record.class.leaves();
        if indices.iter().any(|index| u32::from(*index) >= leaves) {
            return Err(ReadError::OutOfRange { len: record.len });
        }
        let mut file = self.open_file(root, &record)?;
        let tree = match self.tree(root, record.class)? {
            Some(tree) => tree,
            // Anybody may ask, and each answer would cost the reading of a whole shard.
            None if record.state == ShardState::Damaged => {
                return Err(ReadError::Damaged("known from an earlier check"));
            }
            None => self.rebuild(root, &record)?,
        };
        let first_try = read_leaves(&mut file, root, record.class, &tree, indices)?;
        if let Some(found) = first_try {
            return Ok(found);
        }
        if record.state == ShardState::Damaged {
            return Err(ReadError::Damaged("known from an earlier check"));
        }
        // Either the leaves or the tree cache changed: only the whole shard can tell.
        let tree = self.rebuild(root, &record)?;
        read_leaves(&mut file, root, record.class, &tree, indices)?
            .ok_or_else(|| self.damaged(root, "a leaf does not fit its root"))
    }

    fn tree(&self, root: &ShardRoot, class: ShardClass) -> Result<Option<TreeCache>, ReadError> {
        match std::fs::read(self.layout.tree(root)) {
            Ok(bytes) => Ok(TreeCache::from_bytes(class, &bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError::Disk(error)),
        }
    }

    /// Hashes the whole shard, and writes its tree cache again.
    fn rebuild(&self, root: &ShardRoot, record: &ShardRecord) -> Result<TreeCache, ReadError> {
        let tree = self.rehash(root, record)?;
        if let Err(error) = self.replace_tree(root, &tree) {
            tracing::warn!(%error, %root, "a tree cache could not be written");
        }
        Ok(tree)
    }

    fn rehash(&self, root: &ShardRoot, record: &ShardRecord) -> Result<TreeCache, ReadError> {
        let mut file = self.open_file(root, record)?;
        let mut hasher = ShardHasher::new(record.class);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read = file.read(&mut chunk).map_err(ReadError::Disk)?;
            if read == 0 {
                break;
            }
            hasher.update(&chunk[..read]);
        }
        match hasher.finish() {
            Ok((found, tree)) if found == *root => Ok(tree),
            _ => Err(self.damaged(root, "its bytes do not give its root")),
        }
    }

    /// Reads a whole shard and checks it against its root: the slow and certain answer.
    pub(super) fn verify(&self, root: &ShardRoot) -> Result<(), ReadError> {
        let record = self.readable(root)?;
        let tree = self.rehash(root, &record)?;
        let cached = std::fs::read(self.layout.tree(root)).ok();
        if cached.as_deref() != Some(tree.to_bytes().as_slice()) {
            if let Err(error) = self.replace_tree(root, &tree) {
                tracing::warn!(%error, %root, "a tree cache could not be written");
            }
        }
        if record.state == ShardState::Damaged {
            if let Err(error) = self.apply(Change::Heal(*root)) {
                tracing::warn!(%error, %root, "a healed shard could not be recorded");
            }
        }
        Ok(())
    }

    /// Hashes a file that the index does not know; its class if it is the shard it claims to be.
    pub(super) fn check_unknown(&self, root: &ShardRoot) -> io::Result<Option<ShardClass>> {
        let len = std::fs::metadata(self.layout.shard(root))?.len();
        let Some(class) = class_of_len(len) else {
            return Ok(None);
        };
        let record = ShardRecord::live(class, 0);
        match self.rebuild(root, &record) {
            Ok(_) => Ok(Some(class)),
            Err(ReadError::Disk(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    pub(super) fn damaged(&self, root: &ShardRoot, what: &'static str) -> ReadError {
        if let Ok(Some(record)) = self.record(root) {
            if record.state == ShardState::Live {
                tracing::error!(%root, class = %record.class, what, "a stored shard is damaged");
                if let Err(error) = self.apply(Change::Damage(*root)) {
                    tracing::warn!(%error, %root, "the damage could not be recorded");
                }
            }
        }
        ReadError::Damaged(what)
    }
}

/// The leaves with their paths, or `None` where one does not fit the root.
fn read_leaves(
    file: &mut File,
    root: &ShardRoot,
    class: ShardClass,
    tree: &TreeCache,
    indices: &[u16],
) -> Result<Option<Vec<StoredLeaf>>, ReadError> {
    let group_len = GROUP_LEAVES.min(class.leaves()) as usize * LEAF_BYTES;
    let mut group = vec![0; group_len];
    let mut found = Vec::with_capacity(indices.len());
    for index in indices {
        let within = u32::from(*index) % GROUP_LEAVES;
        let first = u32::from(*index).saturating_sub(within);
        file.seek(SeekFrom::Start(u64::from(first) * LEAF_BYTES as u64))
            .and_then(|_| file.read_exact(&mut group))
            .map_err(ReadError::Disk)?;
        let start = within as usize * LEAF_BYTES;
        let Some(bytes) = group
            .get(start..)
            .and_then(|rest| rest.first_chunk::<LEAF_BYTES>())
        else {
            return Ok(None);
        };
        let leaf = Box::new(*bytes);
        let Ok(path) = tree.path(*index, &group) else {
            return Ok(None);
        };
        if !verify_path(root, &leaf, *index, &path) {
            return Ok(None);
        }
        found.push(StoredLeaf {
            index: *index,
            leaf,
            path,
        });
    }
    Ok(Some(found))
}

/// The class whose shards have exactly `len` bytes.
pub(super) fn class_of_len(len: u64) -> Option<ShardClass> {
    ShardClass::all().find(|class| class.shard_bytes() == len)
}
