//! The draws of nodes: they happen in a later block than the call that asks for them, so whoever
//! asked looks into the blocks until one tells.

use futures::StreamExt;
use neurostore_primitives::{DrawError, NodeId, ReservationId, SlotIndex};

use crate::{
    blocks::BlockId,
    call::Call,
    connection::{undecodable, Chain},
    error::ChainError,
    events::{ChainEvent, EventError},
    names::{
        errors::PlacementError,
        events::{DrawFailed, RedrawFailed, SlotRedrawn},
        methods,
    },
    signer::Signer,
    submit::Included,
    Reservation,
};

/// How far back the event that tells of a failed draw is looked for.
const DRAW_EVENT_DEPTH: u32 = 16;

impl Chain {
    /// Waits until all 15 slots of a reservation have a node.
    ///
    /// # Errors
    /// [`ChainError::DrawFailed`] where the draw found none, [`ChainError::NoReservation`] where
    /// the reservation ended meanwhile, and [`ChainError::NoAnswer`] after
    /// [`draw_timeout`](crate::ChainOptions::draw_timeout).
    pub async fn wait_drawn(&self, id: ReservationId) -> Result<Reservation, ChainError> {
        let patience = self.options().draw_timeout;
        let waiting = async {
            let mut blocks = self.subscribe_best();
            let mut seen = false;
            loop {
                let best = self.best_block().await?;
                let found = self.ask(methods::RESERVATION, (id,), Some(best.1)).await?;
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
                match event.read_as::<DrawFailed>() {
                    Ok(Some(failed)) if failed.reservation == id => {
                        return Ok(Some(failed.reason));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Asks for another node in a slot whose node does not answer.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn redraw(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        slot: SlotIndex,
    ) -> Result<Included, ChainError> {
        self.submit(owner, Call::redraw(reservation, slot)).await
    }

    /// Asks for another node in a slot and waits for the draw. Where none can be drawn, the slot
    /// keeps its node and the error says why.
    ///
    /// # Errors
    /// [`ChainError::DrawFailed`] where the draw found none, [`ChainError::NoAnswer`] after
    /// [`draw_timeout`](crate::ChainOptions::draw_timeout), and as [`Chain::submit`].
    pub async fn redraw_and_wait(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        slot: SlotIndex,
    ) -> Result<NodeId, ChainError> {
        let included = match self.redraw(owner, reservation, slot).await {
            Ok(included) => included.block.0,
            // Asked for by an earlier run: its draw is as good.
            Err(error) if error.is_refusal(PlacementError::RedrawPending) => {
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
                        if let Some(outcome) = redrawn(&event, reservation, slot)? {
                            return outcome;
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
}

/// What an event says of the draw for a slot: its new node, or why there is none.
fn redrawn(
    event: &ChainEvent,
    reservation: ReservationId,
    slot: SlotIndex,
) -> Result<Option<Result<NodeId, ChainError>>, ChainError> {
    let unread = |error: EventError| undecodable("events of a draw", error.to_string());
    let is_asked = |other: (ReservationId, SlotIndex)| other == (reservation, slot);
    if let Some(drawn) = event.read_as::<SlotRedrawn>().map_err(unread)? {
        return Ok(is_asked((drawn.reservation, drawn.slot)).then_some(Ok(drawn.node)));
    }
    let Some(failed) = event.read_as::<RedrawFailed>().map_err(unread)? else {
        return Ok(None);
    };
    let reason = failed.reason;
    Ok(
        is_asked((failed.reservation, failed.slot)).then_some(Err(ChainError::DrawFailed {
            reservation,
            reason,
        })),
    )
}
