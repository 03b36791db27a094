//! The client and what lies behind it.

use std::sync::Arc;

use neurostore_runtime::{opaque::Block, RuntimeApi};
use sc_executor::WasmExecutor;
use sc_transaction_pool::TransactionPoolHandle;
use sp_keystore::KeystorePtr;
use substrate_prometheus_endpoint::Registry;

/// The runtime runs as WASM only, with the host functions every Substrate node has.
pub(super) type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The client: chain, state, execution.
pub(super) type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database behind it.
pub(super) type FullBackend = sc_service::TFullBackend<Block>;
/// The rule by which the best chain is chosen.
pub(super) type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// The transactions that wait for a block.
pub(super) type FullPool = TransactionPoolHandle<Block, FullClient>;

/// What the parts of a running node share.
pub(super) struct Shared {
    pub(super) client: Arc<FullClient>,
    pub(super) backend: Arc<FullBackend>,
    pub(super) pool: Arc<FullPool>,
    pub(super) keystore: KeystorePtr,
    pub(super) select_chain: FullSelectChain,
    pub(super) prometheus: Option<Registry>,
}
