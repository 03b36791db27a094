//! Sending transactions and reading what became of them.

mod refusal;

use std::time::{Duration, Instant};

use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    error::DispatchError,
    tx::{SubmittableTransaction, TransactionProgress, TransactionStatus},
};

use crate::{
    block_events::read_all,
    blocks::BlockId,
    call::Call,
    connection::{undecodable, Chain, ChainConfig, Inclusion},
    error::ChainError,
    events::ChainEvent,
    names::{
        calls::CallName,
        events::{Event, ExtrinsicFailed},
    },
    signer::Signer,
};
pub(crate) use refusal::refusal;

/// Blocks for which a transaction is valid: 12 minutes, so that a lost one cannot surprise later.
const MORTAL_FOR: u32 = 128;
/// How far below the best block the anchor of that validity may lie: deep enough to stand on every
/// fork that is still alive, also when finality lags.
const ANCHOR_DEPTH: u32 = 24;
/// How often a transaction is signed anew because its nonce was taken by another.
const MAX_ATTEMPTS: u32 = 6;
/// Pause between looks into blocks when the subscription is lost.
const POLL_PAUSE: Duration = Duration::from_secs(2);

/// The chain as of one block.
pub(crate) type AtBlock = subxt::OnlineClientAtBlock<ChainConfig>;
pub(crate) type Client = subxt::client::OnlineClientAtBlockImpl<ChainConfig>;

/// A transaction that was executed without error.
#[derive(Clone, Debug)]
pub struct Included {
    /// The block.
    pub block: BlockId,
    /// The call.
    pub call: CallName,
    /// What it caused.
    pub events: Vec<ChainEvent>,
}

impl Included {
    /// The first event `E` that the call caused.
    ///
    /// # Errors
    /// [`ChainError::MissingEvent`] where there is none, and [`ChainError::Undecodable`] where its
    /// fields are others.
    pub fn event<E: Event>(&self) -> Result<E, ChainError> {
        let found = self.events.iter().find(|event| event.is::<E>());
        let found = found.ok_or(ChainError::MissingEvent {
            call: self.call,
            event: E::NAME,
        })?;
        E::read(found).map_err(|error| undecodable(&self.call.to_string(), error.to_string()))
    }
}

/// A transaction that the pool took.
struct Sent {
    /// Its bytes, as they stand in a block.
    bytes: Vec<u8>,
    progress: TransactionProgress<ChainConfig, Client>,
    /// The best block when it was sent.
    from: u32,
    /// The block from which on it is not valid any more.
    until: u32,
}

/// Why one attempt to send failed.
enum Attempt {
    /// Another transaction took the nonce: sign anew.
    NonceTaken(String),
    /// Nothing that another signature would change.
    Failed(ChainError),
}

impl From<ChainError> for Attempt {
    fn from(error: ChainError) -> Self {
        Self::Failed(error)
    }
}

