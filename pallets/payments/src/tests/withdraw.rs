//! Paying operators.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use neurostore_primitives::NodeId;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, Event};

fn withdraw(who: u64) -> sp_runtime::DispatchResult {
    Payments::withdraw(RuntimeOrigin::signed(who), NODE)
}

#[test]
fn the_operator_is_paid_what_has_streamed_out() {
    run(|| {
        rented(NODE, 1_000, 10_000);
        prove(NODE, 0, 20);
        System::set_block_number(7);
        events();
        assert_ok!(withdraw(operator(NODE)));
        assert_eq!(Balances::balance(&operator(NODE)), 300);
        assert_eq!(
            events(),
            [Event::Withdrawn {
                node: NODE,
                to: operator(NODE),
                amount: 300
            }]
        );
        let earnings = Payments::earnings(NODE);
        assert_eq!(earnings.withdrawn_total, 300);
        assert_eq!((earnings.withdrawable, earnings.streaming), (0, 700));
    });
}

#[test]
fn credits_of_many_windows_are_paid_in_full() {
    run(|| {
        rented(NODE, 1_000, 10_000);
        for window in 0..10 {
            System::set_block_number(1 + window * 20);
            prove(NODE, window, 20);
        }
        System::set_block_number(1_000);
        assert_ok!(withdraw(operator(NODE)));
        assert_eq!(Balances::balance(&operator(NODE)), 10_000);
        assert_eq!(pot(), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn an_unknown_node_is_not_paid() {
    run(|| {
        assert_noop!(
            Payments::withdraw(RuntimeOrigin::signed(OWNER), NodeId(10)),
            Error::<Test>::UnknownNode
        );
    });
}

#[test]
fn only_the_operator_withdraws() {
    run(|| {
        rented(NODE, 1_000, 10_000);
        prove(NODE, 0, 0);
        assert_noop!(withdraw(STRANGER), Error::<Test>::NotOperator);
        assert_noop!(
            Payments::withdraw(RuntimeOrigin::none(), NODE),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn nothing_free_is_nothing_to_withdraw() {
    run(|| {
        assert_noop!(withdraw(operator(NODE)), Error::<Test>::NothingToWithdraw);
        rented(NODE, 1_000, 10_000);
        prove(NODE, 0, 20);
        assert_noop!(withdraw(operator(NODE)), Error::<Test>::NothingToWithdraw);
    });
}

#[test]
fn an_amount_too_small_to_open_an_account_stays_in_the_pot() {
    run(|| {
        rented(NODE, EXISTENTIAL_DEPOSIT - 1, 100);
        prove(NODE, 0, 0);
        assert_noop!(withdraw(operator(NODE)), TokenError::BelowMinimum);
        prove(NODE, 1, 0);
        assert_ok!(withdraw(operator(NODE)));
    });
}
