//! Reservations, segments and agreements.

use futures::StreamExt;
use neurostore_primitives::{
    ClassCounts, DrawError, HeldShardInfo, NodeId, Receipt, ReservationId, SegmentId, ShardClass,
    SlotIndex,
};

use crate::{
    blocks::BlockId,
    call::Call,
    connection::{undecodable, Chain},
    error::ChainError,
    signer::Signer,
    submit::Included,
    AccountId, Quote, Reservation, Segment,
};

/// How far back the event that tells of a failed draw is looked for.
const DRAW_EVENT_DEPTH: u32 = 16;

impl Chain {
    /// What a segment of `class` costs for `windows`; `None` where that cannot be expressed.
    pub async fn quote(
        &self,
        class: ShardClass,
        windows: u32,
    ) -> Result<Option<Quote>, ChainError> {
        self.ask("PlacementApi_quote", (class, windows), None).await
    }

    /// Asks for 15 nodes; they are drawn in a later block, see [`Chain::wait_drawn`].
    pub async fn reserve(
        &self,
        owner: &Signer,
        class: ShardClass,
        ciphertext_len: u64,
        windows: u32,
    ) -> Result<ReservationId, ChainError> {
        let call = Call::new("Placement", "reserve")
            .with("class", class)
            .with("ciphertext_len", ciphertext_len)
            .with("windows", windows);
        let included = self.submit(owner, call).await?;
        included.field("Placement", "Reserved", "reservation")
    }

    /// A reservation as it stands now.
    pub async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, ChainError> {
        self.ask("PlacementApi_reservation", (id,), None).await
    }

    /// The open reservations of an account.
    pub async fn reservations_of(
        &self,
        owner: &AccountId,
    ) -> Result<Vec<ReservationId>, ChainError> {
        self.ask("PlacementApi_reservations_of", (owner,), None)
            .await
    }

    /// Waits until all 15 slots of a reservation have a node.
    pub async fn wait_drawn(&self, id: ReservationId) -> Result<Reservation, ChainError> {
        let patience = self.options().draw_timeout;
        let waiting = async {
            let mut blocks = self.subscribe_best();
            let mut seen = false;
            loop {
                let best = self.best_block().await?;
                let found: Option<Reservation> = self
                    .ask("PlacementApi_reservation", (id,), Some(best.1))
                    .await?;
                match found {
                    Some(reservation) if !reservation.slots.is_empty() => return Ok(reservation),
                    Some(_) => seen = true,
                    // Not there yet on this fork, or gone because the draw failed.
                    None => {
                        if let Some(reason) = self.draw_failure(id, best).await? {
                            return Err(ChainError::DrawFailed {
                                reservation: id,
                                reason,
                            });
                        }
                        if seen {
                            return Err(ChainError::NoReservation(id));
                        }
                    }
                }
                blocks.next().await;
            }
        };
        tokio::time::timeout(patience, waiting)
            .await
            .map_err(|_| ChainError::NoAnswer {
                url: self.url().to_owned(),
                what: format!("draw of reservation {id}"),
                seconds: patience.as_secs(),
            })?
    }

    /// Why the draw of a reservation failed, where a recent block tells.
    async fn draw_failure(
        &self,
        id: ReservationId,
        best: BlockId,
    ) -> Result<Option<DrawError>, ChainError> {
        for number in (best.0.saturating_sub(DRAW_EVENT_DEPTH)..=best.0).rev() {
            let hash = self.block_hash(number).await?;
            for event in self.events_at(hash).await? {
                if event.is("Placement", "DrawFailed") && event.field("reservation") == Ok(id) {
                    return Ok(event.field("reason").ok());
                }
            }
        }
        Ok(None)
    }

    /// Asks for another node in a slot whose node does not answer.
    pub async fn redraw(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        slot: SlotIndex,
    ) -> Result<Included, ChainError> {
        let call = Call::new("Placement", "redraw")
            .with("reservation", reservation)
            .with("slot", slot);
        self.submit(owner, call).await
    }

