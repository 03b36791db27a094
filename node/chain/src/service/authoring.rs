//! Block production by BABE.

use std::sync::Arc;

use neurostore_runtime::opaque::Block;
use sc_consensus_babe::{BabeLink, BabeParams, SlotProportion};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network_sync::SyncingService;
use sc_service::{error::Error as ServiceError, TaskManager};
use sc_telemetry::TelemetryHandle;

use super::{
    client::Shared,
    partial::{BlockImport, SlotAndTime},
};

/// Part of a slot in which the block must be proposed; the rest is for it to travel.
const PROPOSAL_SLOT_PORTION: f32 = 2.0 / 3.0;

/// What block production needs beyond what all parts share.
pub(super) struct Authoring {
    pub(super) block_import: BlockImport,
    pub(super) babe_link: BabeLink<Block>,
    pub(super) sync: Arc<SyncingService<Block>>,
    /// Whether blocks are made although no peer is there to see them.
    pub(super) is_forced: bool,
    pub(super) telemetry: Option<TelemetryHandle>,
}

/// Starts to make blocks.
pub(super) fn start(
    task_manager: &TaskManager,
    shared: &Shared,
    parts: Authoring,
) -> Result<(), ServiceError> {
    let slot_duration = parts.babe_link.config().slot_duration();
    let proposer = sc_basic_authorship::ProposerFactory::new(
        task_manager.spawn_handle(),
        shared.client.clone(),
        shared.pool.clone(),
        shared.prometheus.as_ref(),
        parts.telemetry.clone(),
    );
    let babe = sc_consensus_babe::start_babe(BabeParams {
        keystore: shared.keystore.clone(),
        client: shared.client.clone(),
        select_chain: shared.select_chain.clone(),
        env: proposer,
        block_import: parts.block_import,
        sync_oracle: parts.sync.clone(),
        justification_sync_link: parts.sync,
        create_inherent_data_providers: SlotAndTime { slot_duration },
        force_authoring: parts.is_forced,
        backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
        babe_link: parts.babe_link,
        block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SLOT_PORTION),
        max_block_proposal_slot_portion: None,
        telemetry: parts.telemetry,
    })?;
    task_manager.spawn_essential_handle().spawn_blocking(
        "babe-proposer",
        Some("block-authoring"),
        babe,
    );
    Ok(())
}
