//! Faults planned ahead: which, to whom, when. Times are counted in blocks, so that a plan is the
//! same for the chain on a fast machine and on a slow one.

use std::cmp::Reverse;

use neurostore_primitives::PARITY_SHARDS;
use rand::{seq::SliceRandom, Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

use super::Fault;

/// Longest pause between the begins of two faults, in blocks.
const LONGEST_GAP: u32 = 3;
/// Longest fault, in blocks: shorter than a window, so that most windows are still proven.
const LONGEST: u32 = 6;
/// Blocks that a member is left alone after a fault: it is started again, connects and is asked
/// for the proof it owes.
const REST: u32 = 6;
/// How far a clock jumps at most, in seconds: beyond any tolerance that a program has.
const FARTHEST: i64 = 2 * 3_600;

/// A fault that is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// Blocks after the begin of the plan.
    pub at: u32,
    /// Blocks until it is mended.
    pub lasts: u32,
    /// Number of the member.
    pub member: usize,
    /// The fault.
    pub fault: Fault,
}

/// Faults in the order of their begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// What it was drawn from, if it was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The faults.
    pub faults: Vec<PlannedFault>,
}

/// What a plan may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whom it may be done to.
    pub members: Vec<usize>,
    /// Blocks in which all of it has to begin and end.
    pub blocks: u32,
    /// How many members may suffer or recover at the same time.
    pub at_once: usize,
}

impl Scope {
    /// As many at once as a segment can do without, less two: so that what is stored stays
    /// readable even where a node that recovers is slow.
    pub fn new(members: Vec<usize>, blocks: u32) -> Self {
        Self {
            members,
            blocks,
            at_once: PARITY_SHARDS - 2,
        }
    }
}

impl FaultPlan {
    /// Draws faults. The same seed and scope give the same plan, on every machine.
    pub fn from_seed(seed: u64, scope: &Scope) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let mut faults: Vec<PlannedFault> = Vec::new();
        let mut at = 0;
        loop {
            at += random.gen_range(1..=LONGEST_GAP);
            let lasts = random.gen_range(1..=LONGEST);
            if at + lasts > scope.blocks {
                return Self {
                    seed: Some(seed),
                    faults,
                };
            }
            let is_busy = |planned: &&PlannedFault| planned.at + planned.lasts + REST >= at;
            let busy: Vec<usize> = faults.iter().filter(is_busy).map(|f| f.member).collect();
            let free: Vec<usize> = scope
                .members
                .iter()
                .filter(|member| !busy.contains(member))
                .copied()
                .collect();
            // Drawn in any case: what comes later must not depend on who was free.
            let fault = draw(&mut random);
            let member = free.choose(&mut random);
            if let (Some(member), true) = (member, busy.len() < scope.at_once) {
                faults.push(PlannedFault {
                    at,
                    lasts,
                    member: *member,
                    fault,
                });
            }
        }
    }

    /// Begins and ends in their order: those of one block as they are planned, ends first.
    pub(crate) fn steps(&self) -> Vec<(u32, Step)> {
        let begins = self.faults.iter().enumerate();
        let mut steps: Vec<(u32, Step)> = begins
            .flat_map(|(index, fault)| {
                let end = fault.at.saturating_add(fault.lasts);
                [(fault.at, Step::Begin(index)), (end, Step::End(index))]
            })
            .collect();
        steps.sort_by_key(|(block, step)| match step {
            Step::End(index) => (*block, Reverse(true), *index),
            Step::Begin(index) => (*block, Reverse(false), *index),
        });
        steps
    }
}

/// Begin or end of a fault, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Begin(usize),
    End(usize),
}

fn draw(random: &mut ChaCha20Rng) -> Fault {
    let (shard, byte) = (random.gen(), random.gen());
    let seconds = random.gen_range(-FARTHEST..=FARTHEST);
    match random.gen_range(0..7) {
        0 => Fault::Kill,
        1 => Fault::Pause,
        2 => Fault::Cut,
        3 => Fault::FillDisk,
        4 => Fault::Unreadable { shard },
        5 => Fault::Clock { seconds },
        _ => Fault::Corrupt { shard, byte },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::new((4..16).collect(), 500)
    }

    #[test]
    fn two_plans_from_one_seed_are_equal_and_from_two_are_not() {
        let plan = FaultPlan::from_seed(1, &scope());
        assert_eq!(plan, FaultPlan::from_seed(1, &scope()));
        assert_ne!(plan.faults, FaultPlan::from_seed(2, &scope()).faults);
    }

    #[test]
    fn no_more_members_suffer_at_once_than_may_and_none_twice() {
        let scope = scope();
        let plan = FaultPlan::from_seed(3, &scope);
        assert!(plan.faults.len() > 20, "{}", plan.faults.len());
        for block in 0..scope.blocks {
            let mut suffering: Vec<usize> = plan
                .faults
                .iter()
                .filter(|fault| (fault.at..=fault.at + fault.lasts).contains(&block))
                .map(|fault| fault.member)
                .collect();
            let count = suffering.len();
            suffering.sort_unstable();
            suffering.dedup();
            assert_eq!(suffering.len(), count);
            assert!(count <= scope.at_once);
        }
    }

    #[test]
    fn every_kind_of_fault_is_drawn() {
        let plan = FaultPlan::from_seed(4, &scope());
        let mut names: Vec<&str> = plan.faults.iter().map(|f| f.fault.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 7, "{names:?}");
    }

    #[test]
    fn everything_that_begins_ends_in_order_and_in_time() {
        let plan = FaultPlan::from_seed(5, &scope());
        let steps = plan.steps();
        assert_eq!(steps.len(), 2 * plan.faults.len());
        assert!(steps.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert!(steps.iter().all(|(block, _)| *block <= 500));
    }
}
