//! Waiting until the nodes have proven what they hold, and what that brought them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use neurostore_chain::{
    names::events::{ProofAccepted, WindowMissed},
    Earnings,
};
use neurostore_primitives::NodeId;

use super::{Stored, Story, StoryError};

/// Pause between two looks at the chain.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Windows of a node that may pass before its silence is an error. One can be under way when the
/// file comes, one can be missed on a machine that is busy with all nodes at once.
const PATIENCE_WINDOWS: u32 = 6;
/// Longest time of a block on a busy machine.
const SLOW_BLOCK: Duration = Duration::from_secs(12);

/// Longest wait for the first released money: two ticks, on a busy machine.
const INCOME_PATIENCE: Duration = Duration::from_secs(120);

/// What the final blocks say of proofs since a file was stored.
#[derive(Clone, Debug, Default)]
pub struct Proven {
    /// Accepted proofs of each node.
    pub accepted: BTreeMap<NodeId, u32>,
    /// Windows that nodes missed.
    pub missed: u32,
    /// The last block that was read.
    pub until: u32,
    /// How long the wait was.
    pub took: Duration,
}

impl Proven {
    /// All accepted proofs.
    pub fn total(&self) -> u32 {
        self.accepted.values().sum()
    }
}

impl Story {
    /// Waits until every node that holds a shard of a file has had a proof accepted in a final
    /// block. `tell` hears how many have.
    pub async fn wait_until_proven(
        &self,
        stored: &Stored,
        tell: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Proven, StoryError> {
        let begin = Instant::now();
        let nodes = stored.nodes();
        let (window, _) = self.chain().window_blocks().await?;
        let patience = SLOW_BLOCK * window.saturating_mul(PATIENCE_WINDOWS);
        let mut proven = Proven {
            until: stored.began_at,
            ..Proven::default()
        };
        loop {
            self.read_proofs(&mut proven).await?;
            let silent: BTreeSet<NodeId> = nodes
                .iter()
                .filter(|node| !proven.accepted.contains_key(node))
                .copied()
                .collect();
            tell(nodes.len().saturating_sub(silent.len()), nodes.len());
            if silent.is_empty() {
                proven.took = begin.elapsed();
                return Ok(proven);
            }
            if begin.elapsed() > patience {
                return Err(StoryError::claim(format!(
                    "every node that holds a shard proves it: {} of {} did not within {} s: \
                     nodes {silent:?}; {} windows were missed",
                    silent.len(),
                    nodes.len(),
                    patience.as_secs(),
                    proven.missed
                )));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Reads the final blocks that were not read yet.
    pub async fn read_proofs(&self, proven: &mut Proven) -> Result<(), StoryError> {
        let (last, _) = self.chain().finalized_block().await?;
        while proven.until < last {
            let number = proven.until + 1;
            let hash = self.chain().block_hash(number).await?;
            for event in self.chain().events_at(hash).await? {
                let accepted: Option<ProofAccepted> = event
                    .read_as()
                    .map_err(|error| StoryError::claim(error.to_string()))?;
                if let Some(accepted) = accepted {
                    *proven.accepted.entry(accepted.node).or_default() += 1;
                }
                if event.is::<WindowMissed>() {
                    proven.missed += 1;
                }
            }
            proven.until = number;
        }
        Ok(())
    }

    /// What each holder of a file has earned. Fails where one has earned nothing.
    pub async fn earnings(&self, stored: &Stored) -> Result<Vec<(NodeId, Earnings)>, StoryError> {
        let mut all = Vec::new();
        for node in stored.nodes() {
            let earned = self.chain().earnings(node).await?;
            if earned.credited_total == 0 {
                return Err(StoryError::claim(format!("node {node} earned something")));
            }
            all.push((node, earned));
        }
        Ok(all)
    }

    /// Waits until a holder of the file has something to withdraw, and names the member that has
    /// most: what a proof brings streams out over the window after it.
    pub async fn richest(&self, stored: &Stored) -> Result<usize, StoryError> {
        let begin = Instant::now();
        loop {
            let earnings = self.earnings(stored).await?;
            let most = earnings
                .iter()
                .max_by_key(|(_, earned)| earned.withdrawable);
            if let Some((node, earned)) = most {
                let number = self.network.number_of(*node);
                if let (Some(number), true) = (number, earned.withdrawable > 0) {
                    return Ok(number);
                }
            }
            if begin.elapsed() > INCOME_PATIENCE {
                return Err(StoryError::claim(
                    "what was earned is released over the next window",
                ));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
