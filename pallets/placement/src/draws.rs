//! The draw of nodes: in a later block than the call, from the randomness of that block, which the
//! caller cannot know.

use codec::Encode;
use frame_support::traits::{Defensive, Get, Randomness};
use neurostore_primitives::{
    DrawError, NodeId, NodeRoom, ReservationId, ShardClass, SlotIndex, TOTAL_SHARDS,
};
use sp_core::H256;
use sp_runtime::AccountId32;

use crate::{pallet::*, DrawTask, EndReason, Reservation};

/// Keeps this use of the block's randomness apart from every other one.
const DRAW_SUBJECT: &[u8] = b"neurostore/placement/draw/1";

impl<T: Config> Pallet<T> {
    /// Draws for the oldest tasks of earlier blocks. A block without randomness draws nothing:
    /// the tasks wait for the next one.
    pub(crate) fn draw_due(now: u32) {
        if DrawQueue::<T>::decode_len().unwrap_or_default() == 0 {
            return;
        }
        let (Some(fresh), _) = T::FreshRandomness::random(DRAW_SUBJECT) else {
            return;
        };
        let limit = usize::try_from(T::MaxDrawsPerBlock::get()).unwrap_or(usize::MAX);
        let mut queue = DrawQueue::<T>::get().into_inner();
        let due = queue
            .iter()
            .take(limit)
            .take_while(|task| task.queued_at < now)
            .count();
        for task in queue.drain(..due) {
            Self::draw(&fresh, task);
        }
        // Shorter than before, so it fits.
        DrawQueue::<T>::put(frame_support::BoundedVec::truncate_from(queue));
    }

    fn draw(fresh: &H256, task: DrawTask) {
        // Cancelled, lapsed or committed meanwhile: nothing is left to draw for.
        let Some(reservation) = Reservations::<T>::get(task.reservation) else {
            return;
        };
        let id = task.reservation;
        match (task.slot, reservation.nodes) {
            (None, None) => Self::draw_all(fresh, id, reservation),
            (Some(slot), Some(nodes)) => Self::draw_one(fresh, id, reservation, nodes, slot),
            _ => {}
        }
    }

    fn draw_all(fresh: &H256, id: ReservationId, mut reservation: Reservation<AccountId32>) {
        let randomness = task_randomness(fresh, id, None, reservation.redraws_left);
        match Self::draw_exactly(&randomness, reservation.class, &[]) {
            Ok(nodes) => {
                reservation.nodes = Some(nodes);
                Reservations::<T>::insert(id, reservation);
                Self::deposit_event(Event::Drawn { reservation: id });
            }
            Err(reason) => {
                Self::deposit_event(Event::DrawFailed {
                    reservation: id,
                    reason,
                });
                Self::unbook_lapse(id, reservation.expires_at);
                // Held by this very reservation: a refusal to free it is for the log.
                let _ = Self::end_reservation(id, &reservation, EndReason::DrawFailed).defensive();
            }
        }
    }

    /// Draws a replacement. All present nodes count as taken, the one to be replaced too: it has
    /// refused, and drawing it again would help nobody.
    fn draw_one(
        fresh: &H256,
        id: ReservationId,
        mut reservation: Reservation<AccountId32>,
        mut nodes: [NodeId; TOTAL_SHARDS],
        slot: SlotIndex,
    ) {
        let class = reservation.class;
        let randomness = task_randomness(fresh, id, Some(slot), reservation.redraws_left);
        match Self::draw_exactly::<1>(&randomness, class, &nodes) {
            Ok([node]) => {
                if let Some(place) = nodes.get_mut(slot.index()) {
                    let refused = core::mem::replace(place, node);
                    T::Registry::release(refused, u64::from(class.leaves()));
                }
                reservation.nodes = Some(nodes);
                Reservations::<T>::insert(id, reservation);
                Self::deposit_event(Event::SlotRedrawn {
                    reservation: id,
                    slot,
                    node,
                });
            }
            Err(reason) => Self::deposit_event(Event::RedrawFailed {
                reservation: id,
                slot,
                reason,
            }),
        }
    }

    /// Draws `N` nodes; a registry that returns another number has its room given back.
    fn draw_exactly<const N: usize>(
        randomness: &[u8; 32],
        class: ShardClass,
        taken: &[NodeId],
    ) -> Result<[NodeId; N], DrawError> {
        let drawn = T::Registry::draw_and_allocate(randomness, class, taken, N)?;
        <[NodeId; N]>::try_from(drawn).map_err(|drawn| {
            for node in &drawn {
                T::Registry::release(*node, u64::from(class.leaves()));
            }
            DrawError::TooLittleCapacity {
                found: u8::try_from(drawn.len()).unwrap_or(u8::MAX),
            }
        })
    }
}

/// The randomness of one draw: another one for each reservation, slot and attempt of a block.
fn task_randomness(
    fresh: &H256,
    reservation: ReservationId,
    slot: Option<SlotIndex>,
    redraws_left: u8,
) -> [u8; 32] {
    sp_io::hashing::blake2_256(&(fresh, reservation, slot, redraws_left).encode())
}
