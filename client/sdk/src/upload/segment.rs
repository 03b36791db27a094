//! One segment from its plan to its place on the chain.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use neurostore_chain::{Chain, ChainError, Reservation, Signer};
use neurostore_format::{SegmentKey, SegmentPlan};
use neurostore_primitives::{
    segment_id, upload_payload, NodeId, Receipt, ReservationId, SegmentId, ShardRoot, SlotIndex,
    TOTAL_SHARDS,
};
use neurostore_swarm::PutRequest;
use rand::RngCore;

use super::{
    encode::{LeafChoice, Pass, PassError},
    fan_out::{send_shards, Failure, Target},
    spot_check::{spot_check, Distrust},
};
use crate::{
    error::{MissingShard, PutError},
    journal::{Journal, SegmentRecord},
    limits::ClientLimits,
    network::{peer_name, ShardNetwork},
    progress::{Progress, ProgressSink},
    retry::{pause, RetryBudget},
    source::Source,
};

/// How often a reservation is made anew because it vanished: a fork was left.
const RESERVATION_ATTEMPTS: u32 = 3;
/// How often a node that failed for a passing reason gets its shard again before it is replaced.
const TRIES_PER_NODE: u32 = 2;

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

/// What became of a slot in one round.
enum Trouble {
    /// The same node may well take it next time.
    Again(String),
    /// This node should not be asked again.
    Replace(String),
}

impl Trouble {
    fn reason(&self) -> &str {
        match self {
            Self::Again(reason) | Self::Replace(reason) => reason,
        }
    }
}

