//! Registration and its bond.

use frame_support::{
    assert_noop, assert_ok, storage::with_storage_layer, traits::fungible::InspectHold,
};
use neurostore_primitives::{CountryCode, NodeId, NodeState, LEAVES_PER_GIB};
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Balance, Error, Event, HoldReason};

fn held(n: u8) -> Balance {
    Balances::balance_on_hold(&HoldReason::StorageBond.into(), &operator(n))
}

#[test]
fn a_registered_node_is_active_empty_and_found_by_both_keys() {
    run(|| {
        let draft = draft(1);
        assert_ok!(draft.submit());
        let node = StorageNodes::node(NodeId(0)).unwrap();
        assert_eq!(node.operator, operator(1));
        assert_eq!(node.state, NodeState::Active);
        assert_eq!((node.used_leaves, node.capacity_leaves), (0, MIN_CAPACITY));
        assert_eq!(StorageNodes::node_of(&draft.account_id()), Some(NodeId(0)));
        assert_eq!(
            crate::NodeByPeerKey::<Test>::get(node.peer_key),
            Some(NodeId(0))
        );
        assert_eq!(
            events(),
            [Event::NodeRegistered {
                node: NodeId(0),
                operator: operator(1),
                account: draft.account_id(),
            }]
        );
    });
}

#[test]
fn registration_tells_the_windows() {
    run(|| {
        register_all(2, MIN_CAPACITY);
        assert_eq!(Told::get(), [NodeId(0), NodeId(1)]);
    });
}

#[test]
fn the_bond_is_held_and_grows_with_capacity() {
    run(|| {
        let mut draft = draft(1);
        draft.capacity_leaves = u64::try_from(LEAVES_PER_GIB * 7).unwrap();
        assert_ok!(draft.submit());
        assert_eq!(held(1), MIN_BOND + 7 * BOND_PER_GIB);
    });
}

#[test]
fn the_bond_of_a_started_gib_is_rounded_up() {
    run(|| {
        // 1/1024 GiB at 100 plancks a GiB.
        assert_eq!(StorageNodes::bond_for(MIN_CAPACITY), MIN_BOND + 1);
    });
}

#[test]
fn the_bonds_of_one_operators_nodes_add_up() {
    run(|| {
        assert_ok!(draft(1).submit());
        let mut second = draft(2);
        second.operator = operator(1);
        assert_ok!(second.submit());
        assert_eq!(held(1), 2 * (MIN_BOND + 1));
    });
}

#[test]
fn an_operator_without_the_bond_is_refused() {
    run(|| {
        let mut poor = draft(1);
        poor.operator = operator(OPERATORS);
        assert_noop!(poor.submit(), TokenError::FundsUnavailable);
    });
}

#[test]
fn an_unsigned_registration_is_refused() {
    run(|| {
        assert_noop!(
            StorageNodes::set_capacity(RuntimeOrigin::none(), NodeId(0), MIN_CAPACITY),
            DispatchError::BadOrigin
        );
        assert_noop!(
            StorageNodes::register(
                RuntimeOrigin::root(),
                draft(1).account_id(),
                [0; 32],
                neurostore_primitives::NodeClass::Light,
                CountryCode(*b"DE"),
                MIN_CAPACITY,
                [0; 64],
                [0; 64],
            ),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_malformed_country_is_refused() {
    run(|| {
        let mut draft = draft(1);
        draft.country = CountryCode(*b"de");
        assert_noop!(draft.submit(), Error::<Test>::CountryMalformed);
    });
}

#[test]
fn a_capacity_out_of_bounds_is_refused() {
    run(|| {
        let mut draft = draft(1);
        draft.capacity_leaves = MIN_CAPACITY - 1;
        assert_noop!(draft.submit(), Error::<Test>::CapacityTooSmall);
        draft.capacity_leaves = MAX_CAPACITY + 1;
        assert_noop!(draft.submit(), Error::<Test>::CapacityTooLarge);
    });
}

#[test]
fn an_account_signs_for_one_node_only() {
    run(|| {
        assert_ok!(draft(1).submit());
        let mut second = draft(2);
        second.account = draft(1).account;
        assert_noop!(second.submit(), Error::<Test>::AccountTaken);
    });
}

#[test]
fn a_peer_key_belongs_to_one_node_only() {
    run(|| {
        assert_ok!(draft(1).submit());
        let mut second = draft(2);
        second.peer = draft(1).peer;
        assert_noop!(second.submit(), Error::<Test>::PeerKeyTaken);
    });
}

#[test]
fn a_full_registry_takes_no_more_nodes() {
    run(|| {
        MaxNodes::set(2);
        register_all(2, MIN_CAPACITY);
        assert_noop!(draft(3).submit(), Error::<Test>::TooManyNodes);
    });
}

#[test]
fn a_node_that_the_windows_refuse_leaves_nothing_behind() {
    run(|| {
        WindowsAreFull::set(true);
        assert_noop!(
            // As dispatch does it: what an error leaves undone is rolled back.
            with_storage_layer(|| draft(1).submit()),
            Error::<Test>::NoWindowFree
        );
        assert_eq!(held(1), 0);
    });
}
