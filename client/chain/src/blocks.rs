//! Blocks: the best, the last final one, and the stream of new best ones.

use std::time::{Duration, SystemTime};

use codec::Decode;
use futures::{stream::BoxStream, StreamExt};
use subxt::rpcs::methods::legacy::NumberOrHex;

use crate::{
    connection::{undecodable, Chain},
    error::ChainError,
    names::state::StorageItem,
};

/// Number and hash of a block.
pub type BlockId = (u32, [u8; 32]);

/// Pause before a broken subscription is made again.
const RESUBSCRIBE_PAUSE: Duration = Duration::from_secs(1);

impl Chain {
    /// The best block.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn best_block(&self) -> Result<BlockId, ChainError> {
        let hash = self
            .within("best block", || self.legacy().chain_get_block_hash(None))
            .await?
            .ok_or(ChainError::NoBlock(0))?;
        Ok((self.number_of(hash.0).await?, hash.0))
    }

    /// The last final block.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn finalized_block(&self) -> Result<BlockId, ChainError> {
        let hash = self
            .within("finalized block", || {
                self.legacy().chain_get_finalized_head()
            })
            .await?;
        Ok((self.number_of(hash.0).await?, hash.0))
    }

    /// The hash of the block with this number on the best chain.
    ///
    /// # Errors
    /// [`ChainError::NoBlock`] where the chain is not so long yet, or the endpoint cannot be asked.
    pub async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        let hash = self
            .within("block hash", || {
                self.legacy()
                    .chain_get_block_hash(Some(NumberOrHex::Number(number.into())))
            })
            .await?;
        hash.map(|hash| hash.0).ok_or(ChainError::NoBlock(number))
    }

    /// The time that the author of a block gave it.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn block_time(&self, hash: [u8; 32]) -> Result<SystemTime, ChainError> {
        let what = "time of a block";
        let bytes = self
            .stored(what, &StorageItem::Now.prefix(), hash)
            .await?
            // The genesis block has none.
            .unwrap_or_else(|| vec![0; 8]);
        let milliseconds = u64::decode(&mut bytes.as_slice())
            .map_err(|error| undecodable(what, error.to_string()))?;
        Ok(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds))
    }

    async fn number_of(&self, hash: [u8; 32]) -> Result<u32, ChainError> {
        let header = self
            .within("block header", || {
                self.legacy().chain_get_header(Some(hash.into()))
            })
            .await?
            .ok_or(ChainError::NoBlock(0))?;
        Ok(u32::try_from(header.number).unwrap_or(u32::MAX))
    }

    /// Every new best block, for ever: a lost connection is made again, blocks in between are
    /// skipped. The first item comes with the next block.
    pub fn subscribe_best(&self) -> BoxStream<'static, BlockId> {
        let start = (self.clone(), None);
        futures::stream::unfold(start, |(chain, mut blocks)| async move {
            loop {
                if blocks.is_none() {
                    match chain.client().stream_best_blocks().await {
                        Ok(stream) => blocks = Some(stream),
                        Err(error) => {
                            tracing::debug!(%error, "cannot subscribe to blocks; trying again");
                            tokio::time::sleep(RESUBSCRIBE_PAUSE).await;
                            continue;
                        }
                    }
                }
                let next = match &mut blocks {
                    Some(stream) => stream.next().await,
                    None => None,
                };
                match next {
                    Some(Ok(block)) => {
                        let number = u32::try_from(block.number()).unwrap_or(u32::MAX);
                        return Some(((number, block.hash().0), (chain, blocks)));
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, "the stream of blocks broke; subscribing again");
                    }
                    None => tracing::debug!("the stream of blocks ended; subscribing again"),
                }
                blocks = None;
                tokio::time::sleep(RESUBSCRIBE_PAUSE).await;
            }
        })
        .boxed()
    }

    /// Waits until the best block has at least this number.
    ///
    /// # Errors
    /// [`ChainError::NoAnswer`] where the patience ends before, or the endpoint cannot be asked.
    pub async fn wait_for_block(&self, number: u32, patience: Duration) -> Result<(), ChainError> {
        let waiting = async {
            let mut blocks = self.subscribe_best();
            if self.best_block().await?.0 >= number {
                return Ok(());
            }
            while let Some((best, _)) = blocks.next().await {
                if best >= number {
                    break;
                }
            }
            Ok(())
        };
        tokio::time::timeout(patience, waiting)
            .await
            .map_err(|_| ChainError::NoAnswer {
                url: self.url().to_owned(),
                what: format!("block {number}"),
                seconds: patience.as_secs(),
            })?
    }
}
