//! A running node: network, RPC, block production, finality, and storage where it is asked for.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use neurostore_runtime::{opaque::Block, Hash};
use sc_client_api::{Backend as _, BlockBackend};
use sc_consensus_babe::SlotProportion;
use sc_consensus_grandpa::{
    warp_proof, FinalityProofProvider, SharedVoterState, VotingRulesBuilder,
};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_service::{
    error::Error as ServiceError, Configuration, PartialComponents, TaskManager, WarpSyncConfig,
};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use super::{
    new_partial,
    partial::{ConsensusParts, SlotAndTime},
    GRANDPA_JUSTIFICATION_PERIOD,
};
use crate::{
    cli::StorageArgs,
    rpc,
    storage::{self, StorageError},
};

/// Part of a slot in which the block must be proposed; the rest is for it to travel.
const PROPOSAL_SLOT_PORTION: f32 = 2.0 / 3.0;
/// How long GRANDPA gathers votes before it gossips them on.
const GRANDPA_GOSSIP_PERIOD: Duration = Duration::from_millis(333);

/// Starts everything; the returned task manager ends it.
pub(crate) async fn start<N: NetworkBackend<Block, Hash>>(
    config: Configuration,
    storage_args: StorageArgs,
) -> Result<TaskManager, ServiceError> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other:
            ConsensusParts {
                block_import,
                grandpa_link,
                babe_link,
                babe_worker,
                mut telemetry,
            },
    } = new_partial(&config)?;

    let genesis = client
        .block_hash(0)
        .ok()
        .flatten()
        .ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;

    // Network.
    let mut net_config = FullNetworkConfiguration::<Block, Hash, N>::new(
        &config.network,
        config.prometheus_registry().cloned(),
    );
    let metrics = N::register_notification_metrics(config.prometheus_registry());
    let grandpa_protocol =
        sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (grandpa_peers, grandpa_notifications) =
        sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
            grandpa_protocol.clone(),
            metrics.clone(),
            net_config.peer_store_handle(),
        );
    net_config.add_notification_protocol(grandpa_peers);
    let warp_sync = Arc::new(warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            is_validator: config.role.is_authority(),
            keystore: Some(keystore_container.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(
                transaction_pool.clone(),
            )),
            network_provider: Arc::new(network.clone()),
            enable_http_requests: false,
            custom_extensions: |_| Vec::new(),
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers",
            "offchain-worker",
            workers
                .run(client.clone(), task_manager.spawn_handle())
                .boxed(),
        );
    }

    // RPC.
    let shared_voter_state = SharedVoterState::empty();
    // Storage connects to the chain in the background: it is ready before the RPC it talks to.
    let storage = match storage::start(&config, storage_args, genesis.0).await {
        Ok(storage) => storage,
        Err(error @ StorageError::Flag { .. }) => {
            return Err(ServiceError::Application(Box::new(error)));
        }
        Err(error) => {
            tracing::error!(
                "the storage service did not start: {error}. The chain goes on without it; put it \
                 right and start the node again"
            );
            None
        }
    };
    let storage_methods = storage
        .as_ref()
        .map(|storage| storage.methods.clone())
        .unwrap_or_default();
    let rpc_builder = {
        let finality_proofs = FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(grandpa_link.shared_authority_set().clone()),
        );
        let authority_set = grandpa_link.shared_authority_set().clone();
        let justifications = grandpa_link.justification_stream();
        let voter_state = shared_voter_state.clone();
        let client = client.clone();
        let pool = transaction_pool.clone();
        let select_chain = select_chain.clone();
        let keystore = keystore_container.keystore();
        Box::new(move |executor| {
            let parts = rpc::Parts {
                client: client.clone(),
                pool: pool.clone(),
                select_chain: select_chain.clone(),
                keystore: keystore.clone(),
                babe: babe_worker.clone(),
                grandpa: rpc::GrandpaParts {
                    voter_state: voter_state.clone(),
                    authority_set: authority_set.clone(),
                    justifications: justifications.clone(),
                    finality_proofs: finality_proofs.clone(),
                },
                storage: storage_methods.clone(),
            };
            rpc::build(parts, executor)
                .map_err(|error| ServiceError::Other(format!("RPC methods clash: {error}")))
        })
    };

    let role = config.role;
    let force_authoring = config.force_authoring;
    let name = config.network.node_name.clone();
    let grandpa_enabled = !config.disable_grandpa;
    let prometheus = config.prometheus_registry().cloned();

    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        network: network.clone(),
        client: client.clone(),
        keystore: keystore_container.keystore(),
        task_manager: &mut task_manager,
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        backend,
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        config,
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    let telemetry = telemetry.as_ref().map(|telemetry| telemetry.handle());

    // Block production.
    if role.is_authority() {
        let slot_duration = babe_link.config().slot_duration();
        let proposer = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            prometheus.as_ref(),
            telemetry.clone(),
        );
        let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
            keystore: keystore_container.keystore(),
            client: client.clone(),
            select_chain,
            env: proposer,
            block_import,
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            create_inherent_data_providers: SlotAndTime { slot_duration },
            force_authoring,
            backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
            babe_link,
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SLOT_PORTION),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.clone(),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking(
            "babe-proposer",
            Some("block-authoring"),
            babe,
        );
    }

    // Finality: validators vote, other nodes follow the votes.
    if grandpa_enabled {
        let voter = sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GRANDPA_GOSSIP_PERIOD,
                justification_generation_period: GRANDPA_JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then(|| keystore_container.keystore()),
                local_role: role,
                telemetry: telemetry.clone(),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: grandpa_notifications,
            voting_rule: VotingRulesBuilder::default().build(),
            prometheus_registry: prometheus,
            shared_voter_state,
            telemetry,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        };
        task_manager.spawn_essential_handle().spawn_blocking(
            "grandpa-voter",
            None,
            sc_consensus_grandpa::run_grandpa_voter(voter)?,
        );
    }

    if let Some(storage) = storage {
        storage.keep_with(&mut task_manager);
    }
    Ok(task_manager)
}
