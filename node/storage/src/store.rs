//! The shard store: files named by their root, an index beside, and no lie about either.
//!
//! A shard lies at `shards/ab/cd/<root>.shard`, its tree cache beside it; the index (redb) knows
//! state and claims. All functions block: callers on async threads use `spawn_blocking`.

mod disk;
mod error;
mod health;
mod index;
mod inner;
mod intake;
mod layout;
mod read;
mod record;
mod recovery;
mod removal;
mod room;

use std::{
    fs::{File, OpenOptions},
    io,
    path::PathBuf,
    sync::Arc,
};

use neurostore_primitives::{ShardClass, ShardRoot};

pub use self::{
    disk::{Disk, OsDisk},
    error::{IntakeError, OpenError, ReadError, UpdateError},
    index::IndexError,
    intake::Intake,
    read::{ShardRange, StoredLeaf},
    record::{Claim, ListedShard, ShardRecord, ShardState},
    recovery::{Recovery, Settled},
    room::Occupancy,
};
use self::{
    health::Health,
    index::{Change, Index},
    inner::{Inner, Stripes},
    layout::Layout,
    room::Room,
};

/// The share of the disk that is kept free: one part in this many.
const FREE_RESERVE_PART: u64 = 20;
/// The largest default reserve: enough for the index, the logs and the system beside.
const FREE_RESERVE_MOST: u64 = 2 << 30;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Its folder; created where it does not exist.
    pub path: PathBuf,
    /// Bytes of shards to hold at most.
    pub capacity_bytes: u64,
    /// Bytes of the disk that stay free; by default 5 % of it, at most 2 GiB.
    pub free_reserve_bytes: Option<u64>,
}

/// A shard store. Clones share it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

impl Store {
    /// Opens a store, removes what an unclean end left, and compares files with the index.
    pub fn open(options: &StoreOptions) -> Result<(Self, Recovery), OpenError> {
        Self::open_on(options, Arc::new(OsDisk))
    }

