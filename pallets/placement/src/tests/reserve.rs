//! Reserving and giving up.

use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
use sp_runtime::{ArithmeticError, TokenError};

use crate::{mock::*, *};

fn deposit_held(of: &sp_runtime::AccountId32) -> u128 {
    Balances::balance_on_hold(&HoldReason::SegmentDeposit.into(), of)
}

#[test]
fn a_reservation_holds_rent_and_deposit_and_waits_for_its_draw() {
    ExtBuilder::default().build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let id = reserve(alice(), class(3), 4);
        // The price is one planck for each leaf and window.
        let rent = 8 * 15 * 4;
        assert_eq!(Balances::free_balance(alice()), free - rent - DEPOSIT);
        assert_eq!(deposit_held(&alice()), DEPOSIT);
        assert!(nodes_of(id).is_empty());
        System::assert_last_event(
            Event::Reserved {
                reservation: id,
                owner: alice(),
                class: class(3),
                windows: 4,
                rent,
                expires_at: 13,
            }
            .into(),
        );
    });
}

#[test]
fn the_ciphertext_must_fit_the_class() {
    ExtBuilder::default().build_and_execute(|| {
        let origin = RuntimeOrigin::signed(alice());
        assert_noop!(
            Placement::reserve(origin.clone(), class(2), 40 * 1024 + 1, 2),
            Error::<Test>::CiphertextTooLong
        );
        assert_ok!(Placement::reserve(origin, class(2), 40 * 1024, 2));
    });
}

#[test]
fn the_windows_must_be_within_bounds() {
    ExtBuilder::default().build_and_execute(|| {
        for windows in [0, 1, 21, u32::MAX] {
            assert_noop!(
                Placement::reserve(RuntimeOrigin::signed(alice()), class(0), 1, windows),
                Error::<Test>::WindowsOutOfRange
            );
        }
    });
}

#[test]
fn an_owner_has_a_bounded_number_of_open_reservations() {
    ExtBuilder::default().build_and_execute(|| {
        for _ in 0..5 {
            reserve(alice(), class(0), 2);
        }
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(0), 1, 2),
            Error::<Test>::TooManyReservations
        );
        reserve(bob(), class(0), 2);
    });
}

#[test]
fn a_full_draw_queue_refuses() {
    ExtBuilder::default().build_and_execute(|| {
        for _ in 0..4 {
            reserve(alice(), class(0), 2);
            reserve(bob(), class(0), 2);
        }
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(0), 1, 2),
            Error::<Test>::DrawQueueFull
        );
    });
}

#[test]
fn a_reservation_that_could_not_lapse_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        // Every bucket it could lapse in is full of others.
        for block in 13..13 + crate::reservations::LAPSE_PROBES {
            for other in 0..2 {
                let id = neurostore_primitives::ReservationId(1_000 + other);
                assert_ok!(Lapses::<Test>::try_append(block, id));
            }
        }
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(0), 1, 2),
            Error::<Test>::LapsesFull
        );
        let _ = Lapses::<Test>::clear(u32::MAX, None);
    });
}

#[test]
fn who_cannot_pay_the_rent_reserves_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        Price::set(&(1 << 40));
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(16), 1, 20),
            ArithmeticError::Underflow
        );
    });
}

#[test]
fn who_cannot_pay_the_deposit_reserves_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        // Of a billion, the rent leaves a hundred.
        Price::set(&(33_333_330 << 20));
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(0), 1, 2),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn a_price_beyond_all_numbers_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        Price::set(&u128::MAX);
        assert_noop!(
            Placement::reserve(RuntimeOrigin::signed(alice()), class(16), 1, 20),
            ArithmeticError::Overflow
        );
    });
}

#[test]
fn cancelling_frees_room_and_holds() {
    ExtBuilder::default().build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let id = drawn(alice(), class(2), 2);
        assert_eq!(total_used(), 60);
        assert_ok!(Placement::cancel(RuntimeOrigin::signed(alice()), id));
        super::assert_freed(id, EndReason::Cancelled, free);
        assert_noop!(
            Placement::cancel(RuntimeOrigin::signed(alice()), id),
            Error::<Test>::UnknownReservation
        );
    });
}

#[test]
fn a_cancelled_reservation_is_not_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(2), 2);
        assert_eq!(DrawQueue::<Test>::get().len(), 1);
        assert_ok!(Placement::cancel(RuntimeOrigin::signed(alice()), id));
        // At once: a draw for nobody would take the place of one that somebody waits for.
        assert!(DrawQueue::<Test>::get().is_empty());
        run_to(4);
        assert_eq!(total_used(), 0);
        assert!(DrawQueue::<Test>::get().is_empty());
    });
}

#[test]
fn only_its_owner_cancels_a_reservation() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(0), 2);
        assert_noop!(
            Placement::cancel(RuntimeOrigin::signed(bob()), id),
            Error::<Test>::NotOwner
        );
    });
}
