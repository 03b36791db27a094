//! Removing shards: first marked, and only later unlinked.
//!
//! An open challenge may still ask for a shard whose segment ended a moment ago, so a removed
//! shard stays readable until the chain is past the block it was marked with.

use neurostore_primitives::ShardRoot;

use super::{
    error::UpdateError,
    index::Change,
    inner::Inner,
    record::{Claim, ShardState},
};

/// Records looked at between two looks at the clock of the caller.
const PAGE: usize = 1024;

impl Inner {
    pub(super) fn remove(&self, root: ShardRoot, keep_until: u32) -> Result<bool, UpdateError> {
        let outcome = self.update(Change::Remove { root, keep_until })?;
        Ok(outcome.before != outcome.after)
    }

    pub(super) fn keep(&self, root: ShardRoot) -> Result<bool, UpdateError> {
        let outcome = self.update(Change::Keep(root))?;
        Ok(outcome.before != outcome.after)
    }

    pub(super) fn unclaim(&self, claim: Claim) -> Result<(), UpdateError> {
        self.update(Change::Unclaim(claim)).map(drop)
    }

    /// Deletes the bytes of removed shards that need not be kept at block `now` and `may_go`.
    pub(super) fn sweep(
        &self,
        now: u32,
        may_go: impl Fn(&ShardRoot) -> bool,
    ) -> Result<u64, UpdateError> {
        let mut swept = 0u64;
        let mut from = Some(ShardRoot::default());
        while let Some(start) = from {
            let page = self.list(&start, PAGE)?;
            from = match page.last() {
                Some(last) if page.len() == PAGE => successor(&last.root),
                _ => None,
            };
            for shard in page {
                let due = is_due(shard.record.state, now) && may_go(&shard.root);
                if due && self.delete(&shard.root, now)? {
                    swept = swept.saturating_add(1);
                }
            }
        }
        Ok(swept)
    }

    fn delete(&self, root: &ShardRoot, now: u32) -> Result<bool, UpdateError> {
        let _stripe = self.stripe(root);
        // It may have been uploaded again since the listing.
        let due = self
            .record(root)?
            .is_some_and(|record| is_due(record.state, now));
        if !due {
            return Ok(false);
        }
        self.check_update()?;
        self.disk
            .remove(&self.layout.shard(root))
            .and_then(|()| self.disk.remove(&self.layout.tree(root)))
            .map_err(UpdateError::File)?;
        self.update(Change::Forget(*root))?;
        Ok(true)
    }
}

fn is_due(state: ShardState, now: u32) -> bool {
    matches!(state, ShardState::Removed { keep_until } if keep_until < now)
}

/// The root after this one in the order of bytes.
pub(super) fn successor(root: &ShardRoot) -> Option<ShardRoot> {
    let mut next = root.0;
    for byte in next.iter_mut().rev() {
        let (sum, carried) = byte.overflowing_add(1);
        *byte = sum;
        if !carried {
            return Some(ShardRoot(next));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_carries_over_full_bytes() {
        let mut root = ShardRoot::default();
        root.0[31] = 0xff;
        let next = successor(&root).unwrap();
        assert_eq!((next.0[30], next.0[31]), (1, 0));
        assert_eq!(successor(&ShardRoot([0xff; 32])), None);
    }
}
