//! The RPC methods beyond those that every node has: nonces and fees, BABE, GRANDPA, storage.

use std::sync::Arc;

use jsonrpsee::{core::RegisterMethodError, Methods, RpcModule};
use neurostore_runtime::{opaque::Block, BlockNumber, Hash};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, LinkHalf, SharedAuthoritySet,
    SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::error::Error as ServiceError;
use sp_keystore::KeystorePtr;

use super::client::{FullBackend, FullClient, FullPool, FullSelectChain, Shared};

/// Builds the methods, as often as the node wants to serve them.
pub(super) type Builder =
    Box<dyn Fn(SubscriptionTaskExecutor) -> Result<RpcModule<()>, ServiceError>>;

/// What the GRANDPA methods need.
#[derive(Clone)]
struct GrandpaParts {
    voter_state: SharedVoterState,
    authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    justifications: GrandpaJustificationStream<Block>,
    finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// What all methods together need.
#[derive(Clone)]
struct Parts {
    client: Arc<FullClient>,
    pool: Arc<FullPool>,
    select_chain: FullSelectChain,
    keystore: KeystorePtr,
    babe: BabeWorkerHandle<Block>,
    grandpa: GrandpaParts,
    storage: Methods,
}

/// What builds the methods, those of the storage service among them.
pub(super) fn builder(
    shared: &Shared,
    grandpa_link: &LinkHalf<Block, FullClient, FullSelectChain>,
    voter_state: SharedVoterState,
    babe: BabeWorkerHandle<Block>,
    storage: Methods,
) -> Builder {
    let authority_set = grandpa_link.shared_authority_set().clone();
    let finality_proofs =
        FinalityProofProvider::new_for_service(shared.backend.clone(), Some(authority_set.clone()));
    let parts = Parts {
        client: shared.client.clone(),
        pool: shared.pool.clone(),
        select_chain: shared.select_chain.clone(),
        keystore: shared.keystore.clone(),
        babe,
        grandpa: GrandpaParts {
            voter_state,
            authority_set,
            justifications: grandpa_link.justification_stream(),
            finality_proofs,
        },
        storage,
    };
    Box::new(move |executor| {
        build(parts.clone(), executor)
            .map_err(|error| ServiceError::Other(format!("RPC methods clash: {error}")))
    })
}

fn build(
    parts: Parts,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, RegisterMethodError> {
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