impl Chain {
    /// Signs a call, sends it and waits until it is in a block (see
    /// [`crate::ChainOptions::inclusion`]). Several may be in flight from one account.
    ///
    /// # Errors
    /// [`ChainError::Refused`], [`ChainError::NotDispatched`] and [`ChainError::NotEnoughFunds`]
    /// where the chain said no; [`ChainError::Rejected`] and [`ChainError::NotSupported`] where it
    /// never came so far; [`ChainError::Dropped`] where it was lost, and
    /// [`ChainError::Unsettled`] where nobody knows what becomes of it.
    pub async fn submit(&self, signer: &Signer, call: Call) -> Result<Included, ChainError> {
        let deadline = Instant::now() + self.options().inclusion_timeout;
        let mut attempts = 1;
        let sent = loop {
            match self.send(signer, &call).await {
                Ok(sent) => break sent,
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::NonceTaken(reason)) => {
                    if attempts >= MAX_ATTEMPTS || Instant::now() >= deadline {
                        return Err(ChainError::Rejected {
                            call: call.name(),
                            reason,
                        });
                    }
                    tracing::debug!(call = %call.name(), attempts, reason, "nonce taken");
                    tokio::time::sleep(Duration::from_millis(200) * attempts).await;
                    attempts += 1;
                }
            }
        };
        let waited = self.options().inclusion_timeout.as_secs();
        let left = deadline.saturating_duration_since(Instant::now());
        let until = sent.until;
        let watching = self.follow(&call, sent);
        let outcome = tokio::time::timeout(left, watching)
            .await
            .unwrap_or_else(|_| {
                Err(ChainError::NotIncluded {
                    call: call.name(),
                    seconds: waited,
                })
            });
        if matches!(
            outcome,
            Err(ChainError::Dropped { .. } | ChainError::NotIncluded { .. })
        ) {
            self.nonces().of(&signer.account_id()).lock().await.forget();
        }
        outcome.map_err(|error| unsettled(call.name(), until, error))
    }

    pub(crate) async fn at_best(&self) -> Result<(AtBlock, BlockId), ChainError> {
        let what = "metadata";
        let best = self.best_block().await?;
        let asking = self.client().at_block_hash_and_number(
            subxt::backend::BlockRef::from_hash(best.1.into()),
            u64::from(best.0),
        );
        let at = self
            .in_time(what, asking)
            .await?
            .map_err(|error| self.subxt_error(what, error))?;
        Ok((at, best))
    }

    async fn send(&self, signer: &Signer, call: &Call) -> Result<Sent, Attempt> {
        let account = signer.account_id();
        let counter = self.nonces().of(&account);
        let mut counter = counter.lock().await;

        let (at, best) = self.at_best().await?;
        let anchor = best.0.saturating_sub(ANCHOR_DEPTH);
        let anchor_hash = self.block_hash(anchor).await?;
        let chain_next = self
            .within("nonce", || {
                self.legacy().system_account_next_index(&account)
            })
            .await?;
        let nonce = counter.choose(chain_next, Instant::now());
        let until = anchor.saturating_add(MORTAL_FOR);
        let anchor = (anchor, anchor_hash);
        let transaction = sign(&at, signer, call, nonce, anchor, u64::from(MORTAL_FOR))?;

        let name = call.name();
        let answer = self
            .in_time(&name.to_string(), transaction.submit_and_watch())
            .await
            .map_err(|error| unsettled(name, until, error))?;
        match answer {
            Ok(progress) => {
                counter.taken(nonce, Instant::now());
                Ok(Sent {
                    bytes: transaction.into_encoded(),
                    progress,
                    from: best.0,
                    until,
                })
            }
            Err(error) => {
                counter.forget();
                Err(match self.submission_error(&at, call, error) {
                    Attempt::Failed(error) => Attempt::Failed(unsettled(name, until, error)),
                    taken => taken,
                })
            }
        }
    }

    /// Follows a transaction through its states; looks into the blocks where the node loses track.
    async fn follow(&self, call: &Call, sent: Sent) -> Result<Included, ChainError> {
        let Sent {
            bytes,
            mut progress,
            from,
            ..
        } = sent;
        let wanted = self.options().inclusion;
        let lost = loop {
            match progress.next().await {
                Some(Ok(TransactionStatus::InBestBlock(block)))
                    if wanted == Inclusion::BestBlock =>
                {
                    let hash = block.block_hash().0;
                    if let Some(included) = self.outcome_in(call, &bytes, hash).await? {
                        return Ok(included);
                    }
                }
                Some(Ok(TransactionStatus::InFinalizedBlock(block))) => {
                    let hash = block.block_hash().0;
                    if let Some(included) = self.outcome_in(call, &bytes, hash).await? {
                        return Ok(included);
                    }
                }
                Some(Ok(
                    TransactionStatus::Error { message }
                    | TransactionStatus::Invalid { message }
                    | TransactionStatus::Dropped { message },
                )) => break Some(message),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break None,
            }
        };
        // A reason from the pool is final unless the transaction is in a block nevertheless; a
        // lost subscription says nothing, so look until the deadline.
        let mut seen = from;
        loop {
            let (head, _) = match wanted {
                Inclusion::BestBlock => self.best_block().await?,
                Inclusion::Finalized => self.finalized_block().await?,
            };
            while seen <= head {
                let hash = self.block_hash(seen).await?;
                if let Some(included) = self.outcome_in(call, &bytes, hash).await? {
                    return Ok(included);
                }
                seen += 1;
            }
            if let Some(reason) = lost {
                return Err(ChainError::Dropped {
                    call: call.name(),
                    reason,
                });
            }
            tokio::time::sleep(POLL_PAUSE).await;
        }
    }

    /// What the transaction did in this block; `None` where the block does not contain it.
    async fn outcome_in(
        &self,
        call: &Call,
        sent: &[u8],
        hash: [u8; 32],
    ) -> Result<Option<Included>, ChainError> {
        let block = self
            .within("block", || self.legacy().chain_get_block(Some(hash.into())))
            .await?;
        let Some(block) = block.map(|details| details.block) else {
            return Ok(None);
        };
        // The pool's bytes carry the length in front, the block's do too: equal means ours.
        let Some(index) = block.extrinsics.iter().position(|bytes| bytes.0 == sent) else {
            return Ok(None);
        };
        let number = u32::try_from(block.header.number).unwrap_or(u32::MAX);
        let events = self.events_in(hash, Some(index)).await?;
        let title = || call.name().to_string();
        for event in &events.0 {
            let failed: Option<ExtrinsicFailed> = event
                .read_as()
                .map_err(|error| undecodable(&title(), error.to_string()))?;
            if let Some(failed) = failed {
                let error = DispatchError::decode_from(failed.dispatch_error.0, events.1)
                    .map_err(|error| undecodable(&title(), error.to_string()))?;
                return Err(refusal(&error));
            }
        }
        Ok(Some(Included {
            block: (number, hash),
            call: call.name(),
            events: events.0,
        }))
    }

    /// All events of a block that can be read.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or does not know the block any more.
    pub async fn events_at(&self, hash: [u8; 32]) -> Result<Vec<ChainEvent>, ChainError> {
        Ok(self.events_in(hash, None).await?.0)
    }

    /// The events of a block, or of one of its transactions.
    async fn events_in(
        &self,
        hash: [u8; 32],
        transaction: Option<usize>,
    ) -> Result<(Vec<ChainEvent>, subxt::ArcMetadata), ChainError> {
        let reading = async {
            let at = self
                .client()
                .at_block(subxt::backend::BlockRef::from_hash(hash.into()))
                .await
                .map_err(|error| self.subxt_error("block", error))?;
            let events = at
                .events()
                .fetch()
                .await
                .map_err(|error| self.subxt_error("events", error))?;
            let metadata = at.metadata();
            let found = read_all(&events, &metadata, transaction)?;
            Ok((found, metadata))
        };
        self.in_time("events", reading).await?
    }
}

