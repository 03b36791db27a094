//! A running node: network, RPC, block production, finality, and storage where it is asked for.

use neurostore_runtime::{opaque::Block, Hash};
use neurostore_storage::PrefixedStorageArgs;
use sc_client_api::BlockBackend;
use sc_consensus_grandpa::SharedVoterState;
use sc_network::NetworkBackend;
use sc_service::{
    error::Error as ServiceError, BuildNetworkParams, Configuration, PartialComponents,
    SpawnTasksParams, TaskManager,
};

use super::{
    authoring::{self, Authoring},
    client::Shared,
    finality::{self, Finality},
    network, offchain,
    partial::{new_partial, ConsensusParts},
    rpc,
};
use crate::storage::{self, RunningStorage};

/// Starts everything; the returned task manager ends it.
pub(crate) async fn start<N: NetworkBackend<Block, Hash>>(
    config: Configuration,
    storage_args: PrefixedStorageArgs,
) -> Result<TaskManager, ServiceError> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: consensus,
    } = new_partial(&config)?;
    let ConsensusParts {
        block_import,
        grandpa_link,
        babe_link,
        babe_worker,
        mut telemetry,
    } = consensus;
    let shared = Shared {
        client,
        backend,
        pool: transaction_pool,
        keystore: keystore_container.keystore(),
        select_chain,
        prometheus: config.prometheus_registry().cloned(),
    };
    let genesis = shared.client.block_hash(0).ok().flatten();
    let genesis =
        genesis.ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;

    let net = network::configure::<N>(&config, genesis, &shared, &grandpa_link);
    let (network, system_rpc_tx, tx_handler_controller, sync, _) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config: net.config,
            client: shared.client.clone(),
            transaction_pool: shared.pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(net.warp_sync),
            block_relay: None,
            metrics: net.metrics,
            gap_sync_body_policy: None,
        })?;
    offchain::start(&config, &task_manager, &shared, network.clone())?;

    // Storage connects to the chain in the background: it is ready before the RPC it talks to.
    let storage = storage::start(&config, storage_args, genesis.0).await?;
    let storage_methods = storage.as_ref().map(RunningStorage::methods);
    let voter_state = SharedVoterState::empty();
    let rpc_builder = rpc::builder(
        &shared,
        &grandpa_link,
        voter_state.clone(),
        babe_worker,
        storage_methods.unwrap_or_default(),
    );

    let role = config.role;
    let is_forced = config.force_authoring;
    let has_finality = !config.disable_grandpa;
    let name = config.network.node_name.clone();
    sc_service::spawn_tasks(SpawnTasksParams {
        network: network.clone(),
        client: shared.client.clone(),
        keystore: shared.keystore.clone(),
        task_manager: &mut task_manager,
        transaction_pool: shared.pool.clone(),
        rpc_builder,
        backend: shared.backend.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync.clone(),
        config,
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    let telemetry = telemetry.as_ref().map(|telemetry| telemetry.handle());

    if role.is_authority() {
        let parts = Authoring {
            block_import,
            babe_link,
            sync: sync.clone(),
            is_forced,
            telemetry: telemetry.clone(),
        };
        authoring::start(&task_manager, &shared, parts)?;
    }
    if has_finality {
        let parts = Finality {
            link: grandpa_link,
            channel: net.grandpa,
            network,
            sync,
            voter_state,
            name,
            role,
            telemetry,
        };
        finality::start(&task_manager, &shared, parts)?;
    }
    if let Some(storage) = storage {
        storage.keep_with(&mut task_manager);
    }
    Ok(task_manager)
}
