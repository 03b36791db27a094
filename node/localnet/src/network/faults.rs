//! Faults that are done to members, and undone.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::Network;
use crate::{
    disk::Spoiled,
    error::NetworkError,
    fault::{Deed, Fault, FaultEntry},
    member::Member,
};

/// A fault that was done to a member; [`Network::mend`] undoes it.
#[derive(Debug)]
#[must_use = "a fault stays until it is mended"]
pub struct Injected {
    number: usize,
    fault: Fault,
    undo: Undo,
}

impl Injected {
    /// Whom it was done to.
    pub fn member(&self) -> usize {
        self.number
    }

    /// What was done.
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

/// What undoing needs to know beside the fault.
#[derive(Debug)]
enum Undo {
    Nothing,
    /// A byte is flipped once more.
    Flip(PathBuf, u64),
    Spoiled(Spoiled),
}

impl Network {
    /// Does a fault to a member, and notes it in the log of faults. Fails where the member's
    /// place does not allow it, or where it holds no shard and the fault needs one.
    pub async fn inject(&mut self, number: usize, fault: Fault) -> Result<Injected, NetworkError> {
        match self.do_fault(number, fault).await {
            Ok((undo, detail)) => {
                self.note(number, fault, Deed::Done, &detail).await?;
                Ok(Injected {
                    number,
                    fault,
                    undo,
                })
            }
            Err(error) => {
                let reason = error.to_string();
                self.note(number, fault, Deed::Refused, &reason).await?;
                Err(error)
            }
        }
    }

    async fn do_fault(
        &mut self,
        number: usize,
        fault: Fault,
    ) -> Result<(Undo, String), NetworkError> {
        let no_detail = |()| (Undo::Nothing, String::new());
        match fault {
            Fault::Kill => self.kill(number).await.map(no_detail),
            Fault::Pause => self.pause(number).map(no_detail),
            Fault::Cut => self.namespace(number)?.cut().map(no_detail),
            Fault::FillDisk => self.disk(number)?.fill().map(no_detail),
            Fault::Clock { seconds } => self.clock(number)?.set(seconds).map(no_detail),
            Fault::Unreadable { shard } => {
                let path = self.member(number)?.pick(shard)?;
                let spoiled = self.disk(number)?.spoil(&path)?;
                Ok((Undo::Spoiled(spoiled), path.display().to_string()))
            }
            Fault::Corrupt { shard, byte } => {
                let path = self.member(number)?.pick(shard)?;
                let offset = flip(&path, byte).map_err(NetworkError::file("damage", &path))?;
                let detail = format!("byte {offset} of {}", path.display());
                Ok((Undo::Flip(path, offset), detail))
            }
        }
    }

    /// Undoes a fault, and notes it. A member whose process ended or must look at its disk anew
    /// is started again; [`Network::wait_until_serving`] waits for it.
    pub async fn mend(&mut self, injected: Injected) -> Result<(), NetworkError> {
        let Injected {
            number,
            fault,
            undo,
        } = injected;
        match (fault, undo) {
            (Fault::Pause, _) => self.resume(number)?,
            (Fault::Cut, _) => self.namespace(number)?.heal()?,
            (Fault::FillDisk, _) => self.disk(number)?.empty()?,
            (Fault::Clock { .. }, _) => self.clock(number)?.set(0)?,
            (_, Undo::Spoiled(spoiled)) => spoiled.mend()?,
            (_, Undo::Flip(path, offset)) => match flip(&path, offset) {
                // A node may have removed what it found damaged.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                flipped => {
                    flipped.map_err(NetworkError::file("mend", &path))?;
                }
            },
            (Fault::Kill | Fault::Unreadable { .. } | Fault::Corrupt { .. }, Undo::Nothing) => {}
        }
        if fault.needs_restart() {
            self.stop(number).await?;
            self.restart(number)?;
        }
        self.note(number, fault, Deed::Undone, "").await
    }

    async fn note(
        &mut self,
        number: usize,
        fault: Fault,
        deed: Deed,
        detail: &str,
    ) -> Result<(), NetworkError> {
        let (block, _) = self.chain()?.best_block().await?;
        let entry = FaultEntry {
            block,
            deed,
            member: number,
            name: self.member(number)?.name.clone(),
            fault,
            detail: detail.to_owned(),
        };
        self.faults.note(&entry)
    }

    /// The log of faults.
    pub fn fault_log(&self) -> &crate::fault::FaultLog {
        &self.faults
    }

    fn namespace(&self, number: usize) -> Result<&crate::bridge::Namespace, NetworkError> {
        let own = &self.member(number)?.namespace;
        own.as_ref().ok_or(NetworkError::NoFault(
            "only a member in a namespace of its own can be cut from the network",
        ))
    }

    fn disk(&self, number: usize) -> Result<&crate::disk::OwnDisk, NetworkError> {
        let own = &self.member(number)?.disk;
        own.as_ref().ok_or(NetworkError::NoFault(
            "only a disk of the member's own can be filled or fail",
        ))
    }

    fn clock(&self, number: usize) -> Result<&crate::clock::OwnClock, NetworkError> {
        let own = &self.member(number)?.clock;
        own.as_ref().ok_or(NetworkError::NoFault(
            "only a clock of the member's own can be moved",
        ))
    }

    /// Bytes that can still be written to a member's own disk.
    pub fn free_bytes(&self, number: usize) -> Result<u64, NetworkError> {
        self.disk(number)?.free_bytes()
    }
}

impl Member {
    /// One of its shards: the same number picks the same one while it holds the same shards.
    fn pick(&self, number: u64) -> Result<PathBuf, NetworkError> {
        let mut shards = self.shards()?;
        let count = u64::try_from(shards.len()).unwrap_or(u64::MAX);
        let index = number
            .checked_rem(count)
            .and_then(|index| usize::try_from(index).ok())
            .ok_or_else(|| NetworkError::NothingStored(self.name.clone()))?;
        Ok(shards.swap_remove(index))
    }
}

/// Flips a byte of a file, counted from the start again beyond its end; where it is.
fn flip(path: &Path, byte: u64) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let offset = byte
        .checked_rem(file.metadata()?.len())
        .ok_or_else(|| io::Error::other("the file is empty"))?;
    let mut found = [0];
    file.read_exact_at(&mut found, offset)?;
    file.write_all_at(&found.map(|byte| !byte), offset)?;
    Ok(offset)
}
