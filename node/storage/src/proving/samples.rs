//! The samples of a challenge: asked for, held against it, and read from the store.

use neurostore_primitives::{ChallengeInfo, SampleInfo};
use neurostore_prover::SampleWitness;

use super::error::AnswerError;
use crate::{
    chain_access::ChainAccess,
    context::Context,
    status::MissingShard,
    store::{ReadError, Store},
};

/// The samples that the chain drew for `challenge`.
pub(super) async fn ask(
    chain: &dyn ChainAccess,
    challenge: &ChallengeInfo,
) -> Result<Vec<SampleInfo>, AnswerError> {
    let asked = chain.samples(challenge.node, challenge.window, challenge.opens_at);
    let drawn = asked.await?;
    let samples = drawn.ok_or(AnswerError::NoSamples(challenge.opens_at))?;
    if are_of(challenge, &samples) {
        Ok(samples)
    } else {
        Err(AnswerError::OtherFork)
    }
}

/// Whether these are the samples that the challenge's statement is about.
fn are_of(challenge: &ChallengeInfo, samples: &[SampleInfo]) -> bool {
    let roots: Vec<_> = samples.iter().map(|sample| sample.root).collect();
    let leaves: Vec<_> = samples.iter().map(|sample| sample.leaf).collect();
    let stated = neurostore_poseidon::statement(&challenge.context, &roots, &leaves);
    stated == Some(challenge.statement)
}

/// Reads every sampled leaf; those that fail are all named before the answer is given up.
pub(super) fn read(
    context: &Context,
    samples: &[SampleInfo],
) -> Result<Vec<SampleWitness>, AnswerError> {
    let is_recovered = context.is_recovered();
    let read = samples
        .iter()
        .map(|sample| (*sample, read_one(&context.store, sample)));
    let found = Found::of(read, is_recovered);
    found.tell(context);
    found.witnesses()
}

fn read_one(store: &Store, sample: &SampleInfo) -> Result<SampleWitness, ReadError> {
    let read = store.leaves(&sample.root, &[sample.leaf])?;
    let leaf = read.into_iter().next().ok_or(ReadError::Unknown)?;
    Ok(SampleWitness {
        leaf: leaf.leaf,
        index: leaf.index,
        path: leaf.path,
        root: sample.root,
    })
}

/// What reading the samples came to.
#[derive(Default)]
struct Found {
    read: Vec<SampleWitness>,
    /// Samples that cannot be read, and why.
    lost: Vec<(SampleInfo, ReadError)>,
    /// Samples whose file may lie here without a record yet.
    unchecked: usize,
}

impl Found {
    /// Sorts the readings; until the findings of the start are settled (`is_recovered`), a shard
    /// without a record is not lost yet.
    fn of(
        readings: impl IntoIterator<Item = (SampleInfo, Result<SampleWitness, ReadError>)>,
        is_recovered: bool,
    ) -> Self {
        let mut found = Self::default();
        for (sample, reading) in readings {
            match reading {
                Ok(witness) => found.read.push(witness),
                Err(ReadError::Unknown) if !is_recovered => {
                    found.unchecked = found.unchecked.saturating_add(1);
                }
                Err(error) => found.lost.push((sample, error)),
            }
        }
        found
    }

    /// Writes down what cannot be read, and takes back what can.
    fn tell(&self, context: &Context) {
        for (sample, error) in &self.lost {
            context.metrics.sample_failures.inc();
            tracing::error!(
                segment = %sample.segment, slot = %sample.slot, root = %sample.root,
                leaf = sample.leaf, %error,
                "a sampled leaf cannot be read: this window cannot be proven"
            );
        }
        let mut board = context.board();
        for witness in &self.read {
            board.missing.remove(&witness.root);
        }
        for (sample, error) in &self.lost {
            let missing = MissingShard {
                segment: sample.segment.to_string(),
                slot: sample.slot.get(),
                root: sample.root.to_string(),
                reason: error.to_string(),
            };
            board.missing.insert(sample.root, missing);
        }
    }

    /// The witnesses, where every sample was read.
    fn witnesses(self) -> Result<Vec<SampleWitness>, AnswerError> {
        let (lost, unchecked) = (self.lost.len(), self.unchecked);
        let all = self
            .read
            .len()
            .saturating_add(lost)
            .saturating_add(unchecked);
        match (lost, unchecked) {
            (0, 0) => Ok(self.read),
            (0, _) => Err(AnswerError::Unchecked(unchecked, all)),
            (_, _) => Err(AnswerError::Shards(lost, all)),
        }
    }
}

#[cfg(test)]
mod tests {
    use neurostore_primitives::{
        CircuitId, NodeId, SegmentId, ShardClass, ShardRoot, SlotIndex, WindowIndex,
    };

    use super::*;

    fn sample(leaf: u16) -> SampleInfo {
        SampleInfo {
            segment: SegmentId([1; 32]),
            slot: SlotIndex::new(0).unwrap(),
            class: ShardClass::default(),
            root: ShardRoot([2; 32]),
            leaf,
        }
    }

    fn found(readings: Vec<ReadError>, is_recovered: bool) -> AnswerError {
        let readings = readings.into_iter().map(|error| (sample(0), Err(error)));
        let found = Found::of(readings, is_recovered);
        found.witnesses().map(|read| read.len()).unwrap_err()
    }

    #[test]
    fn a_shard_without_a_record_is_lost_only_once_the_start_is_settled() {
        let unknown = || vec![ReadError::Unknown, ReadError::Unknown];
        assert!(matches!(
            found(unknown(), false),
            AnswerError::Unchecked(2, 2)
        ));
        assert!(matches!(found(unknown(), true), AnswerError::Shards(2, 2)));
    }

    #[test]
    fn a_damaged_sample_outweighs_one_that_is_still_checked() {
        let readings = vec![ReadError::Unknown, ReadError::Damaged("test")];
        assert!(matches!(found(readings, false), AnswerError::Shards(1, 2)));
    }

    #[test]
    fn samples_of_another_fork_are_not_those_of_the_challenge() {
        let context = [3; 31];
        let (drawn, other) = ([sample(4), sample(5)], [sample(4), sample(6)]);
        let roots = [ShardRoot([2; 32]); 2];
        let challenge = ChallengeInfo {
            node: NodeId(0),
            window: WindowIndex(0),
            open: true,
            opens_at: 1,
            deadline: 2,
            circuit: CircuitId(2),
            samples: 2,
            statement: neurostore_poseidon::statement(&context, &roots, &[4, 5]).unwrap(),
            context,
        };
        assert!(are_of(&challenge, &drawn));
        assert!(!are_of(&challenge, &other));
    }
}
