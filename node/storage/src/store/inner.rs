//! The parts of a store, and the steps that every operation on it takes.

use std::{
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use neurostore_primitives::ShardRoot;

use super::{
    disk::Disk,
    error::UpdateError,
    health::Health,
    index::{Change, Index, IndexError, Outcome},
    layout::Layout,
    record::{Claim, ListedShard, ShardRecord},
    room::Room,
};

/// Locks over the roots.
const STRIPES: usize = 64;

/// Locks over the roots: two uploads of one shard, or an upload and a removal, take turns.
#[derive(Debug)]
pub(super) struct Stripes([Mutex<()>; STRIPES]);

impl Stripes {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }

    fn of(&self, root: &ShardRoot) -> MutexGuard<'_, ()> {
        let [first, ..] = root.0;
        // Nothing is guarded but the order of steps, so a thread that died leaves no harm.
        self.0[usize::from(first) % STRIPES]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the handles of a store share.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) layout: Layout,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) room: Room,
    pub(super) health: Health,
    /// None where the disk was read-only from the start.
    pub(super) index: Option<Index>,
    pub(super) stripes: Stripes,
    pub(super) free_reserve: u64,
    /// Held as long as the store lives; the system gives it back when the process ends.
    pub(super) _lock: Option<File>,
}

impl Inner {
    /// What the index says of a shard.
    pub(super) fn record(&self, root: &ShardRoot) -> Result<Option<ShardRecord>, IndexError> {
        self.index()?.record(root)
    }

    pub(super) fn claimed(&self, claim: Claim) -> Result<Option<ShardRoot>, IndexError> {
        self.index()?.claimed(claim)
    }

    pub(super) fn list(
        &self,
        from: &ShardRoot,
        limit: usize,
    ) -> Result<Vec<ListedShard>, IndexError> {
        self.index()?.list(from, limit)
    }

    /// Whether the store is bound to this chain; false where it is bound to none.
    pub(super) fn is_bound_to(&self, genesis: &[u8; 32]) -> Result<bool, UpdateError> {
        let Some(index) = &self.index else {
            return Ok(false);
        };
        match index.genesis()? {
            None => Ok(false),
            Some(bound) if bound == *genesis => Ok(true),
            Some(bound) => Err(UpdateError::OtherChain(bound)),
        }
    }

    pub(super) fn index(&self) -> Result<&Index, IndexError> {
        self.index.as_ref().ok_or(IndexError::Closed)
    }

    /// Commits a change. Where that fails nobody knows whether it happened: no more writes.
    pub(super) fn apply(&self, change: Change) -> Result<Outcome, IndexError> {
        let outcome = self.index()?.apply(change);
        if let Err(error) = &outcome {
            self.health.fail("a commit of the index", error);
        }
        outcome
    }

    pub(super) fn update(&self, change: Change) -> Result<Outcome, UpdateError> {
        self.check_update()?;
        Ok(self.apply(change)?)
    }

    pub(super) fn check_update(&self) -> Result<(), UpdateError> {
        match self.health.read_only() {
            None => Ok(()),
            Some(reason) => Err(UpdateError::ReadOnly(reason.to_owned())),
        }
    }

    /// The lock over a shard's files.
    pub(super) fn stripe(&self, root: &ShardRoot) -> MutexGuard<'_, ()> {
        self.stripes.of(root)
    }
}
