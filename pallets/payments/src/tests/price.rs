//! The price of storage.

use frame_support::{assert_noop, assert_ok};
use neurostore_primitives::{RentLedger, ShardClass};
use sp_runtime::{BuildStorage, DispatchError};

use crate::{mock::*, Error, Event};

fn rate(class: u8) -> u128 {
    Payments::rate_per_slot(ShardClass::new(class).unwrap()).unwrap()
}

#[test]
fn the_price_at_genesis_is_the_chain_specs() {
    run(|| {
        assert_eq!(Payments::price(), PRICE);
        assert_eq!(rate(0), 1);
        assert_eq!(rate(16), 65_536);
    });
}

#[test]
fn root_sets_the_price() {
    run(|| {
        assert_ok!(Payments::set_price(RuntimeOrigin::root(), 2 * PRICE));
        assert_eq!(rate(4), 32);
        assert_eq!(
            events(),
            [Event::PriceSet {
                price_per_gib_window: 2 * PRICE
            }]
        );
    });
}

#[test]
fn others_do_not_set_the_price() {
    run(|| {
        assert_noop!(
            Payments::set_price(RuntimeOrigin::signed(OWNER), 1),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_price_at_which_rent_overflows_is_refused() {
    run(|| {
        assert_noop!(
            Payments::set_price(RuntimeOrigin::root(), u128::MAX),
            Error::<Test>::PriceTooHigh
        );
        assert_noop!(
            Payments::set_price(RuntimeOrigin::root(), u128::MAX >> 30),
            Error::<Test>::PriceTooHigh
        );
    });
}

#[test]
fn a_rate_that_overflows_is_refused() {
    run(|| {
        crate::PricePerGibWindow::<Test>::put(u128::MAX);
        assert_noop!(
            Payments::rate_per_slot(ShardClass::new(16).unwrap()),
            DispatchError::from(Error::<Test>::PriceTooHigh)
        );
    });
}

#[test]
#[should_panic(expected = "the price of storage is too high")]
fn a_chain_spec_with_a_price_at_which_rent_overflows_is_refused() {
    let _ = crate::GenesisConfig::<Test> {
        price_per_gib_window: u128::MAX,
        ..Default::default()
    }
    .build_storage();
}
