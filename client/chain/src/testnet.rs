//! Tools of those who run whole test networks: many calls at once, calls as the superuser, and what
//! blocks full of them cost. A program that stores files or runs a node needs none of them.

mod blocks;

use subxt::error::DispatchError;

pub use blocks::{block_weight, execute_again, BlockWeight};

use crate::{
    call::Call,
    connection::{undecodable, Chain},
    error::ChainError,
    layout::Layout,
    names::events::Sudid,
    signer::Signer,
    submit::{refusal, sign, Included},
    unread::Unread,
};

/// Sends a call as the chain's superuser, where the chain has one (development chains).
///
/// # Errors
/// As [`Chain::submit`], also for the call that was made as the superuser.
pub async fn submit_as_sudo(
    chain: &Chain,
    superuser: &Signer,
    call: &Call,
) -> Result<Included, ChainError> {
    let at = chain.at_best().await?.0;
    let inner = Layout::from(at.metadata()).call(call)?;
    let included = chain.submit(superuser, Call::sudo(Unread(inner))).await?;
    match included.event::<Sudid>()?.sudo_result {
        Ok(()) => Ok(included),
        Err(error) => {
            let error = DispatchError::decode_from(error.0, at.metadata());
            Err(error.map_or_else(
                |error| undecodable(&call.name().to_string(), error.to_string()),
                |error| refusal(&error),
            ))
        }
    }
}

/// Sends calls of one account as one transaction: all of them take effect or none.
///
/// # Errors
/// As [`Chain::submit`].
pub async fn submit_batch(
    chain: &Chain,
    signer: &Signer,
    calls: &[Call],
) -> Result<Included, ChainError> {
    let layout = Layout::from(chain.at_best().await?.0.metadata());
    let inner = calls.iter().map(|call| layout.call(call).map(Unread));
    let inner = inner.collect::<Result<Vec<_>, _>>()?;
    chain.submit(signer, Call::batch_all(&inner)).await
}

/// Signs calls of many accounts, each with its nonce, for [`submit_signed`]. They are valid for
/// `blocks` blocks.
///
/// # Errors
/// [`ChainError::NotSupported`] where the chain has no such call, or the endpoint cannot be asked.
pub async fn sign_all(
    chain: &Chain,
    calls: &[(&Signer, u64, Call)],
    blocks: u64,
) -> Result<Vec<Vec<u8>>, ChainError> {
    let (at, best) = chain.at_best().await?;
    let mut signed = Vec::with_capacity(calls.len());
    for (signer, nonce, call) in calls {
        let transaction = sign(&at, signer, call, *nonce, best, blocks)?;
        signed.push(transaction.into_encoded());
    }
    Ok(signed)
}

/// Hands a signed transaction to the pool, without waiting for what becomes of it.
///
/// # Errors
/// Where the pool does not take it, or the endpoint cannot be asked.
pub async fn submit_signed(chain: &Chain, transaction: &[u8]) -> Result<(), ChainError> {
    chain
        .within("transaction", || {
            chain.legacy().author_submit_extrinsic(transaction)
        })
        .await
        .map(drop)
}
