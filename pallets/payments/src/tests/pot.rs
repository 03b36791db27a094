//! The account that holds the rent.

use frame_support::{assert_noop, assert_ok};
use neurostore_primitives::RentLedger;
use sp_runtime::TokenError;

use crate::mock::*;

#[test]
fn genesis_opens_the_pot_with_the_existential_deposit() {
    run(|| {
        assert_eq!(pot(), EXISTENTIAL_DEPOSIT);
        assert_eq!(System::providers(&Payments::pot_account()), 1);
        assert_eq!(
            pallet_balances::TotalIssuance::<Test>::get(),
            2 * FORTUNE + EXISTENTIAL_DEPOSIT
        );
    });
}

#[test]
fn rent_below_the_existential_deposit_can_be_paid() {
    run(|| {
        assert_ok!(Payments::collect(&OWNER, 1));
        assert_eq!(pot(), EXISTENTIAL_DEPOSIT + 1);
    });
}

#[test]
fn the_pot_outlives_its_last_payment() {
    run(|| {
        assert_ok!(Payments::collect(&OWNER, 500));
        assert_ok!(Payments::settle_early(&OWNER, 500, 0));
        assert_eq!(pot(), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn the_pots_own_deposit_is_never_paid_out() {
    run(|| {
        assert_noop!(Payments::pay_out(&OWNER, 1), TokenError::NotExpendable);
    });
}

#[test]
fn a_gift_to_the_pot_breaks_no_invariant() {
    run(|| {
        let pot = Payments::pot_account();
        assert_ok!(Balances::transfer_allow_death(
            RuntimeOrigin::signed(STRANGER),
            pot,
            77
        ));
        assert_ok!(Payments::do_try_state());
        // Taken back out, because `run` wants the pot exact.
        assert_ok!(Payments::pay_out(&STRANGER, 77));
    });
}

#[test]
fn a_pot_that_lacks_money_is_found() {
    run(|| {
        crate::RepairFund::<Test>::put(1);
        assert!(Payments::do_try_state().is_err());
        crate::RepairFund::<Test>::kill();
    });
}
