//! The node as a service: what every command needs (`partial`), what a running node adds
//! (`full`).

mod full;
mod partial;

use neurostore_runtime::{opaque::Block, RuntimeApi};
use sc_executor::WasmExecutor;

pub(crate) use full::start;
pub(crate) use partial::new_partial;

/// The runtime runs as WASM only, with the host functions every Substrate node has.
pub(crate) type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The client: chain, state, execution.
pub(crate) type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database behind it.
pub(crate) type FullBackend = sc_service::TFullBackend<Block>;
/// The rule by which the best chain is chosen.
pub(crate) type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;

/// Blocks whose state is kept by default: two windows of an hour each, so that a storage node
/// that was away can still read the samples of its open window.
pub(crate) const STATE_PRUNING_BLOCKS: u32 = 1_200;
/// Blocks after which a justification is stored although nobody asked for it.
const GRANDPA_JUSTIFICATION_PERIOD: u32 = 512;
