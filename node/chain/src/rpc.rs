//! The RPC methods beyond those that every node has: nonces and fees, BABE, GRANDPA, storage.

use std::sync::Arc;

use jsonrpsee::{Methods, RpcModule};
use neurostore_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash, Nonce};
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sc_transaction_pool_api::TransactionPool;
use sp_keystore::KeystorePtr;

use crate::service::{FullBackend, FullClient, FullSelectChain};

/// What the GRANDPA methods need.
pub(crate) struct GrandpaParts {
    pub(crate) voter_state: SharedVoterState,
    pub(crate) authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    pub(crate) justifications: GrandpaJustificationStream<Block>,
    pub(crate) finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// What all methods together need.
pub(crate) struct Parts<P> {
    pub(crate) client: Arc<FullClient>,
    pub(crate) pool: Arc<P>,
    pub(crate) select_chain: FullSelectChain,
    pub(crate) keystore: KeystorePtr,
    pub(crate) babe: sc_consensus_babe::BabeWorkerHandle<Block>,
    pub(crate) grandpa: GrandpaParts,
    pub(crate) storage: Methods,
}

/// Builds the methods.
pub(crate) fn build<P>(
    parts: Parts<P>,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, jsonrpsee::core::RegisterMethodError>
where
    P: TransactionPool + 'static,
    FullClient: sp_api::ProvideRuntimeApi<Block>,
    <FullClient as sp_api::ProvideRuntimeApi<Block>>::Api:
        substrate_frame_rpc_system::AccountNonceApi<Block, AccountId, Nonce>
            + pallet_transaction_payment_rpc::TransactionPaymentRuntimeApi<Block, Balance>,
{
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use sc_consensus_babe_rpc::{Babe, BabeApiServer};
    use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let Parts {
        client,
        pool,
        select_chain,
        keystore,
        babe,
        grandpa,
        storage,
    } = parts;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(Babe::new(client, babe, keystore, select_chain).into_rpc())?;
    module.merge(
        Grandpa::new(
            executor,
            grandpa.authority_set,
            grandpa.voter_state,
            grandpa.justifications,
            grandpa.finality_proofs,
        )
        .into_rpc(),
    )?;
    module.merge(storage)?;
    Ok(module)
}
