//! The changes of the index, each all or nothing.

use codec::Encode;
use neurostore_primitives::ShardRoot;
use redb::{Database, ReadableTable, WriteTransaction};

use super::{
    super::record::{Claim, ShardRecord, ShardState},
    error::IndexError,
    tables::{decode, key, CLAIMS, CLAIMS_OF, FACTS, GENESIS, SHARDS},
};

/// One change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// The shard's files are in their place: it is stored, whole, and received for `claim`.
    Publish {
        root: ShardRoot,
        record: ShardRecord,
        claim: Option<Claim>,
    },
    /// The shard's bytes are gone or changed.
    Damage(ShardRoot),
    /// A damaged shard was found whole again.
    Heal(ShardRoot),
    /// The shard is needed no longer. Not done while a claim is on it.
    Remove { root: ShardRoot, keep_until: u32 },
    /// A removed shard is needed after all.
    Keep(ShardRoot),
    /// A removed shard's files are gone.
    Forget(ShardRoot),
    /// The reservation of a claim has ended.
    Unclaim(Claim),
    /// The store belongs to the chain with this genesis hash, unless it has one already.
    Bind([u8; 32]),
}

/// What came of a change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    /// The record before.
    pub(crate) before: Option<ShardRecord>,
    /// The record after.
    pub(crate) after: Option<ShardRecord>,
    /// The other shard that was receipted for the claim: nothing was changed.
    pub(crate) taken_by: Option<ShardRoot>,
}

/// Makes all changes durable in one commit.
pub(super) fn commit(database: &Database, changes: &[&Change]) -> Result<Vec<Outcome>, IndexError> {
    let write = database.begin_write().map_err(IndexError::database)?;
    let outcomes = changes
        .iter()
        .map(|change| make(&write, change))
        .collect::<Result<Vec<_>, _>>()?;
    write.commit().map_err(IndexError::database)?;
    Ok(outcomes)
}

fn make(write: &WriteTransaction, change: &Change) -> Result<Outcome, IndexError> {
    match *change {
        Change::Publish {
            root,
            record,
            claim,
        } => publish(write, root, record, claim),
        Change::Damage(root) => alter(write, root, |state| match state {
            ShardState::Live => Some(ShardState::Damaged),
            _ => None,
        }),
        Change::Heal(root) => alter(write, root, |state| match state {
            ShardState::Damaged => Some(ShardState::Live),
            _ => None,
        }),
        Change::Keep(root) => alter(write, root, |state| match state {
            ShardState::Removed { .. } => Some(ShardState::Live),
            _ => None,
        }),
        Change::Remove { root, keep_until } => {
            if is_claimed(write, root)? {
                return Ok(Outcome::default());
            }
            alter(write, root, |state| match state {
                ShardState::Removed { .. } => None,
                _ => Some(ShardState::Removed { keep_until }),
            })
        }
        Change::Forget(root) => forget(write, root),
        Change::Unclaim(claim) => unclaim(write, claim),
        Change::Bind(genesis) => bind(write, &genesis),
    }
}

fn publish(
    write: &WriteTransaction,
    root: ShardRoot,
    record: ShardRecord,
    claim: Option<Claim>,
) -> Result<Outcome, IndexError> {
    if let Some(claim) = claim {
        let mut claims = write.open_table(CLAIMS).map_err(IndexError::database)?;
        let holder = claims
            .get(key(claim))
            .map_err(IndexError::database)?
            .map(|holder| ShardRoot(*holder.value()));
        if let Some(holder) = holder.filter(|holder| *holder != root) {
            return Ok(Outcome {
                taken_by: Some(holder),
                ..Outcome::default()
            });
        }
        claims
            .insert(key(claim), &root.0)
            .map_err(IndexError::database)?;
        write
            .open_multimap_table(CLAIMS_OF)
            .map_err(IndexError::database)?
            .insert(&root.0, key(claim))
            .map_err(IndexError::database)?;
    }
    let mut shards = write.open_table(SHARDS).map_err(IndexError::database)?;
    let before = shards
        .insert(&root.0, record.encode().as_slice())
        .map_err(IndexError::database)?
        .map(|bytes| decode(&root, bytes.value()))
        .transpose()?;
    Ok(Outcome {
        before,
        after: Some(record),
        taken_by: None,
    })
}

/// Gives a record the state that `next` names for its present one; `None` leaves it.
fn alter(
    write: &WriteTransaction,
    root: ShardRoot,
    next: impl FnOnce(ShardState) -> Option<ShardState>,
) -> Result<Outcome, IndexError> {
    let mut shards = write.open_table(SHARDS).map_err(IndexError::database)?;
    let before = shards
        .get(&root.0)
        .map_err(IndexError::database)?
        .map(|bytes| decode(&root, bytes.value()))
        .transpose()?;
    let after = before.map(|record| ShardRecord {
        state: next(record.state).unwrap_or(record.state),
        ..record
    });
    if let Some(record) = after.filter(|_| after != before) {
        shards
            .insert(&root.0, record.encode().as_slice())
            .map_err(IndexError::database)?;
    }
    Ok(Outcome {
        before,
        after,
        taken_by: None,
    })
}

fn is_claimed(write: &WriteTransaction, root: ShardRoot) -> Result<bool, IndexError> {
    let claims_of = write
        .open_multimap_table(CLAIMS_OF)
        .map_err(IndexError::database)?;
    let found =
        redb::ReadableMultimapTable::get(&claims_of, &root.0).map_err(IndexError::database)?;
    Ok(!found.is_empty())
}

fn forget(write: &WriteTransaction, root: ShardRoot) -> Result<Outcome, IndexError> {
    let mut shards = write.open_table(SHARDS).map_err(IndexError::database)?;
    let before = shards
        .remove(&root.0)
        .map_err(IndexError::database)?
        .map(|bytes| decode(&root, bytes.value()))
        .transpose()?;
    Ok(Outcome {
        before,
        ..Outcome::default()
    })
}

fn unclaim(write: &WriteTransaction, claim: Claim) -> Result<Outcome, IndexError> {
    let mut claims = write.open_table(CLAIMS).map_err(IndexError::database)?;
    let holder = claims
        .remove(key(claim))
        .map_err(IndexError::database)?
        .map(|root| *root.value());
    if let Some(root) = holder {
        write
            .open_multimap_table(CLAIMS_OF)
            .map_err(IndexError::database)?
            .remove(&root, key(claim))
            .map_err(IndexError::database)?;
    }
    Ok(Outcome::default())
}

fn bind(write: &WriteTransaction, genesis: &[u8; 32]) -> Result<Outcome, IndexError> {
    let mut facts = write.open_table(FACTS).map_err(IndexError::database)?;
    let bound = facts.get(GENESIS).map_err(IndexError::database)?.is_some();
    if !bound {
        facts
            .insert(GENESIS, genesis.as_slice())
            .map_err(IndexError::database)?;
    }
    Ok(Outcome::default())
}
