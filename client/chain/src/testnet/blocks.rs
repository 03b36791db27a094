//! What blocks cost, and how long they take.

use std::time::{Duration, Instant};

use codec::{Compact, Decode, Encode};
use subxt::config::substrate::DigestItem;

use crate::{
    connection::{undecodable, Chain},
    error::ChainError,
    names::{
        methods,
        state::{Constant, StorageItem},
    },
    unread::Unread,
};

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

impl BlockWeight {
    /// Reads what the state keeps as [`StorageItem::BlockWeight`] and the metadata as
    /// [`Constant::BlockWeights`].
    ///
    /// # Errors
    /// Where the bytes are laid out otherwise.
    pub fn decode(mut stored: &[u8], mut constant: &[u8]) -> Result<Self, codec::Error> {
        // Normal, operational and mandatory calls.
        let used = <[Weight; 3]>::decode(&mut stored)?;
        // What an empty block costs, and what a block may cost, come first.
        let (_, limit) = <(Weight, Weight)>::decode(&mut constant)?;
        Ok(Self {
            used: used.iter().map(Weight::duration).sum(),
            limit: limit.duration(),
        })
    }
}

/// What a block was charged, and what it might have been.
///
/// # Errors
/// Where the endpoint cannot be asked or its answer not be read.
pub async fn block_weight(chain: &Chain, hash: [u8; 32]) -> Result<BlockWeight, ChainError> {
    let what = "weight of a block";
    let stored = chain
        .stored(what, &StorageItem::BlockWeight.prefix(), hash)
        .await?
        .unwrap_or_else(|| vec![0; 6]);
    let metadata = chain.at_best().await?.0.metadata();
    let limits = Constant::BlockWeights.name();
    let constant = metadata
        .pallet_by_name(limits.pallet.name())
        .and_then(|pallet| pallet.constant_by_name(limits.name))
        .ok_or_else(|| undecodable(what, "the chain names no limit".into()))?;
    BlockWeight::decode(&stored, constant.value())
        .map_err(|error| undecodable(what, error.to_string()))
}

/// Lets the node execute a block again on the state before it, and says how long its answer took:
/// the time of the execution and of one request.
///
/// # Errors
/// [`ChainError::NoBlock`] where the endpoint does not know the block, or it cannot be asked.
pub async fn execute_again(chain: &Chain, hash: [u8; 32]) -> Result<Duration, ChainError> {
    let block = chain
        .within("block", || {
            chain.legacy().chain_get_block(Some(hash.into()))
        })
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
    chain
        .ask(methods::EXECUTE_BLOCK, (Unread(bytes),), Some(parent.0))
        .await?;
    Ok(began.elapsed())
}