    /// As [`Store::open`], on another disk than the system's.
    pub fn open_on(
        options: &StoreOptions,
        disk: Arc<dyn Disk>,
    ) -> Result<(Self, Recovery), OpenError> {
        let layout = Layout::new(&options.path);
        let folder_error = |error| OpenError::Folder {
            path: options.path.clone(),
            error,
        };
        let health = Health::default();
        if let Err(error) = layout.create_all(disk.as_ref()) {
            if error.kind() != io::ErrorKind::ReadOnlyFilesystem {
                return Err(folder_error(error));
            }
            health.fail("opening the store", &error);
        }
        let lock = take_lock(&layout, &health)?;
        let room = Room::new(options.capacity_bytes);
        let index = match health.read_only() {
            Some(_) => None,
            None => match Index::open(&layout.index(), Arc::clone(&disk), room.clone()) {
                Ok(index) => Some(index),
                // No reason not to read: the files say what they are.
                Err(error) if error.is_full_or_read_only() => {
                    health.fail("opening the index", &error);
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        let total = disk.total_bytes(layout.base()).map_err(folder_error)?;
        let default_reserve = (total / FREE_RESERVE_PART).min(FREE_RESERVE_MOST);
        let inner = Inner {
            layout,
            disk,
            room,
            health,
            index,
            stripes: Stripes::new(),
            free_reserve: options.free_reserve_bytes.unwrap_or(default_reserve),
            _lock: lock,
        };
        let recovery = inner.recover()?;
        Ok((Self(Arc::new(inner)), recovery))
    }

    /// Checks what [`Store::open`] found unrecorded or without tree cache; `go_on` is told how many
    /// of how many are done, and ends it by `false`: the next start finds the rest again. Takes as
    /// long as hashing those shards takes.
    pub fn finish_recovery(
        &self,
        recovery: &Recovery,
        go_on: impl FnMut(usize, usize) -> bool,
    ) -> Settled {
        self.0.finish_recovery(recovery, go_on)
    }

    /// Accepts an upload: takes its room and its space on the disk.
    pub fn begin(&self, class: ShardClass, claim: Claim) -> Result<Intake, IntakeError> {
        Intake::begin(&self.0, class, claim)
    }

    /// What the index says of a shard.
    pub fn record(&self, root: &ShardRoot) -> Result<Option<ShardRecord>, IndexError> {
        self.0.record(root)
    }

    /// The root of the shard that was received for a slot.
    pub fn claimed(&self, claim: Claim) -> Result<Option<ShardRoot>, IndexError> {
        self.0.claimed(claim)
    }

    /// Up to `limit` shards in the order of their roots, from `from` on.
    pub fn list(&self, from: &ShardRoot, limit: usize) -> Result<Vec<ListedShard>, IndexError> {
        self.0.list(from, limit)
    }

    /// The root that follows `root`, to list on from there.
    pub fn after(root: &ShardRoot) -> Option<ShardRoot> {
        removal::successor(root)
    }

    /// Opens a stretch of a shard.
    pub fn range(&self, root: &ShardRoot, offset: u64, len: u64) -> Result<ShardRange, ReadError> {
        self.0.range(root, offset, len)
    }

    /// Reads leaves with their paths, each checked against the root.
    pub fn leaves(&self, root: &ShardRoot, indices: &[u16]) -> Result<Vec<StoredLeaf>, ReadError> {
        self.0.leaves(root, indices)
    }

    /// Reads a whole shard and checks it against its root, which heals or condemns its record.
    pub fn verify(&self, root: &ShardRoot) -> Result<(), ReadError> {
        self.0.verify(root)
    }

    /// Marks a shard as no longer needed once the chain is past `keep_until`; false where a claim
    /// is on it or it was marked before.
    pub fn remove(&self, root: ShardRoot, keep_until: u32) -> Result<bool, UpdateError> {
        self.0.remove(root, keep_until)
    }

    /// Takes the mark back; false where there was none.
    pub fn keep(&self, root: ShardRoot) -> Result<bool, UpdateError> {
        self.0.keep(root)
    }

    /// Drops the claim of a reservation that has ended.
    pub fn unclaim(&self, claim: Claim) -> Result<(), UpdateError> {
        self.0.unclaim(claim)
    }

    /// Deletes the bytes of removed shards that need not be kept at block `now`; how many.
    pub fn sweep(&self, now: u32) -> Result<u64, UpdateError> {
        self.sweep_if(now, |_| true)
    }

    /// As [`Store::sweep`], of those shards alone that `may_go`.
    pub fn sweep_if(
        &self,
        now: u32,
        may_go: impl Fn(&ShardRoot) -> bool,
    ) -> Result<u64, UpdateError> {
        self.0.sweep(now, may_go)
    }

    /// Refuses another chain than the one that the store is bound to, if it is bound to one: its
    /// reservations would be taken for this one's.
    pub fn check_chain(&self, genesis: &[u8; 32]) -> Result<(), UpdateError> {
        self.0.is_bound_to(genesis).map(drop)
    }

    /// Binds the store to a chain, for good. A store of another chain is refused.
    pub fn bind_chain(&self, genesis: &[u8; 32]) -> Result<(), UpdateError> {
        if self.0.index.is_none() || self.0.is_bound_to(genesis)? {
            return Ok(());
        }
        self.0.update(Change::Bind(*genesis)).map(drop)
    }

    /// How full the store is.
    pub fn occupancy(&self) -> Occupancy {
        self.0.room.occupancy()
    }

    /// Free bytes of the disk beyond the reserve.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let free = self.0.disk.free_bytes(self.0.layout.base())?;
        Ok(free.saturating_sub(self.0.free_reserve))
    }

    /// Why the store no longer writes, if so.
    pub fn read_only(&self) -> Option<&str> {
        self.0.health.read_only()
    }
}

/// Takes the folder for this process alone.
fn take_lock(layout: &Layout, health: &Health) -> Result<Option<File>, OpenError> {
    let path = layout.lock();
    let read_only = health.read_only().is_some();
    let opened = OpenOptions::new()
        .read(true)
        .write(!read_only)
        .create(!read_only)
        .truncate(false)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        // A folder that never held a store, on a disk that cannot be written.
        Err(error) if read_only && error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            health.fail("opening the store", &error);
            return take_lock(layout, health);
        }
        Err(error) => return Err(OpenError::Folder { path, error }),
    };
    match fs4::fs_std::FileExt::try_lock_exclusive(&file) {
        Ok(true) => Ok(Some(file)),
        Ok(false) => Err(OpenError::Locked(layout.base().to_path_buf())),
        Err(error) => Err(OpenError::Folder { path, error }),
    }
}
