//! The rules of placement, one file for each subject.
// Numbers of tests are small.
#![allow(clippy::cast_possible_truncation)]

mod agreements;
mod attacks;
mod commit;
mod draws;
mod expiry;
mod index;
mod random;
mod reserve;
mod views;

use neurostore_primitives::ReservationId;

use crate::{mock::*, *};

/// Alice's reservation ended for this reason in the last event, no room is taken, and she has as
/// much free as before it.
fn assert_freed(id: ReservationId, reason: EndReason, free: u128) {
    assert_eq!(total_used(), 0);
    assert_eq!(Balances::free_balance(alice()), free);
    System::assert_last_event(
        Event::ReservationEnded {
            reservation: id,
            owner: alice(),
            reason,
        }
        .into(),
    );
}
