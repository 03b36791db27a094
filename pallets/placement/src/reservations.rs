//! Reservations from the call to the segment.

use alloc::vec::Vec;
use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use neurostore_primitives::{
    is_canonical_root, receipt_payload, rent_total, segment_id, NodeId, NodeRegistry, NodeRoom,
    Receipt, RentLedger, ReservationId, SegmentId, ShardClass, ShardRoot, SlotIndex, TOTAL_SHARDS,
};
use sp_core::sr25519;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    AccountId32, ArithmeticError, DispatchError,
};

use crate::{
    pallet::*, Agreement, Balance, DrawTask, EndReason, IndexEntry, Reservation, Segment,
    SlotRecord,
};

/// Blocks that are tried for a lapse: after that many full ones the reservation is refused, so
/// that the call stays cheap.
pub(crate) const LAPSE_PROBES: u32 = 32;

impl<T: Config> Pallet<T> {
    /// The number of the block that is being executed.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    fn genesis() -> [u8; 32] {
        frame_system::Pallet::<T>::block_hash(
            frame_system::pallet_prelude::BlockNumberFor::<T>::zero(),
        )
        .0
    }

    pub(crate) fn do_reserve(
        owner: AccountId32,
        class: ShardClass,
        ciphertext_len: u64,
        windows: u32,
    ) -> DispatchResult {
        ensure!(
            ciphertext_len <= class.segment_bytes(),
            Error::<T>::CiphertextTooLong
        );
        ensure!(
            (T::MinWindows::get()..=T::MaxWindows::get()).contains(&windows),
            Error::<T>::WindowsOutOfRange
        );

        let id = NextReservation::<T>::get();
        let next = id.0.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        NextReservation::<T>::put(ReservationId(next));
        ReservationsOf::<T>::try_append(&owner, id)
            .map_err(|()| Error::<T>::TooManyReservations)?;
        let task = DrawTask {
            reservation: id,
            slot: None,
            queued_at: Self::now(),
        };
        DrawQueue::<T>::try_append(task).map_err(|()| Error::<T>::DrawQueueFull)?;
        let expires_at = Self::book_lapse(id)?;

        let rate_per_slot = T::Rent::rate_per_slot(class)?;
        let rent = rent_total(rate_per_slot, windows).ok_or(ArithmeticError::Overflow)?;
        T::Rent::hold(&owner, rent)?;
        let deposit = T::SegmentDeposit::get();
        T::Currency::hold(&HoldReason::SegmentDeposit.into(), &owner, deposit)?;

        let reservation = Reservation {
            owner: owner.clone(),
            class,
            ciphertext_len,
            windows,
            rate_per_slot,
            deposit,
            expires_at,
            redraws_left: T::MaxRedraws::get(),
            nodes: None,
        };
        Reservations::<T>::insert(id, reservation);
        Self::deposit_event(Event::Reserved {
            reservation: id,
            owner,
            class,
            windows,
            rent,
            expires_at,
        });
        Ok(())
    }

    /// Enters `id` into the first block with room in which it may lapse.
    fn book_lapse(id: ReservationId) -> Result<u32, DispatchError> {
        let first = Self::now()
            .checked_add(T::ReservationBlocks::get())
            .ok_or(ArithmeticError::Overflow)?;
        (first..first.saturating_add(LAPSE_PROBES))
            .find(|block| Lapses::<T>::try_append(block, id).is_ok())
            .ok_or_else(|| Error::<T>::LapsesFull.into())
    }

    /// The caller's reservation.
    fn own_reservation(
        owner: &AccountId32,
        id: ReservationId,
    ) -> Result<Reservation<AccountId32>, DispatchError> {
        let reservation = Reservations::<T>::get(id).ok_or(Error::<T>::UnknownReservation)?;
        ensure!(reservation.owner == *owner, Error::<T>::NotOwner);
        Ok(reservation)
    }

    pub(crate) fn do_cancel(owner: AccountId32, id: ReservationId) -> DispatchResult {
        let reservation = Self::own_reservation(&owner, id)?;
        Self::unbook_lapse(id, reservation.expires_at);
        Self::end_reservation(id, &reservation, EndReason::Cancelled)
    }

    /// Takes a reservation that got no segment out of the state and frees all that it took. The
    /// caller has taken it out of its lapse bucket.
    pub(crate) fn end_reservation(
        id: ReservationId,
        reservation: &Reservation<AccountId32>,
        reason: EndReason,
    ) -> DispatchResult {
        let owner = &reservation.owner;
        Self::forget_reservation(id, owner);
        let leaves = u64::from(reservation.class.leaves());
        for node in reservation.nodes.iter().flatten() {
            T::Registry::release(*node, leaves);
        }
        let rent = T::Rent::unhold(owner, reservation.rent());
        let deposit = Self::return_deposit(owner, reservation.deposit);
        Self::deposit_event(Event::ReservationEnded {
            reservation: id,
            owner: owner.clone(),
            reason,
        });
        rent.and(deposit)
    }

    fn forget_reservation(id: ReservationId, owner: &AccountId32) {
        Reservations::<T>::remove(id);
        // A draw for nobody would take the place of one that somebody waits for.
        if DrawQueue::<T>::get()
            .iter()
            .any(|task| task.reservation == id)
        {
            DrawQueue::<T>::mutate(|queue| queue.retain(|task| task.reservation != id));
        }
        ReservationsOf::<T>::mutate_exists(owner, |list| {
            let mut open = list.take().unwrap_or_default();
            open.retain(|other| *other != id);
            *list = (!open.is_empty()).then_some(open);
        });
    }

    pub(crate) fn unbook_lapse(id: ReservationId, block: u32) {
        Lapses::<T>::mutate_exists(block, |bucket| {
            let mut due = bucket.take().unwrap_or_default();
            due.retain(|other| *other != id);
            *bucket = (!due.is_empty()).then_some(due);
        });
    }

    pub(crate) fn return_deposit(owner: &AccountId32, deposit: Balance) -> DispatchResult {
        let reason = HoldReason::SegmentDeposit.into();
        T::Currency::release(&reason, owner, deposit, Precision::BestEffort).map(|_| ())
    }

    pub(crate) fn do_redraw(
        owner: AccountId32,
        id: ReservationId,
        slot: SlotIndex,
    ) -> DispatchResult {
        let mut reservation = Self::own_reservation(&owner, id)?;
        ensure!(reservation.nodes.is_some(), Error::<T>::NotDrawn);
        reservation.redraws_left = reservation
            .redraws_left
            .checked_sub(1)
            .ok_or(Error::<T>::NoRedrawLeft)?;
        let pending = |task: &DrawTask| task.reservation == id && task.slot == Some(slot);
        ensure!(
            !DrawQueue::<T>::get().iter().any(pending),
            Error::<T>::RedrawPending
        );
        let task = DrawTask {
            reservation: id,
            slot: Some(slot),
            queued_at: Self::now(),
        };
        DrawQueue::<T>::try_append(task).map_err(|()| Error::<T>::DrawQueueFull)?;
        Reservations::<T>::insert(id, reservation);
        Ok(())
    }

    pub(crate) fn do_commit(
        owner: AccountId32,
        id: ReservationId,
        receipts: &[Receipt],
    ) -> DispatchResult {
        let reservation = Self::own_reservation(&owner, id)?;
        let nodes = reservation.nodes.ok_or(Error::<T>::NotDrawn)?;
        let receipts: &[Receipt; TOTAL_SHARDS] =
            receipts.try_into().map_err(|_| Error::<T>::ReceiptCount)?;
        let roots = receipts.map(|receipt| receipt.root);
        for (slot, root) in SlotIndex::all().zip(&roots) {
            ensure!(
                is_canonical_root(root),
                Error::<T>::RootNotCanonical(slot.get())
            );
        }
        let class = reservation.class;
        let segment = segment_id(class, reservation.ciphertext_len, &roots);
        ensure!(
            !Segments::<T>::contains_key(segment),
            Error::<T>::SegmentExists
        );
        Self::check_receipts(id, class, &nodes, receipts)?;

        let paid_until = Self::paid_until(Self::now(), reservation.windows)?;
        Self::book_ending(segment, &owner, paid_until)?;
        T::Rent::collect_held(&owner, reservation.rent())?;
        Self::activate(segment, &reservation, nodes, roots, paid_until);
        Self::unbook_lapse(id, reservation.expires_at);
        Self::forget_reservation(id, &owner);
        Self::deposit_event(Event::SegmentActivated {
            segment,
            reservation: id,
            owner,
            paid_until,
        });
        Ok(())
    }

    /// Each receipt is signed by the account of its slot's node.
    fn check_receipts(
        id: ReservationId,
        class: ShardClass,
        nodes: &[NodeId; TOTAL_SHARDS],
        receipts: &[Receipt; TOTAL_SHARDS],
    ) -> DispatchResult {
        let genesis = Self::genesis();
        for ((slot, node), receipt) in SlotIndex::all().zip(nodes).zip(receipts) {
            let bad = Error::<T>::BadReceipt(slot.get());
            let Some(info) = T::Registry::info(*node) else {
                return Err(bad.into());
            };
            let payload: Vec<u8> = receipt_payload(&genesis, id, slot, class, &receipt.root);
            let signature = sr25519::Signature::from_raw(receipt.signature);
            let signer = sr25519::Public::from_raw(info.account.into());
            ensure!(
                sp_io::crypto::sr25519_verify(&signature, &payload, &signer),
                bad
            );
        }
        Ok(())
    }

    /// Writes the segment, its agreement and its index entries, and starts its rent.
    fn activate(
        id: SegmentId,
        reservation: &Reservation<AccountId32>,
        nodes: [NodeId; TOTAL_SHARDS],
        roots: [ShardRoot; TOTAL_SHARDS],
        paid_until: u32,
    ) {
        let class = reservation.class;
        let rate_per_slot = reservation.rate_per_slot;
        let mut slots = nodes.map(|node| SlotRecord { node, position: 0 });
        for (slot, record) in SlotIndex::all().zip(&mut slots) {
            let entry = IndexEntry { segment: id, slot };
            record.position = Self::index_push(record.node, class, entry);
            T::Rent::slot_begins(record.node, rate_per_slot);
        }
        let segment = Segment {
            class,
            ciphertext_len: reservation.ciphertext_len,
            created_at: Self::now(),
            depositor: reservation.owner.clone(),
            deposit: reservation.deposit,
            slots,
            roots,
        };
        Segments::<T>::insert(id, segment);
        let agreement = Agreement {
            paid_until,
            rate_per_slot,
        };
        Agreements::<T>::insert(id, &reservation.owner, agreement);
    }
}
