//! One segment from its plan to its place on the chain.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use neurostore_chain::{Chain, ChainError, PlacementError, Reservation, Signer};
use neurostore_format::{SegmentKey, SegmentPlan};
use neurostore_primitives::{
    segment_id, upload_payload, NodeId, Receipt, ReservationId, SegmentId, ShardRoot, SlotIndex,
    TOTAL_SHARDS,
};
use neurostore_swarm::PutRequest;
use rand::RngCore;

use super::{
    draft::{holder, Draft, Receipts},
    encode::{LeafChoice, Pass, PassError},
    fan_out::{send_shards, Target},
    spot_check::{spot_check, Distrust},
    trouble::{is_bad_receipt, judge, may_be_a_fork, nodes_failed, passes, Trouble, Troubles},
};
use crate::{
    error::PutError,
    journal::{Journal, SegmentRecord},
    limits::ClientLimits,
    network::ShardNetwork,
    progress::{Progress, ProgressSink},
    retry::{pause, RetryBudget},
    source::Source,
};

/// How often a reservation is made anew because it vanished: a fork was left.
const RESERVATION_ATTEMPTS: u32 = 3;
/// How often a node that failed for a passing reason gets its shard again before it is replaced.
const TRIES_PER_NODE: u32 = 2;
/// How often we go round again because a fork moved slots to other nodes, or because nodes see
/// another fork than we do.
const FORK_ROUNDS: u32 = 6;
/// Blocks for which a reservation that vanished is waited for: its transaction comes back in a
/// later block of the new fork.
const FORK_BLOCKS: u32 = 5;
/// The longest wait for one of them.
const BLOCK_PATIENCE: Duration = Duration::from_secs(20);

/// The upload of one segment.
pub(crate) struct SegmentJob<'a, N> {
    pub(crate) number: usize,
    pub(crate) plan: SegmentPlan,
    pub(crate) content: Arc<dyn Source>,
    pub(crate) chain: &'a Chain,
    pub(crate) network: &'a N,
    pub(crate) signer: &'a Signer,
    pub(crate) limits: &'a ClientLimits,
    pub(crate) windows: u32,
    pub(crate) journal: &'a Mutex<Journal>,
    pub(crate) budget: &'a RetryBudget,
    pub(crate) progress: &'a ProgressSink,
}

