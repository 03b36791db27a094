//! Capacity and the bond that follows it.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use neurostore_primitives::{NodeHealth, NodeId, NodeRoom, ShardClass, LEAVES_PER_GIB};
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event, HoldReason};

const NODE: NodeId = NodeId(0);

fn set(n: u8, capacity_leaves: u64) -> sp_runtime::DispatchResult {
    StorageNodes::set_capacity(RuntimeOrigin::signed(operator(n)), NODE, capacity_leaves)
}

#[test]
fn more_capacity_holds_more_bond_and_less_frees_it() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        let reason = HoldReason::StorageBond.into();
        let ten_gib = u64::try_from(10 * LEAVES_PER_GIB).unwrap();
        events();

        assert_ok!(set(0, ten_gib));
        let bond = MIN_BOND + 10 * BOND_PER_GIB;
        assert_eq!(Balances::balance_on_hold(&reason, &operator(0)), bond);
        assert_eq!(
            events(),
            [Event::CapacitySet {
                node: NODE,
                capacity_leaves: ten_gib,
                bond
            }]
        );

        assert_ok!(set(0, MIN_CAPACITY));
        assert_eq!(
            Balances::balance_on_hold(&reason, &operator(0)),
            MIN_BOND + 1
        );
    });
}

#[test]
fn new_capacity_is_drawn_from_at_once() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        assert_ok!(set(0, MIN_CAPACITY * 3));
        assert_eq!(StorageNodes::weight_of(NODE), MIN_CAPACITY * 3);
    });
}

#[test]
fn the_capacity_of_a_suspected_node_with_shards_stays_out_of_the_draw() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        StorageNodes::draw_and_allocate(&[1; 32], ShardClass::default(), &[], 1).unwrap();
        StorageNodes::missed(NODE);
        assert_ok!(set(0, MIN_CAPACITY * 3));
        assert_eq!(StorageNodes::weight_of(NODE), 0);
    });
}

#[test]
fn a_suspected_node_without_shards_is_back_when_its_operator_says_so() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        StorageNodes::missed(NODE);
        events();
        assert_ok!(set(0, MIN_CAPACITY));
        assert_eq!(StorageNodes::weight_of(NODE), MIN_CAPACITY);
        assert!(events().contains(&Event::NodeRecovered { node: NODE }));
    });
}

#[test]
fn capacity_never_goes_below_what_is_used() {
    run(|| {
        register_all(1, MIN_CAPACITY * 2);
        let class = ShardClass::new(10).unwrap();
        for round in 0..2 {
            StorageNodes::draw_and_allocate(&[round; 32], class, &[], 1).unwrap();
        }
        assert_noop!(
            set(0, MIN_CAPACITY * 2 - 1),
            Error::<Test>::CapacityBelowUse
        );
        assert_ok!(set(0, MIN_CAPACITY * 2));
    });
}

#[test]
fn only_the_operator_sets_the_capacity() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        assert_noop!(set(1, MIN_CAPACITY * 2), Error::<Test>::NotOperator);
    });
}

#[test]
fn an_unknown_node_has_no_capacity() {
    run(|| {
        assert_noop!(set(0, MIN_CAPACITY), Error::<Test>::UnknownNode);
    });
}

#[test]
fn a_capacity_out_of_bounds_is_refused_for_a_registered_node_too() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        assert_noop!(set(0, MIN_CAPACITY - 1), Error::<Test>::CapacityTooSmall);
        assert_noop!(set(0, MAX_CAPACITY + 1), Error::<Test>::CapacityTooLarge);
    });
}

#[test]
fn more_capacity_than_the_operator_can_bond_is_refused() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        let free = Balances::free_balance(operator(0));
        assert_ok!(Balances::transfer_keep_alive(
            RuntimeOrigin::signed(operator(0)),
            operator(1),
            free - 10
        ));
        assert_noop!(set(0, MAX_CAPACITY), TokenError::FundsUnavailable);
    });
}