    /// Asks for another node in a slot and waits for the draw. Where none can be drawn, the slot
    /// keeps its node and the error says why.
    pub async fn redraw_and_wait(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        slot: SlotIndex,
    ) -> Result<NodeId, ChainError> {
        let included = match self.redraw(owner, reservation, slot).await {
            Ok(included) => included.block.0,
            // Asked for by an earlier run: its draw is as good.
            Err(error) if error.is_refusal("Placement", "RedrawPending") => {
                self.best_block().await?.0
            }
            Err(error) => return Err(error),
        };
        let patience = self.options().draw_timeout;
        let waiting = async {
            let mut blocks = self.subscribe_best();
            let mut next = included;
            loop {
                let (best, _) = self.best_block().await?;
                while next <= best {
                    let hash = self.block_hash(next).await?;
                    for event in self.events_at(hash).await? {
                        if event.field("reservation") != Ok(reservation)
                            || event.field("slot") != Ok(slot)
                        {
                            continue;
                        }
                        if event.is("Placement", "SlotRedrawn") {
                            return event
                                .field("node")
                                .map_err(|error| undecodable("SlotRedrawn", error.to_string()));
                        }
                        if event.is("Placement", "RedrawFailed") {
                            let reason = event
                                .field("reason")
                                .map_err(|error| undecodable("RedrawFailed", error.to_string()))?;
                            return Err(ChainError::DrawFailed {
                                reservation,
                                reason,
                            });
                        }
                    }
                    next = next.saturating_add(1);
                }
                blocks.next().await;
            }
        };
        tokio::time::timeout(patience, waiting)
            .await
            .map_err(|_| ChainError::NoAnswer {
                url: self.url().to_owned(),
                what: format!("replacement in slot {slot} of reservation {reservation}"),
                seconds: patience.as_secs(),
            })?
    }

    /// Gives a reservation back; its rent is freed.
    pub async fn cancel(
        &self,
        owner: &Signer,
        reservation: ReservationId,
    ) -> Result<Included, ChainError> {
        self.submit(
            owner,
            Call::new("Placement", "cancel").with("reservation", reservation),
        )
        .await
    }

    /// Turns a reservation with its 15 receipts into a segment.
    pub async fn commit(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        receipts: Vec<Receipt>,
    ) -> Result<SegmentId, ChainError> {
        let call = Call::new("Placement", "commit")
            .with("reservation", reservation)
            .with("receipts", receipts);
        let included = self.submit(owner, call).await?;
        included.field("Placement", "SegmentActivated", "segment")
    }

    /// A segment as it stands now.
    pub async fn segment(&self, id: &SegmentId) -> Result<Option<Segment>, ChainError> {
        self.ask("PlacementApi_segment", (id,), None).await
    }

    /// The same as seen in the state of a certain block.
    pub async fn segment_at(
        &self,
        id: &SegmentId,
        block: [u8; 32],
    ) -> Result<Option<Segment>, ChainError> {
        self.ask("PlacementApi_segment", (id,), Some(block)).await
    }

    /// Pays for more windows of a segment. Returns the block at which the paid time ends now.
    pub async fn extend(
        &self,
        owner: &Signer,
        segment: &SegmentId,
        windows: u32,
    ) -> Result<u32, ChainError> {
        let call = Call::new("Placement", "extend")
            .with("segment", segment)
            .with("windows", windows);
        let included = self.submit(owner, call).await?;
        included.field("Placement", "AgreementExtended", "paid_until")
    }

    /// Ends the signer's agreement; unused rent comes back.
    pub async fn drop_agreement(
        &self,
        owner: &Signer,
        segment: &SegmentId,
    ) -> Result<Included, ChainError> {
        self.submit(
            owner,
            Call::new("Placement", "drop_agreement").with("segment", segment),
        )
        .await
    }

    /// The shards of `class` that a node is expected to hold, from position `from` on, at most
    /// 1,024 at a time.
    pub async fn held_shards(
        &self,
        node: NodeId,
        class: ShardClass,
        from: u32,
        limit: u32,
    ) -> Result<Vec<HeldShardInfo>, ChainError> {
        self.ask("PlacementApi_held_shards", (node, class, from, limit), None)
            .await
    }

    /// How many shards of each class a node is expected to hold.
    pub async fn holdings(&self, node: NodeId) -> Result<ClassCounts, ChainError> {
        self.ask("PlacementApi_holdings", (node,), None).await
    }
}