/// The connection failed after a transaction went out: nobody knows what becomes of it until the
/// block from which on it is not valid.
fn unsettled(call: CallName, until: u32, error: ChainError) -> ChainError {
    match error {
        ChainError::Unreachable { .. }
        | ChainError::NoAnswer { .. }
        | ChainError::NotIncluded { .. } => ChainError::Unsettled {
            call,
            until,
            error: Box::new(error),
        },
        told => told,
    }
}

/// Signs a call that is valid for `blocks` blocks after `anchor`.
pub(crate) fn sign(
    at: &AtBlock,
    signer: &Signer,
    call: &Call,
    nonce: u64,
    anchor: BlockId,
    blocks: u64,
) -> Result<SubmittableTransaction<ChainConfig, Client>, ChainError> {
    let params = DefaultExtrinsicParamsBuilder::<ChainConfig>::new()
        .nonce(nonce)
        .mortal_from_unchecked(blocks, u64::from(anchor.0), anchor.1.into())
        .build();
    at.tx()
        .create_signable_offline(&call.payload(), params)
        .and_then(|mut signable| signable.sign(signer))
        .map_err(|error| ChainError::NotSupported {
            what: call.name().to_string(),
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_whose_fate_is_unknown_says_until_when() {
        let silent = ChainError::NoAnswer {
            url: "ws://x:1".into(),
            what: "block".into(),
            seconds: 30,
        };
        let error = unsettled(CallName::Extend, 228, silent);
        let text = error.to_string();
        assert!(matches!(error, ChainError::Unsettled { until: 228, .. }));
        assert!(error.is_transient());
        assert!(
            text.contains("ws://x:1") && text.contains("may until block 228 and not later"),
            "{text}"
        );
        // What the chain said of it is no doubt.
        let refused = ChainError::NotEnoughFunds {
            reason: "empty".into(),
        };
        let error = unsettled(CallName::Extend, 228, refused);
        assert!(matches!(error, ChainError::NotEnoughFunds { .. }));
    }
}
