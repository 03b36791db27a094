//! What can be done to the members of a running network.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::Duration,
};

use neurostore_primitives::ShardRoot;

use super::{find_mut, Network};
use crate::{error::NetworkError, member::Member, process::Signal};

/// Time that a killed process gets to be gone, on a machine that is busy with the others.
const DEATH_PATIENCE: Duration = Duration::from_secs(20);
/// Distance of the bytes that are damaged in a shard: one in each unit of 64 KiB, so that
/// whoever reads any part of the shard meets one.
const DAMAGE_EVERY: u64 = 64 << 10;

impl Network {
    /// Ends a member by SIGKILL: it has no time for a last word.
    pub async fn kill(&mut self, number: usize) -> Result<(), NetworkError> {
        self.end(number, Signal::KILL).await
    }

    /// Asks a member to end.
    pub async fn stop(&mut self, number: usize) -> Result<(), NetworkError> {
        self.end(number, Signal::TERM).await
    }

    async fn end(&mut self, number: usize, signal: Signal) -> Result<(), NetworkError> {
        let logs = self.logs();
        let member = self.member_mut(number)?;
        member.process.signal(signal)?;
        if member.process.ended_within(DEATH_PATIENCE).await? {
            return Ok(());
        }
        Err(NetworkError::NotReady {
            what: format!("the end of {}", member.name),
            seconds: DEATH_PATIENCE.as_secs(),
            logs,
            last: String::new(),
        })
    }

    /// Starts a member again that ended: same keys, same shards, same ports.
    pub fn restart(&mut self, number: usize) -> Result<(), NetworkError> {
        let Self { members, group, .. } = self;
        let member = find_mut(members, number)?;
        member.process.start(group)
    }

    /// Freezes a member: its connections stay open and nothing answers.
    pub fn pause(&mut self, number: usize) -> Result<(), NetworkError> {
        self.member_mut(number)?.process.signal(Signal::STOP)
    }

    /// Thaws a member.
    pub fn resume(&mut self, number: usize) -> Result<(), NetworkError> {
        self.member_mut(number)?.process.signal(Signal::CONT)
    }

    /// Whether a member's process runs.
    pub fn is_running(&mut self, number: usize) -> Result<bool, NetworkError> {
        self.member_mut(number)?.process.is_running()
    }

    /// Flips bytes in a shard on a member's disk, behind its back. Done twice, the shard is as
    /// it was.
    pub fn corrupt_shard(&self, number: usize, root: &ShardRoot) -> Result<(), NetworkError> {
        let path = self.member(number)?.shard(root)?;
        flip_bytes(&path).map_err(NetworkError::file("damage", &path))
    }
}

impl Member {
    /// The files of all its shards, in the order of their roots.
    pub fn shards(&self) -> Result<Vec<PathBuf>, NetworkError> {
        let mut found = Vec::new();
        collect_shards(&self.storage.join("shards"), &mut found)?;
        found.sort();
        Ok(found)
    }

    /// The file of a shard.
    pub fn shard(&self, root: &ShardRoot) -> Result<PathBuf, NetworkError> {
        let name = format!("{root}.shard");
        self.shards()?
            .into_iter()
            .find(|path| path.ends_with(&name))
            .ok_or_else(|| NetworkError::NoShard {
                member: self.name.clone(),
                root: *root,
            })
    }
}

fn flip_bytes(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut offset = 0;
    while offset < length {
        let mut byte = [0];
        file.read_exact_at(&mut byte, offset)?;
        file.write_all_at(&byte.map(|byte| !byte), offset)?;
        offset = offset.saturating_add(DAMAGE_EVERY);
    }
    Ok(())
}

fn collect_shards(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), NetworkError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Nothing was stored yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(NetworkError::file("list", folder)(error)),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_shards(&path, found)?;
        } else if path.extension().is_some_and(|suffix| suffix == "shard") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_damaged_twice_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ab/cd/root.shard");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let bytes: Vec<u8> = (0..100_000u32).map(|i| i.to_le_bytes()[0]).collect();
        fs::write(&path, &bytes).unwrap();
        let mut found = Vec::new();
        collect_shards(folder.path(), &mut found).unwrap();
        assert_eq!(found, std::slice::from_ref(&path));
        flip_bytes(&path).unwrap();
        let damaged = fs::read(&path).unwrap();
        let differing = damaged.iter().zip(&bytes).filter(|(a, b)| a != b).count();
        assert_eq!(differing, 2);
        flip_bytes(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}
