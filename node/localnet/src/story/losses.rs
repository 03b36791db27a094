//! Losing nodes: five are no loss, the sixth is one.

use std::collections::BTreeSet;

use neurostore_primitives::{DATA_SHARDS, PARITY_SHARDS, TOTAL_SHARDS};

use super::{Stored, Story, StoryError};

/// Members that were killed.
#[derive(Clone, Debug)]
pub struct Fallen {
    /// Their numbers, in the order of their end.
    pub members: Vec<usize>,
    /// What a person reads who wants the file nevertheless.
    pub error: Option<String>,
}

impl Story {
    /// The daemons that hold shards of a file, those first that hold a shard of every segment:
    /// so the first six are missing in one segment together.
    pub fn daemons_holding(&self, stored: &Stored) -> Vec<usize> {
        let mut daemons: Vec<(usize, usize)> = self
            .network
            .daemons()
            .filter_map(|number| {
                let node = self.network.member(number).ok()?.node()?;
                let held = stored
                    .holders
                    .iter()
                    .filter(|nodes| nodes.contains(&node))
                    .count();
                (held > 0).then_some((number, held))
            })
            .collect();
        daemons.sort_by_key(|(number, held)| (std::cmp::Reverse(*held), *number));
        daemons.into_iter().map(|(number, _)| number).collect()
    }

    /// Kills as many daemons as may be lost: five that hold shards of every segment.
    pub async fn kill_five(&mut self, stored: &Stored) -> Result<Fallen, StoryError> {
        let victims: Vec<usize> = self
            .daemons_holding(stored)
            .into_iter()
            .take(PARITY_SHARDS)
            .collect();
        if victims.len() < PARITY_SHARDS {
            return Err(StoryError::claim("five daemons hold shards of the file"));
        }
        for number in &victims {
            self.network.kill(*number).await?;
        }
        Ok(Fallen {
            members: victims,
            error: None,
        })
    }

    /// Kills one more and has the `neuro` command read in vain: it must say how many shards are
    /// reachable, how many are needed, and which nodes are missing.
    pub async fn kill_a_sixth(
        &mut self,
        stored: &Stored,
        fallen: &Fallen,
    ) -> Result<Fallen, StoryError> {
        let next = self
            .daemons_holding(stored)
            .into_iter()
            .find(|number| !fallen.members.contains(number))
            .ok_or_else(|| StoryError::claim("a sixth daemon holds shards of the file"))?;
        self.network.kill(next).await?;
        let mut members = fallen.members.clone();
        members.push(next);

        let copy = self.folder().join("in-vain");
        let run = self.neuro_get(stored, &copy).await?;
        if run.succeeded || copy.exists() {
            return Err(StoryError::claim(
                "nobody can read a file of which nine shards are left",
            ));
        }
        let reachable = DATA_SHARDS - 1;
        let sentence =
            format!("{reachable} of {TOTAL_SHARDS} shards reachable, {DATA_SHARDS} needed");
        if !run.error.contains(&sentence) {
            return Err(StoryError::claim(format!(
                "the error says '{sentence}'; it says: {}",
                run.error
            )));
        }
        for number in self.missing_in_one_segment(stored, &members) {
            let member = self.network.member(number)?;
            let node = member
                .node()
                .map(|node| node.to_string())
                .unwrap_or_default();
            if !run.error.contains(&format!("node {node} ")) {
                return Err(StoryError::claim(format!(
                    "the error names node {node} ({}), which is missing; it says: {}",
                    member.name(),
                    run.error
                )));
            }
        }
        Ok(Fallen {
            members,
            error: Some(run.error),
        })
    }

    /// The fallen that hold shards of a segment of which all of them hold one.
    fn missing_in_one_segment(&self, stored: &Stored, fallen: &[usize]) -> Vec<usize> {
        let node = |number: &usize| self.network.member(*number).ok().and_then(|m| m.node());
        let has_all = stored.holders.iter().any(|nodes| {
            let nodes: BTreeSet<_> = nodes.iter().collect();
            fallen
                .iter()
                .filter_map(node)
                .all(|node| nodes.contains(&node))
        });
        if has_all {
            fallen.to_vec()
        } else {
            Vec::new()
        }
    }

    /// Starts members again and waits until they serve.
    pub async fn revive(&mut self, members: &[usize]) -> Result<(), StoryError> {
        for number in members {
            self.network.restart(*number)?;
        }
        for number in members {
            self.network.wait_until_serving(*number).await?;
        }
        Ok(())
    }
}
