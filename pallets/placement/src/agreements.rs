//! Agreements: how they are prolonged, how they end, and what that does to the segment.
//!
//! An agreement made in block `s` for `w` windows runs over the blocks `s..s + w * window`. A
//! node's windows open once in every `window` blocks, at the end of a block, so each slot sees
//! exactly `w` openings in that time, wherever in the window its node's offset lies: what was paid
//! is what is earned or forfeited, to the planck.

use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{Defensive, Get},
};
use neurostore_primitives::{
    rent_total, NodeRoom, RentLedger, SegmentId, WindowClock, TOTAL_SHARDS,
};
use sp_runtime::{AccountId32, ArithmeticError, DispatchError};

use crate::{pallet::*, Agreement, Balance, Segment};

impl<T: Config> Pallet<T> {
    /// The block at which `windows` windows from block `from` on are over.
    pub(crate) fn paid_until(from: u32, windows: u32) -> Result<u32, DispatchError> {
        T::Clock::window_blocks()
            .checked_mul(windows)
            .and_then(|blocks| from.checked_add(blocks))
            .ok_or_else(|| ArithmeticError::Overflow.into())
    }

    /// Enters an agreement into the bucket of its last block. A full bucket refuses: a later end
    /// would give the nodes a window that nobody paid for.
    pub(crate) fn book_ending(
        segment: SegmentId,
        owner: &AccountId32,
        block: u32,
    ) -> DispatchResult {
        Endings::<T>::try_append(block, (segment, owner.clone()))
            .map_err(|()| Error::<T>::EndingsFull.into())
    }

    fn unbook_ending(segment: SegmentId, owner: &AccountId32, block: u32) {
        Endings::<T>::mutate_exists(block, |bucket| {
            let mut due = bucket.take().unwrap_or_default();
            due.retain(|(other, who)| *other != segment || who != owner);
            *bucket = (!due.is_empty()).then_some(due);
        });
    }

    pub(crate) fn do_extend(
        owner: AccountId32,
        segment: SegmentId,
        windows: u32,
    ) -> DispatchResult {
        let agreement =
            Agreements::<T>::get(segment, &owner).ok_or(Error::<T>::UnknownAgreement)?;
        ensure!(windows > 0, Error::<T>::WindowsOutOfRange);
        let paid_until = Self::paid_until(agreement.paid_until, windows)?;
        let furthest = Self::paid_until(Self::now(), T::MaxWindows::get())?;
        ensure!(paid_until <= furthest, Error::<T>::WindowsOutOfRange);

        Self::book_ending(segment, &owner, paid_until)?;
        Self::unbook_ending(segment, &owner, agreement.paid_until);
        let rent = rent_total(agreement.rate_per_slot, windows).ok_or(ArithmeticError::Overflow)?;
        T::Rent::collect(&owner, rent)?;
        let extended = Agreement {
            paid_until,
            ..agreement
        };
        Agreements::<T>::insert(segment, &owner, extended);
        Self::deposit_event(Event::AgreementExtended {
            segment,
            owner,
            paid_until,
        });
        Ok(())
    }

    pub(crate) fn do_drop_agreement(owner: AccountId32, segment: SegmentId) -> DispatchResult {
        let agreement =
            Agreements::<T>::get(segment, &owner).ok_or(Error::<T>::UnknownAgreement)?;
        let record = Segments::<T>::get(segment).ok_or(Error::<T>::UnknownAgreement)?;
        let (refund, forfeit) = Self::unspent(&record, &agreement)?;
        T::Rent::settle_early(&owner, refund, forfeit)?;
        Self::unbook_ending(segment, &owner, agreement.paid_until);
        Self::end_agreement(segment, owner, record, &agreement, refund, forfeit)
    }

    /// What is left of an agreement's rent: the whole windows to refund, and the rest, which is
    /// the rent of the windows in progress that have not opened yet on some of the nodes.
    fn unspent(
        record: &Segment<AccountId32>,
        agreement: &Agreement,
    ) -> Result<(Balance, Balance), DispatchError> {
        let now = Self::now();
        let left = agreement.paid_until.saturating_sub(now);
        let whole = left
            .checked_div(T::Clock::window_blocks())
            .unwrap_or_default();
        let openings = record.slots.iter().fold(0u64, |sum, slot| {
            let openings = T::Clock::openings_between(slot.node, now, agreement.paid_until);
            sum.saturating_add(u64::from(openings))
        });
        let refunded = u64::from(whole).saturating_mul(TOTAL_SHARDS as u64);
        let rent_of = |windows: u64| {
            agreement
                .rate_per_slot
                .checked_mul(u128::from(windows))
                .ok_or(ArithmeticError::Overflow)
        };
        Ok((
            rent_of(refunded)?,
            rent_of(openings.saturating_sub(refunded))?,
        ))
    }

    /// Ends an agreement whose paid time is over.
    pub(crate) fn expire_agreement(segment: SegmentId, owner: AccountId32) {
        let Some(agreement) = Agreements::<T>::get(segment, &owner).defensive() else {
            return;
        };
        let Some(record) = Segments::<T>::get(segment).defensive() else {
            return;
        };
        // A deposit that cannot be returned must not keep the segment alive.
        let _ = Self::end_agreement(segment, owner, record, &agreement, 0, 0).defensive();
    }

    /// Takes an agreement out of the state, and the segment with its last one. The caller has
    /// taken it out of its bucket and settled the rent.
    fn end_agreement(
        segment: SegmentId,
        owner: AccountId32,
        record: Segment<AccountId32>,
        agreement: &Agreement,
        refund: Balance,
        forfeit: Balance,
    ) -> DispatchResult {
        Agreements::<T>::remove(segment, &owner);
        for slot in &record.slots {
            T::Rent::slot_ends(slot.node, agreement.rate_per_slot);
        }
        Self::deposit_event(Event::AgreementEnded {
            segment,
            owner,
            refund,
            forfeit,
        });
        let last = Agreements::<T>::iter_prefix(segment).next().is_none();
        if last {
            Self::remove_segment(segment, record)
        } else {
            Ok(())
        }
    }

    fn remove_segment(id: SegmentId, record: Segment<AccountId32>) -> DispatchResult {
        Segments::<T>::remove(id);
        let leaves = u64::from(record.class.leaves());
        for slot in &record.slots {
            Self::index_remove(slot.node, record.class, slot.position);
            T::Registry::release(slot.node, leaves);
        }
        let deposit = Self::return_deposit(&record.depositor, record.deposit);
        Self::deposit_event(Event::SegmentRemoved { segment: id });
        deposit
    }
}
