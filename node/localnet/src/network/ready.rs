//! Waiting until a network is whole.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use neurostore_chain::{Chain, ChainError, Node};
use neurostore_primitives::NodeState;

use super::Network;
use crate::{error::NetworkError, member::Member};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Patience with one step of a start. A small machine runs sixteen processes, each compiling the
/// runtime for itself.
const STEP_PATIENCE: Duration = Duration::from_secs(240);
/// Other storage nodes that each must have found.
const FEWEST_PEERS: u64 = 1;

impl Network {
    /// Connects to the first validator as soon as it listens.
    pub(super) async fn connect(&mut self) -> Result<(), NetworkError> {
        let url = self.chain_url();
        let connect = || async {
            match Chain::connect(&url).await {
                Ok(chain) => Ok(Some(chain)),
                Err(ChainError::Unreachable { .. } | ChainError::NoAnswer { .. }) => Ok(None),
                Err(other) => Err(other.into()),
            }
        };
        let chain = self
            .wait_for("the RPC of the first validator", connect)
            .await?;
        self.chain = Some(chain);
        Ok(())
    }

    /// Where the storage service of the first validator is reached.
    pub(super) async fn first_addresses(&mut self) -> Result<Vec<String>, NetworkError> {
        let chain = self.chain()?.clone();
        let ask = || async {
            match chain.storage_bootnodes().await {
                Ok(addresses) if addresses.is_empty() => Ok(None),
                Ok(addresses) => Ok(Some(addresses)),
                // Chain and storage start beside each other: the method is there a little later.
                Err(ChainError::Rpc { .. }) => Ok(None),
                Err(other) => Err(other.into()),
            }
        };
        self.wait_for("the storage service of the first validator", ask)
            .await
    }

    /// Waits for blocks, and final ones.
    pub(super) async fn make_final(
        &mut self,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), NetworkError> {
        let chain = self.chain()?.clone();
        tell("blocks, and final ones");
        let finality = || async {
            let (number, _) = chain.finalized_block().await?;
            Ok((number > 0).then_some(()))
        };
        self.wait_for("a final block", finality).await
    }

    /// Waits until everything works.
    pub(super) async fn make_ready(
        &mut self,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), NetworkError> {
        let chain = self.chain()?.clone();
        tell("the registration of all members");
        let all = self.members.len();
        let registered = || async {
            let nodes = chain.nodes().await?;
            Ok((nodes.len() >= all).then_some(nodes))
        };
        let nodes = self
            .wait_for("the registration of all members", registered)
            .await?;
        for member in &mut self.members {
            member.know(&nodes);
        }

        tell("the storage swarm");
        let numbers: Vec<usize> = self.members.iter().map(Member::number).collect();
        for number in numbers {
            self.wait_until_serving(number).await?;
        }
        Ok(())
    }

    /// Waits until the chain knows a member.
    pub(super) async fn wait_until_registered(
        &mut self,
        number: usize,
    ) -> Result<(), NetworkError> {
        let chain = self.chain()?.clone();
        let (name, account) = {
            let member = self.member(number)?;
            (member.name.clone(), member.operator_account())
        };
        let look = || async {
            let nodes = chain.nodes().await?;
            let is_known = nodes.iter().any(|node| node.operator == account);
            Ok(is_known.then_some(nodes))
        };
        let nodes = self
            .wait_for(&format!("the registration of {name}"), look)
            .await?;
        self.member_mut(number)?.know(&nodes);
        Ok(())
    }

    /// Waits until a member's storage service takes and serves shards and knows others.
    pub async fn wait_until_serving(&mut self, number: usize) -> Result<(), NetworkError> {
        let (name, url) = {
            let member = self.member(number)?;
            (member.name.clone(), member.status_url())
        };
        let look = || async {
            match super::status::read(&url).await {
                Ok(status) => Ok((status.is_serving && status.peers >= FEWEST_PEERS).then_some(())),
                // Not listening yet; a process that is gone is noticed by the wait itself.
                Err(_) => Ok(None),
            }
        };
        self.wait_for(&format!("the storage service of {name}"), look)
            .await
    }

    /// Waits until the chain counts every member as healthy again: only healthy nodes are drawn
    /// for new segments, and a segment needs fifteen.
    pub async fn wait_until_healthy(&mut self, patience: Duration) -> Result<(), NetworkError> {
        let chain = self.chain()?.clone();
        let all = self.members.len();
        let look = || async {
            let nodes = chain.nodes().await?;
            let healthy = nodes
                .iter()
                .filter(|node| node.state == NodeState::Active)
                .count();
            Ok((healthy >= all).then_some(()))
        };
        self.wait_at_most("the health of all members", patience, look)
            .await
    }

    async fn wait_for<T, F, Fut>(&mut self, what: &str, look: F) -> Result<T, NetworkError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Option<T>, NetworkError>>,
    {
        self.wait_at_most(what, STEP_PATIENCE, look).await
    }

    /// Looks again and again; a process that ends meanwhile ends the wait.
    pub(super) async fn wait_at_most<T, F, Fut>(
        &mut self,
        what: &str,
        patience: Duration,
        look: F,
    ) -> Result<T, NetworkError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Option<T>, NetworkError>>,
    {
        let deadline = Instant::now() + patience;
        loop {
            for member in &mut self.members {
                member.process.check()?;
            }
            let last = match look().await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => String::new(),
                Err(NetworkError::Chain(error)) if error.is_transient() => {
                    format!("; the last answer was: {error}")
                }
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(NetworkError::NotReady {
                    what: what.to_owned(),
                    seconds: patience.as_secs(),
                    logs: self.logs(),
                    last,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Member {
    /// Notes which of the chain's nodes it is.
    fn know(&mut self, nodes: &[Node]) {
        let account = self.operator_account();
        self.node = nodes
            .iter()
            .find(|node| node.operator == account)
            .map(|node| node.id);
    }
}
