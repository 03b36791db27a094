//! Rent paid ahead and given back.

use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, InspectHold},
};
use neurostore_primitives::RentLedger;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, HoldReason, RentRates, RepairFund, UnspentRent};

fn held() -> u128 {
    Balances::balance_on_hold(&HoldReason::Rent.into(), &OWNER)
}

#[test]
fn rent_is_held_on_the_owners_account_until_it_is_collected() {
    run(|| {
        assert_ok!(Payments::hold(&OWNER, 700));
        assert_eq!((held(), UnspentRent::<Test>::get()), (700, 0));
        assert_ok!(Payments::collect_held(&OWNER, 700));
        assert_eq!((held(), UnspentRent::<Test>::get()), (0, 700));
        assert_eq!(Balances::balance(&OWNER), FORTUNE - 700);
    });
}

#[test]
fn rent_of_a_cancelled_reservation_is_free_again() {
    run(|| {
        assert_ok!(Payments::hold(&OWNER, 700));
        assert_ok!(Payments::unhold(&OWNER, 700));
        assert_eq!(held(), 0);
        assert_eq!(Balances::balance(&OWNER), FORTUNE);
    });
}

#[test]
fn an_owner_without_the_rent_is_refused() {
    run(|| {
        assert_noop!(
            Payments::hold(&OWNER, FORTUNE + 1),
            DispatchError::from(TokenError::FundsUnavailable)
        );
        assert_noop!(
            Payments::collect(&OWNER, FORTUNE + 1),
            DispatchError::from(TokenError::FundsUnavailable)
        );
    });
}

#[test]
fn no_more_is_collected_or_freed_than_is_held() {
    run(|| {
        assert_ok!(Payments::hold(&OWNER, 700));
        assert!(Payments::collect_held(&OWNER, 701).is_err());
        assert!(Payments::unhold(&OWNER, 701).is_err());
        assert_eq!((held(), UnspentRent::<Test>::get()), (700, 0));
    });
}

#[test]
fn rent_of_nothing_moves_nothing() {
    run(|| {
        assert_ok!(Payments::hold(&OWNER, 0));
        assert_ok!(Payments::collect_held(&OWNER, 0));
        assert_ok!(Payments::unhold(&OWNER, 0));
        assert_ok!(Payments::collect(&OWNER, 0));
        assert_ok!(Payments::settle_early(&OWNER, 0, 0));
        assert_eq!(Balances::balance(&OWNER), FORTUNE);
    });
}

#[test]
fn an_agreement_dropped_early_refunds_and_forfeits() {
    run(|| {
        assert_ok!(Payments::collect(&OWNER, 1_000));
        assert_ok!(Payments::settle_early(&OWNER, 600, 150));
        assert_eq!(Balances::balance(&OWNER), FORTUNE - 400);
        assert_eq!(UnspentRent::<Test>::get(), 250);
        assert_eq!(RepairFund::<Test>::get(), 150);
    });
}

#[test]
fn more_than_the_unspent_rent_is_not_refunded() {
    run(|| {
        assert_ok!(Payments::collect(&OWNER, 1_000));
        let refused = DispatchError::from(Error::<Test>::MoreThanUnspentRent);
        assert_noop!(Payments::settle_early(&OWNER, 1_001, 0), refused);
        assert_noop!(Payments::settle_early(&OWNER, 0, 1_001), refused);
        assert_noop!(Payments::settle_early(&OWNER, u128::MAX, 1), refused);
    });
}

#[test]
fn a_refund_that_cannot_be_paid_changes_nothing() {
    run(|| {
        assert_ok!(Payments::collect(&OWNER, 1_000));
        // Account 99 does not exist, and 5 is below the existential deposit.
        assert_noop!(
            Payments::settle_early(&99, 5, 0),
            DispatchError::from(TokenError::BelowMinimum)
        );
    });
}

#[test]
fn a_nodes_rate_is_the_sum_over_its_slots() {
    run(|| {
        Payments::slot_begins(NODE, 5);
        Payments::slot_begins(NODE, 7);
        assert_eq!(Payments::earnings(NODE).rate_per_window, 12);
        Payments::slot_ends(NODE, 5);
        assert_eq!(Payments::earnings(NODE).rate_per_window, 7);
        Payments::slot_ends(NODE, 7);
        assert!(!RentRates::<Test>::contains_key(NODE));
    });
}
