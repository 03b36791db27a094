//! The parts that running a node and working on its database have in common.

use std::{error::Error, sync::Arc};

use neurostore_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf};
use sc_service::{error::Error as ServiceError, Configuration};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::SlotDuration;

use super::{
    client::{Executor, FullBackend, FullClient, FullPool, FullSelectChain},
    finality::JUSTIFICATION_PERIOD,
};

/// GRANDPA's block import, the inner of the two.
type GrandpaImport = GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// BABE's block import around it.
pub(super) type BlockImport =
    BabeBlockImport<Block, FullClient, GrandpaImport, SlotAndTime, FullSelectChain>;

/// What consensus hands from the import side to the running node.
pub(crate) struct ConsensusParts {
    pub(super) block_import: BlockImport,
    pub(super) grandpa_link: LinkHalf<Block, FullClient, FullSelectChain>,
    pub(super) babe_link: BabeLink<Block>,
    pub(super) babe_worker: BabeWorkerHandle<Block>,
    pub(super) telemetry: Option<Telemetry>,
}

/// Everything before the network starts.
pub(crate) type Partial = sc_service::PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    FullPool,
    ConsensusParts,
>;

/// Gives each block its slot and its timestamp from the machine's clock.
#[derive(Clone)]
pub(super) struct SlotAndTime {
    pub(super) slot_duration: SlotDuration,
}

#[async_trait::async_trait]
impl sp_inherents::CreateInherentDataProviders<Block, ()> for SlotAndTime {
    type InherentDataProviders = (
        sp_consensus_babe::inherents::InherentDataProvider,
        sp_timestamp::InherentDataProvider,
    );

    async fn create_inherent_data_providers(
        &self,
        _parent: Hash,
        _extra: (),
    ) -> Result<Self::InherentDataProviders, Box<dyn Error + Send + Sync>> {
        let time = sp_timestamp::InherentDataProvider::from_system_time();
        let slot =
            sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
                *time,
                self.slot_duration,
            );
        Ok((slot, time))
    }
}

/// Opens database, keystore, pool and import queue.
pub(crate) fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor: Executor = sc_service::new_wasm_executor(&config.executor);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            Vec::new(),
        )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager
            .spawn_handle()
            .spawn("telemetry", None, worker.run());
        telemetry
    });
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry_handle.clone(),
    )?;

    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        SlotAndTime { slot_duration },
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;

    let (import_queue, babe_worker) =
        sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
            link: babe_link.clone(),
            block_import: block_import.clone(),
            justification_import: Some(Box::new(grandpa_import)),
            client: client.clone(),
            slot_duration,
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            telemetry: telemetry_handle,
        })?;

    Ok(sc_service::PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: ConsensusParts {
            block_import,
            grandpa_link,
            babe_link,
            babe_worker,
            telemetry,
        },
    })
}
