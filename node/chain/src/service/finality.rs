//! Finality by GRANDPA: validators vote, other nodes follow the votes.

use std::{sync::Arc, time::Duration};

use neurostore_runtime::opaque::Block;
use sc_consensus_grandpa::{Config, GrandpaParams, LinkHalf, SharedVoterState, VotingRulesBuilder};
use sc_network::{config::Role, service::traits::NetworkService};
use sc_network_sync::SyncingService;
use sc_service::{error::Error as ServiceError, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use super::{
    client::{FullClient, FullSelectChain, Shared},
    network::GrandpaChannel,
};

/// Blocks after which a justification is stored although nobody asked for it.
pub(super) const JUSTIFICATION_PERIOD: u32 = 512;
/// How long GRANDPA gathers votes before it gossips them on.
const GOSSIP_PERIOD: Duration = Duration::from_millis(333);

/// What finality needs beyond what all parts share.
pub(super) struct Finality {
    pub(super) link: LinkHalf<Block, FullClient, FullSelectChain>,
    pub(super) channel: GrandpaChannel,
    pub(super) network: Arc<dyn NetworkService>,
    pub(super) sync: Arc<SyncingService<Block>>,
    pub(super) voter_state: SharedVoterState,
    /// The node's name, as telemetry shows it.
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) telemetry: Option<TelemetryHandle>,
}

/// Starts to vote, or to follow the votes.
pub(super) fn start(
    task_manager: &TaskManager,
    shared: &Shared,
    parts: Finality,
) -> Result<(), ServiceError> {
    let is_voter = parts.role.is_authority();
    let voter = GrandpaParams {
        config: Config {
            gossip_duration: GOSSIP_PERIOD,
            justification_generation_period: JUSTIFICATION_PERIOD,
            name: Some(parts.name),
            observer_enabled: false,
            keystore: is_voter.then(|| shared.keystore.clone()),
            local_role: parts.role,
            telemetry: parts.telemetry.clone(),
            protocol_name: parts.channel.protocol,
        },
        link: parts.link,
        network: parts.network,
        sync: parts.sync,
        notification_service: parts.channel.notifications,
        voting_rule: VotingRulesBuilder::default().build(),
        prometheus_registry: shared.prometheus.clone(),
        shared_voter_state: parts.voter_state,
        telemetry: parts.telemetry,
        offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(shared.pool.clone()),
    };
    task_manager.spawn_essential_handle().spawn_blocking(
        "grandpa-voter",
        None,
        sc_consensus_grandpa::run_grandpa_voter(voter)?,
    );
    Ok(())
}
