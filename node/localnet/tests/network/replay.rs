//! A log of faults is a plan: what it tells can be done again.

use neurostore_localnet::{Deed, Fault, FaultLog, FaultPlan, LogLine, PlannedFault, Scope};

use crate::stage::Stage;

/// As short as a plan with some faults can be.
const BLOCKS: u32 = 5;
/// Seeds among which one is whose faults are possible in every place.
const SEEDS: u64 = 1_000;

pub(crate) async fn the_log_of_faults_does_the_same_faults_again(
    mut stage: Stage,
) -> Option<Stage> {
    let network = stage.story.network_mut();
    let tell = |what: &str| eprintln!("{what}");
    let scope = Scope::new(network.daemons().collect(), BLOCKS);
    let plan = (0..SEEDS)
        .map(|seed| FaultPlan::from_seed(seed, &scope))
        .find(|plan| plan.faults.len() > 1 && plan.faults.iter().all(is_possible_everywhere))
        .unwrap();
    assert_eq!(plan, FaultPlan::from_seed(plan.seed.unwrap(), &scope));
    plan.run(network, &tell).await.unwrap();

    let path = network.fault_log().path().to_path_buf();
    let read = FaultPlan::from_log(&path).unwrap();
    assert_eq!(read, plan);
    read.run(network, &tell).await.unwrap();

    let lines = FaultLog::read(&path).unwrap();
    let mut runs = lines.rsplit(|line| matches!(line, LogLine::Plan(_)));
    let second = deeds(runs.next().unwrap());
    let first = deeds(runs.next().unwrap());
    assert_eq!(first.len(), 2 * plan.faults.len(), "{first:?}");
    assert_eq!(first, second);

    let numbers: Vec<usize> = plan.faults.iter().map(|fault| fault.member).collect();
    for number in numbers {
        network.wait_until_serving(number).await.unwrap();
    }
    Some(stage)
}

/// Members of the stage share the machine's network, disk and clock.
fn is_possible_everywhere(planned: &PlannedFault) -> bool {
    matches!(planned.fault, Fault::Kill | Fault::Pause)
}

/// What was done, to whom, and what was hit by it.
fn deeds(lines: &[LogLine]) -> Vec<(Deed, usize, Fault, &str)> {
    lines
        .iter()
        .filter_map(|line| match line {
            LogLine::Fault(entry) => {
                Some((entry.deed, entry.member, entry.fault, entry.detail.as_str()))
            }
            LogLine::Plan(_) => None,
        })
        .collect()
}
