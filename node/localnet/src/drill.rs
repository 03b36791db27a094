//! Doing a plan to a network.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    error::NetworkError,
    fault::{FaultPlan, Step},
    network::{Injected, Network},
};

/// Longest time of a block on a busy machine.
const SLOW_BLOCK: Duration = Duration::from_secs(30);

impl FaultPlan {
    /// Does all of it to a network, block by block, and mends all of it. A fault that a member's
    /// place does not allow, or that finds no shard, is noted as refused and left out. `tell`
    /// hears what is done.
    pub async fn run(
        &self,
        network: &mut Network,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), NetworkError> {
        let chain = network.chain()?.clone();
        network.fault_log().begin(self)?;
        let (first, _) = chain.best_block().await?;
        let mut open: BTreeMap<usize, Injected> = BTreeMap::new();
        for (block, step) in self.steps() {
            let patience = SLOW_BLOCK * block.saturating_add(1);
            chain.wait_for_block(first + block, patience).await?;
            match step {
                Step::Begin(index) => {
                    let Some(planned) = self.faults.get(index) else {
                        continue;
                    };
                    let name = network.member(planned.member)?.name().to_owned();
                    let what = planned.fault.name();
                    match network.inject(planned.member, planned.fault).await {
                        Ok(injected) => {
                            tell(&format!("block {block}: {name}: {what}"));
                            open.insert(index, injected);
                        }
                        Err(NetworkError::NoFault(_) | NetworkError::NothingStored(_)) => {
                            tell(&format!("block {block}: {name}: {what}: impossible"));
                        }
                        Err(error) => return Err(error),
                    }
                }
                Step::End(index) => {
                    if let Some(injected) = open.remove(&index) {
                        let name = network.member(injected.member())?.name().to_owned();
                        let what = injected.fault().name();
                        network.mend(injected).await?;
                        tell(&format!("block {block}: {name}: {what}: mended"));
                    }
                }
            }
        }
        Ok(())
    }
}
