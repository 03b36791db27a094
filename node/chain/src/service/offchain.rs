//! Offchain workers: what the runtime asks to be done beside the chain.

use std::sync::Arc;

use futures::FutureExt;
use sc_client_api::Backend as _;
use sc_network::service::traits::NetworkService;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{error::Error as ServiceError, Configuration, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use super::client::Shared;

/// Starts the offchain workers, where the node was asked for them.
pub(super) fn start(
    config: &Configuration,
    task_manager: &TaskManager,
    shared: &Shared,
    network: Arc<dyn NetworkService>,
) -> Result<(), ServiceError> {
    if !config.offchain_worker.enabled {
        return Ok(());
    }
    let workers = OffchainWorkers::new(OffchainWorkerOptions {
        runtime_api_provider: shared.client.clone(),
        is_validator: config.role.is_authority(),
        keystore: Some(shared.keystore.clone()),
        offchain_db: shared.backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(shared.pool.clone())),
        network_provider: Arc::new(network),
        enable_http_requests: false,
        custom_extensions: |_| Vec::new(),
    })?;
    let running = workers.run(shared.client.clone(), task_manager.spawn_handle());
    task_manager
        .spawn_handle()
        .spawn("offchain-workers", "offchain-worker", running.boxed());
    Ok(())
}