impl<N: ShardNetwork> SegmentJob<'_, N> {
    /// Stores the segment, going on from what an earlier run recorded.
    pub(crate) async fn run(
        &self,
        record: SegmentRecord,
    ) -> Result<(SegmentId, SegmentKey), PutError> {
        if let Some(key) = &record.key {
            if let Some(id) = self.committed_unnoticed(&record.receipts).await? {
                return Ok((id, key.clone()));
            }
        }
        let mut draft = match self.resume(record).await? {
            Some(resumed) => resumed,
            None => self.reserve().await?,
        };
        let leaves = LeafChoice::draw(&self.plan, &mut rand::thread_rng());
        let mut attempt = 1;
        loop {
            let gone = match self.store(&mut draft, &leaves).await {
                Ok(id) => return Ok((id, draft.key)),
                Err(PutError::Chain(error @ ChainError::NoReservation(_))) => error,
                Err(error) => return Err(error),
            };
            if let Some(id) = self.committed_unnoticed(&draft.receipts).await? {
                return Ok((id, draft.key));
            }
            if attempt >= RESERVATION_ATTEMPTS {
                return Err(gone.into());
            }
            attempt += 1;
            tracing::warn!(segment = self.number, %gone, "the segment begins anew");
            for slot in draft.receipts.keys() {
                self.wasted(*slot, "its reservation is gone");
            }
            // Nodes have bytes under the old key, so a new reservation comes with a new one.
            draft = self.reserve().await?;
        }
    }

    /// Sends what is missing and commits. Before each step the nodes are read from the chain
    /// again, because a fork may have replaced the block in which they were drawn.
    async fn store(&self, draft: &mut Draft, leaves: &LeafChoice) -> Result<SegmentId, PutError> {
        let mut tries: BTreeMap<(SlotIndex, NodeId), u32> = BTreeMap::new();
        let (mut rounds, mut forks) = (0, 0);
        loop {
            if self.reread(draft).await? {
                if forks >= FORK_ROUNDS {
                    return Err(PutError::Unsettled(draft.reservation.id));
                }
                forks += 1;
            }
            let missing = draft.missing();
            if missing.is_empty() {
                let refused = match self.commit(draft).await {
                    Ok(id) => return Ok(id),
                    Err(PutError::Chain(error)) if forks < FORK_ROUNDS && may_be_a_fork(&error) => {
                        error
                    }
                    Err(error) => return Err(error),
                };
                forks += 1;
                tracing::debug!(segment = self.number, %refused, "reading the nodes again");
                self.next_block().await?;
                if !self.reread(draft).await? && is_bad_receipt(&refused) {
                    // The nodes are the same: the chain means it.
                    return Err(refused.into());
                }
                continue;
            }
            let troubles = self.send_round(draft, leaves, &missing).await?;
            let (blameless, failed): (Troubles, Troubles) = troubles
                .into_iter()
                .partition(|(_, trouble)| matches!(trouble, Trouble::Blameless(_)));
            if !failed.is_empty() {
                if rounds >= self.limits.redraw_rounds {
                    return Err(nodes_failed(&draft.reservation, rounds, &failed));
                }
                rounds += 1;
                self.replace(draft, failed, &mut tries, rounds).await?;
            } else if !blameless.is_empty() {
                if forks >= FORK_ROUNDS {
                    return Err(nodes_failed(&draft.reservation, rounds, &blameless));
                }
                forks += 1;
                for (slot, trouble) in &blameless {
                    let reason = trouble.reason();
                    tracing::debug!(segment = self.number, %slot, reason, "going round again");
                }
                self.next_block().await?;
            }
        }
    }

    /// Takes over what the chain says of the reservation now. Returns whether a receipt is void
    /// because the slot belongs to another node.
    async fn reread(&self, draft: &mut Draft) -> Result<bool, PutError> {
        let now = self.current(draft.reservation.id).await?;
        let moved = draft.take_over(now);
        for (slot, void) in &moved {
            tracing::debug!(segment = self.number, %slot, "the slot belongs to another node now");
            if void.is_some() {
                self.wasted(*slot, "a fork of the chain gave the slot to another node");
            }
        }
        Ok(moved.values().any(Option::is_some))
    }

    /// The reservation with its nodes. One that is not there may come back within a few blocks.
    async fn current(&self, id: ReservationId) -> Result<Reservation, PutError> {
        let mut waited = 0;
        loop {
            let found = self.chain.reservation(id).await?;
            // A fork may have given the number to somebody else.
            let ours = found.filter(|found| self.is_ours(found));
            match ours {
                Some(found) if found.slots.len() == TOTAL_SHARDS => return Ok(found),
                _ if waited >= FORK_BLOCKS => return Err(ChainError::NoReservation(id).into()),
                Some(_) => match self.chain.wait_drawn(id).await {
                    Ok(_) | Err(ChainError::NoReservation(_)) => {}
                    Err(error) => return Err(error.into()),
                },
                None => self.next_block().await?,
            }
            waited += 1;
        }
    }

    /// Waits for the next block, but not for ever.
    async fn next_block(&self) -> Result<(), PutError> {
        let (best, _) = self.chain.best_block().await?;
        let next = best.saturating_add(1);
        match self.chain.wait_for_block(next, BLOCK_PATIENCE).await {
            Ok(()) | Err(ChainError::NoAnswer { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A shard that a node holds was sent for nothing.
    fn wasted(&self, slot: SlotIndex, reason: &str) {
        self.progress.tell(Progress::Wasted {
            segment: self.number,
            slot,
            bytes: self.plan.class().shard_bytes(),
            reason: reason.to_owned(),
        });
    }

    /// A commit may have succeeded although we were not told: an earlier run ended between the
    /// chain's word and the journal's, or a transaction was included late.
    async fn committed_unnoticed(
        &self,
        receipts: &Receipts,
    ) -> Result<Option<SegmentId>, PutError> {
        let Some(id) = self.id_of(&roots(receipts)) else {
            return Ok(None);
        };
        if self.chain.segment(&id).await?.is_none() {
            return Ok(None);
        }
        self.note(|journal| journal.committed(self.number, id))?;
        self.progress.tell(Progress::Committed {
            segment: self.number,
            id,
        });
        Ok(Some(id))
    }

    /// The reservation of an earlier run, where it is still open, and the receipts of its nodes.
    async fn resume(&self, record: SegmentRecord) -> Result<Option<Draft>, PutError> {
        let (Some(id), Some(key)) = (record.reservation, record.key) else {
            return Ok(None);
        };
        let Some(found) = self.chain.reservation(id).await? else {
            return Ok(None);
        };
        if !self.is_ours(&found) {
            return Ok(None);
        }
        let reservation = if found.slots.is_empty() {
            self.chain.wait_drawn(id).await?
        } else {
            found
        };
        let receipts: Receipts = record
            .receipts
            .into_iter()
            .filter(|(slot, (node, _))| holder(&reservation, *slot) == Some(*node))
            .collect();
        for _ in &receipts {
            tracing::debug!(segment = self.number, "a shard of an earlier run is kept");
        }
        Ok(Some(Draft {
            reservation,
            key,
            receipts,
        }))
    }

    fn is_ours(&self, reservation: &Reservation) -> bool {
        reservation.owner == self.signer.account_id()
            && reservation.class == self.plan.class()
            && reservation.ciphertext_len == self.plan.layout().ciphertext_len()
    }

    /// A new reservation and, for it alone, a new key.
    async fn reserve(&self) -> Result<Draft, PutError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_reserve().await {
                Ok(reserved) => return Ok(reserved),
                Err(PutError::Chain(error)) if attempt < RESERVATION_ATTEMPTS && passes(&error) => {
                    tracing::debug!(segment = self.number, %error, "reserving again");
                    tokio::time::sleep(pause(attempt)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn try_reserve(&self) -> Result<Draft, PutError> {
        let (class, length) = (self.plan.class(), self.plan.layout().ciphertext_len());
        let id = self
            .chain
            .reserve(self.signer, class, length, self.windows)
            .await?;
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(secret.as_mut());
        let key = SegmentKey::from_bytes(*secret);
        self.note(|journal| journal.reserved(self.number, id, &key))?;
        self.progress.tell(Progress::Reserved {
            segment: self.number,
            reservation: id,
        });
        let reservation = self.chain.wait_drawn(id).await?;
        if !self.is_ours(&reservation) || reservation.slots.len() != TOTAL_SHARDS {
            return Err(ChainError::NoReservation(id).into());
        }
        Ok(Draft {
            reservation,
            key,
            receipts: Receipts::new(),
        })
    }

    /// Sends the shards of these slots in one pass over the content and checks what came of it.
    async fn send_round(
        &self,
        draft: &mut Draft,
        leaves: &LeafChoice,
        missing: &[SlotIndex],
    ) -> Result<Troubles, PutError> {
        let Draft {
            reservation,
            key,
            receipts,
        } = draft;
        let reservation = &*reservation;
        let pass = Pass {
            content: Arc::clone(&self.content),
            plan: self.plan.clone(),
            key: key.clone(),
            leaves: leaves.clone(),
        };
        let wanted = reservation
            .slots
            .iter()
            .filter(|slot| missing.contains(&slot.slot));
        let targets = wanted
            .map(|slot| Target {
                slot: slot.clone(),
                request: self.request(reservation.id, slot.slot),
            })
            .collect();
        let sent = send_shards(
            self.network,
            self.number,
            pass,
            targets,
            self.limits,
            self.budget,
            self.progress,
        )
        .await
        .map_err(|error| match error {
            PassError::Read(error) => PutError::Source(error),
            PassError::Encode(error) => PutError::Encode(error),
            PassError::Abandoned => PutError::Local("the encoder was abandoned".into()),
        })?;

        let mut troubles = Troubles::new();
        let checks = sent.results.into_iter().map(|(slot, result)| {
            let kept = sent.kept.get(&slot).cloned().unwrap_or_default();
            async move {
                let outcome = match result {
                    Ok(stored) => self.check(reservation, slot, &stored, &kept).await,
                    Err(failure) => Err(judge(failure)?),
                };
                Ok::<_, PutError>((slot, outcome))
            }
        });
        for checked in futures::future::join_all(checks).await {
            let (slot, outcome) = checked?;
            match outcome {
                Ok((node, receipt)) => {
                    self.note(|journal| journal.receipt(self.number, slot, node, &receipt))?;
                    self.progress.tell(Progress::Verified {
                        segment: self.number,
                        slot,
                        node,
                    });
                    receipts.insert(slot, (node, receipt));
                }
                Err(trouble) => {
                    troubles.insert(slot, trouble);
                }
            }
        }
        Ok(troubles)
    }

    fn request(&self, reservation: ReservationId, slot: SlotIndex) -> PutRequest {
        let class = self.plan.class();
        let payload = upload_payload(&self.chain.genesis(), reservation, slot);
        PutRequest {
            reservation,
            slot,
            class,
            len: class.shard_bytes(),
            owner: self.signer.account_id().0,
            signature: self.signer.sign(&payload),
        }
    }

    async fn check(
        &self,
        reservation: &Reservation,
        slot: SlotIndex,
        stored: &neurostore_swarm::StoredShard,
        kept: &[super::encode::KeptLeaf],
    ) -> Result<(NodeId, Receipt), Trouble> {
        let Some(at) = reservation.slots.get(slot.index()) else {
            return Err(Trouble::Replace("the reservation has no such slot".into()));
        };
        let (genesis, class) = (self.chain.genesis(), self.plan.class());
        let id = reservation.id;
        spot_check(self.network, &genesis, id, class, at, stored, kept)
            .await
            .map(|receipt| (at.node, receipt))
            .map_err(|distrust| match &distrust {
                Distrust::Asking(error) if error.is_temporary() => {
                    Trouble::Again(distrust.to_string())
                }
                _ => Trouble::Replace(distrust.to_string()),
            })
    }

    /// Gets other nodes for the slots whose nodes failed. Where the network has none to spare,
    /// the same node is asked once more.
    async fn replace(
        &self,
        draft: &mut Draft,
        failed: Troubles,
        tries: &mut BTreeMap<(SlotIndex, NodeId), u32>,
        round: u32,
    ) -> Result<(), PutError> {
        let asked = draft.reservation.clone();
        self.reread(draft).await?;
        let reservation = &draft.reservation;
        for (slot, trouble) in failed {
            let Some(node) = holder(reservation, slot) else {
                continue;
            };
            if holder(&asked, slot) != Some(node) {
                // Another node holds the slot already.
                continue;
            }
            let tried = tries.entry((slot, node)).or_default();
            *tried += 1;
            let reason = trouble.reason();
            if matches!(trouble, Trouble::Again(_)) && *tried < TRIES_PER_NODE {
                tracing::warn!(segment = self.number, %slot, %node, reason,
                    "the node failed; it is asked once more");
                continue;
            }
            tracing::warn!(segment = self.number, %slot, %node, reason,
                "the node failed; another is asked of the chain");
            match self
                .chain
                .redraw_and_wait(self.signer, reservation.id, slot)
                .await
            {
                Ok(_) => {}
                Err(error @ ChainError::DrawFailed { .. }) => {
                    tracing::warn!(%slot, %error, "no other node is free");
                }
                Err(error) if error.is_refusal(PlacementError::NoRedrawLeft) => {
                    let failed = Troubles::from([(slot, trouble)]);
                    return Err(nodes_failed(reservation, round, &failed));
                }
                // The next look at the chain says more.
                Err(error) if may_be_a_fork(&error) => {
                    tracing::debug!(%slot, %error, "no other node was asked for");
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        tokio::time::sleep(pause(round)).await;
        Ok(())
    }

    async fn commit(&self, draft: &Draft) -> Result<SegmentId, PutError> {
        let reservation = &draft.reservation;
        let receipts = draft.receipts.values();
        let ordered: Vec<Receipt> = receipts.map(|(_, receipt)| *receipt).collect();
        let expected = self
            .id_of(&roots(&draft.receipts))
            .ok_or_else(|| PutError::Local("a segment has 15 receipts".into()))?;
        let mut attempt = 0;
        let id = loop {
            attempt += 1;
            match self
                .chain
                .commit(self.signer, reservation.id, ordered.clone())
                .await
            {
                Ok(id) => break id,
                // Already there: an earlier attempt was included after all.
                Err(_) if self.chain.segment(&expected).await?.is_some() => break expected,
                Err(error) if attempt < RESERVATION_ATTEMPTS && passes(&error) => {
                    tracing::debug!(segment = self.number, %error, "committing again");
                    tokio::time::sleep(pause(attempt + 3)).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        self.note(|journal| journal.committed(self.number, id))?;
        self.progress.tell(Progress::Committed {
            segment: self.number,
            id,
        });
        Ok(id)
    }

    fn id_of(&self, roots: &BTreeMap<SlotIndex, ShardRoot>) -> Option<SegmentId> {
        let ordered: Vec<ShardRoot> = roots.values().copied().collect();
        let ordered = <[ShardRoot; TOTAL_SHARDS]>::try_from(ordered).ok()?;
        Some(segment_id(
            self.plan.class(),
            self.plan.layout().ciphertext_len(),
            &ordered,
        ))
    }

    fn note<E>(&self, write: impl FnOnce(&mut Journal) -> Result<(), E>) -> Result<(), E> {
        write(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn roots(receipts: &Receipts) -> BTreeMap<SlotIndex, ShardRoot> {
    receipts
        .iter()
        .map(|(slot, (_, receipt))| (*slot, receipt.root))
        .collect()
}