impl<N: ShardNetwork> SegmentJob<'_, N> {
    /// Stores the segment, going on from what an earlier run recorded.
    pub(crate) async fn run(
        &self,
        record: SegmentRecord,
    ) -> Result<(SegmentId, SegmentKey), PutError> {
        if let Some(done) = self.committed_unnoticed(&record).await? {
            return Ok(done);
        }
        let (mut reservation, key, mut receipts) = match self.resume(record).await? {
            Some(resumed) => resumed,
            None => {
                let (reservation, key) = self.reserve().await?;
                (reservation, key, BTreeMap::new())
            }
        };
        let leaves = LeafChoice::draw(&self.plan, &mut rand::thread_rng());
        let mut tries: BTreeMap<(SlotIndex, NodeId), u32> = BTreeMap::new();
        let mut rounds = 0;
        loop {
            let missing = self.missing(&reservation, &receipts);
            if missing.is_empty() {
                break;
            }
            let troubles = self
                .send_round(&reservation, &key, &leaves, &missing, &mut receipts)
                .await?;
            if troubles.is_empty() {
                break;
            }
            if rounds >= self.limits.redraw_rounds {
                let failed = troubles.iter().map(|(slot, trouble)| {
                    describe(&reservation, *slot, trouble.reason().to_owned())
                });
                return Err(PutError::NodesFailed {
                    rounds,
                    failed: failed.collect(),
                });
            }
            rounds += 1;
            reservation = self
                .replace(reservation, troubles, &mut tries, rounds)
                .await?;
        }
        let id = self.commit(&reservation, &receipts).await?;
        Ok((id, key))
    }

    /// An earlier run may have ended between the chain's word and the journal's.
    async fn committed_unnoticed(
        &self,
        record: &SegmentRecord,
    ) -> Result<Option<(SegmentId, SegmentKey)>, PutError> {
        let (Some(key), Some(id)) = (&record.key, self.id_of(&roots(&record.receipts))) else {
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
        Ok(Some((id, key.clone())))
    }

    /// The reservation of an earlier run, where it is still open, and the receipts of its nodes.
    async fn resume(
        &self,
        record: SegmentRecord,
    ) -> Result<Option<(Reservation, SegmentKey, BTreeMap<SlotIndex, Receipt>)>, PutError> {
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
        let holds = |slot: SlotIndex, node: NodeId| {
            reservation
                .slots
                .get(slot.index())
                .is_some_and(|at| at.node == node)
        };
        let receipts: BTreeMap<SlotIndex, Receipt> = record
            .receipts
            .into_iter()
            .filter(|(slot, (node, _))| holds(*slot, *node))
            .map(|(slot, (_, receipt))| (slot, receipt))
            .collect();
        for _ in &receipts {
            tracing::debug!(segment = self.number, "a shard of an earlier run is kept");
        }
        Ok(Some((reservation, key, receipts)))
    }

    fn is_ours(&self, reservation: &Reservation) -> bool {
        reservation.owner == self.signer.account_id()
            && reservation.class == self.plan.class()
            && reservation.ciphertext_len == self.plan.layout().ciphertext_len()
    }

    /// A new reservation and, for it alone, a new key.
    async fn reserve(&self) -> Result<(Reservation, SegmentKey), PutError> {
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

    async fn try_reserve(&self) -> Result<(Reservation, SegmentKey), PutError> {
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
        Ok((reservation, key))
    }

    fn missing(
        &self,
        reservation: &Reservation,
        receipts: &BTreeMap<SlotIndex, Receipt>,
    ) -> Vec<SlotIndex> {
        let slots = reservation.slots.iter().map(|slot| slot.slot);
        slots.filter(|slot| !receipts.contains_key(slot)).collect()
    }

    /// Sends the shards of these slots in one pass over the content and checks what came of it.
    async fn send_round(
        &self,
        reservation: &Reservation,
        key: &SegmentKey,
        leaves: &LeafChoice,
        missing: &[SlotIndex],
        receipts: &mut BTreeMap<SlotIndex, Receipt>,
    ) -> Result<BTreeMap<SlotIndex, Trouble>, PutError> {
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

        let mut troubles = BTreeMap::new();
        let checks = sent.results.into_iter().map(|(slot, result)| {
            let kept = sent.kept.get(&slot).cloned().unwrap_or_default();
            async move {
                let outcome = match result {
                    Ok(stored) => self.check(reservation, slot, &stored, &kept).await,
                    Err(failure) => Err(self.judge(failure)?),
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
                    receipts.insert(slot, receipt);
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

    fn judge(&self, failure: Failure) -> Result<Trouble, PutError> {
        let reason = failure.to_string();
        match failure {
            Failure::Node(error) if error.is_ours() => Err(PutError::Local(reason)),
            Failure::Node(error) if error.is_temporary() => Ok(Trouble::Again(reason)),
            Failure::Node(_) | Failure::Straggler(_) => Ok(Trouble::Replace(reason)),
        }
    }

    /// Gets other nodes for the slots whose nodes failed. Where the network has none to spare,
    /// the same node is asked once more.
    async fn replace(
        &self,
        reservation: Reservation,
        troubles: BTreeMap<SlotIndex, Trouble>,
        tries: &mut BTreeMap<(SlotIndex, NodeId), u32>,
        round: u32,
    ) -> Result<Reservation, PutError> {
        for (slot, trouble) in troubles {
            let Some(at) = reservation.slots.get(slot.index()) else {
                continue;
            };
            let tried = tries.entry((slot, at.node)).or_default();
            *tried += 1;
            let reason = trouble.reason();
            if matches!(trouble, Trouble::Again(_)) && *tried < TRIES_PER_NODE {
                tracing::warn!(segment = self.number, %slot, node = %at.node, reason,
                    "the node failed; it is asked once more");
                continue;
            }
            tracing::warn!(segment = self.number, %slot, node = %at.node, reason,
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
                Err(error) if error.is_refusal("Placement", "NoRedrawLeft") => {
                    let failed = vec![describe(&reservation, slot, reason.to_owned())];
                    return Err(PutError::NodesFailed {
                        rounds: round,
                        failed,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        tokio::time::sleep(pause(round)).await;
        let id = reservation.id;
        self.chain
            .reservation(id)
            .await?
            .ok_or(PutError::Chain(ChainError::NoReservation(id)))
    }

    async fn commit(
        &self,
        reservation: &Reservation,
        receipts: &BTreeMap<SlotIndex, Receipt>,
    ) -> Result<SegmentId, PutError> {
        let ordered: Vec<Receipt> = receipts.values().copied().collect();
        let roots = receipts
            .iter()
            .map(|(slot, receipt)| (*slot, receipt.root))
            .collect();
        let expected = self
            .id_of(&roots)
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

fn roots(receipts: &BTreeMap<SlotIndex, (NodeId, Receipt)>) -> BTreeMap<SlotIndex, ShardRoot> {
    receipts
        .iter()
        .map(|(slot, (_, receipt))| (*slot, receipt.root))
        .collect()
}

fn describe(reservation: &Reservation, slot: SlotIndex, reason: String) -> MissingShard {
    let at = reservation.slots.get(slot.index());
    MissingShard {
        slot,
        node: at.map(|at| at.node).unwrap_or_default(),
        peer: at.map(|at| peer_name(&at.peer_key)).unwrap_or_default(),
        reason,
    }
}

/// Refusals that the next block may not repeat.
fn passes(error: &ChainError) -> bool {
    let full = ["DrawQueueFull", "LapsesFull", "EndingsFull", "NotDrawn"];
    error.is_transient()
        || matches!(error, ChainError::NoReservation(_))
        || full.iter().any(|name| error.is_refusal("Placement", name))
}
