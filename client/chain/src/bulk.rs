//! Many calls at once, and what blocks full of them cost: for operators of many nodes and for tests
//! under load.

use std::time::{Duration, Instant};

use codec::{Compact, Decode, Encode};
use subxt::config::substrate::DigestItem;

use crate::{
    call::Call,
    connection::{undecodable, Chain},
    error::ChainError,
    signer::Signer,
    submit::{encoded, sign, Included},
};

/// Where the state keeps `System.BlockWeight`.
const BLOCK_WEIGHT: [u8; 32] = [
    0x26, 0xaa, 0x39, 0x4e, 0xea, 0x56, 0x30, 0xe0, 0x7c, 0x48, 0xae, 0x0c, 0x95, 0x58, 0xce, 0xf7,
    0x34, 0xab, 0xf5, 0xcb, 0x34, 0xd6, 0x24, 0x43, 0x78, 0xcd, 0xdb, 0xf1, 0x8e, 0x84, 0x9d, 0x96,
];

/// The weight of a block, as computation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockWeight {
    /// What its calls and hooks were charged.
    pub used: Duration,
    /// What a block may be charged.
    pub limit: Duration,
}

#[derive(Decode)]
struct Weight {
    /// Picoseconds.
    #[codec(compact)]
    ref_time: u64,
    #[codec(compact)]
    _proof_size: u64,
}

impl Weight {
    fn duration(&self) -> Duration {
        Duration::from_nanos(self.ref_time / 1_000)
    }
}

impl Chain {
    /// Sends calls of one account as one transaction: all of them take effect or none.
    pub async fn submit_batch(
        &self,
        signer: &Signer,
        calls: &[Call],
    ) -> Result<Included, ChainError> {
        let at = self.at_best().await?.0;
        let mut inner = u32::try_from(calls.len())
            .map(Compact)
            .unwrap_or(Compact(u32::MAX))
            .encode();
        for call in calls {
            inner.extend(encoded(&at, call)?);
        }
        let batch = Call::new("Utility", "batch_all").with_encoded("calls", inner);
        self.submit(signer, batch).await
    }

    /// Signs calls of many accounts, each with its next nonce, for [`Chain::submit_signed`]. They
    /// are valid for `blocks` blocks.
    pub async fn sign_all(
        &self,
        calls: &[(&Signer, u64, Call)],
        blocks: u64,
    ) -> Result<Vec<Vec<u8>>, ChainError> {
        let (at, best) = self.at_best().await?;
        let mut signed = Vec::with_capacity(calls.len());
        for (signer, nonce, call) in calls {
            let transaction = sign(&at, signer, call, *nonce, best, blocks)?;
            signed.push(transaction.into_encoded());
        }
        Ok(signed)
    }

    /// Hands a signed transaction to the pool, without waiting for what becomes of it.
    pub async fn submit_signed(&self, transaction: &[u8]) -> Result<(), ChainError> {
        self.within("transaction", || {
            self.legacy().author_submit_extrinsic(transaction)
        })
        .await
        .map(drop)
    }

    /// What a block was charged, and what it might have been.
    pub async fn block_weight(&self, hash: [u8; 32]) -> Result<BlockWeight, ChainError> {
        let what = "weight of a block";
        let decode = |error: codec::Error| undecodable(what, error.to_string());
        let bytes = self
            .stored(what, &BLOCK_WEIGHT, hash)
            .await?
            .unwrap_or_else(|| vec![0; 6]);
        // Normal, operational and mandatory calls.
        let used = <[Weight; 3]>::decode(&mut bytes.as_slice()).map_err(decode)?;
        let metadata = self.at_best().await?.0.metadata();
        let constant = metadata
            .pallet_by_name("System")
            .and_then(|pallet| pallet.constant_by_name("BlockWeights"))
            .ok_or_else(|| undecodable(what, "the chain names no limit".into()))?;
        // What an empty block costs, and what a block may cost, come first.
        let (_, limit) = <(Weight, Weight)>::decode(&mut constant.value()).map_err(decode)?;
        Ok(BlockWeight {
            used: used.iter().map(Weight::duration).sum(),
            limit: limit.duration(),
        })
    }

    /// Lets the node execute a block again on the state before it, and says how long its answer
    /// took: the time of the execution and of one request.
    pub async fn execute_again(&self, hash: [u8; 32]) -> Result<Duration, ChainError> {
        let block = self
            .within("block", || self.legacy().chain_get_block(Some(hash.into())))
            .await?
            .ok_or(ChainError::NoBlock(0))?
            .block;
        let mut header = block.header;
        let parent = header.parent_hash;
        // The runtime never sees the author's seal.
        header
            .digest
            .logs
            .retain(|item| !matches!(item, DigestItem::Seal(..)));
        let mut bytes = header.encode();
        let count = u32::try_from(block.extrinsics.len()).unwrap_or(u32::MAX);
        bytes.extend(Compact(count).encode());
        for extrinsic in &block.extrinsics {
            bytes.extend(&extrinsic.0);
        }
        let began = Instant::now();
        self.within("execution of a block", || {
            self.legacy()
                .state_call("Core_execute_block", Some(&bytes), Some(parent))
        })
        .await?;
        Ok(began.elapsed())
    }
}
