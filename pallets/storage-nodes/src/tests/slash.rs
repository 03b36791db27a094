//! What costs bond, and what becomes of a node whose bond is not whole.

use frame_support::{assert_ok, traits::fungible::Inspect};
use neurostore_primitives::{NodeHealth, NodeId, NodeRoom, NodeState, ShardClass};

use crate::{mock::*, Balance, Event};

const NODE: NodeId = NodeId(0);

fn bond() -> Balance {
    StorageNodes::node(NODE).unwrap().bond
}

fn full_bond() -> Balance {
    StorageNodes::bond_for(MIN_CAPACITY)
}

/// Only a node that holds something is asked to prove.
fn hold_shard() {
    StorageNodes::draw_and_allocate(&[1; 32], ShardClass::default(), &[], 1).unwrap();
}

fn fill_up() {
    assert_ok!(StorageNodes::set_capacity(
        RuntimeOrigin::signed(operator(0)),
        NODE,
        MIN_CAPACITY
    ));
}

#[test]
fn an_invalid_proof_that_was_taken_on_trust_costs_bond() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        events();
        let issued = <Balances as Inspect<_>>::total_issuance();
        StorageNodes::deceived(NODE);
        assert_eq!(bond(), full_bond() - INVALID_PROOF_SLASH);
        assert_eq!(
            issued - <Balances as Inspect<_>>::total_issuance(),
            INVALID_PROOF_SLASH
        );
        assert_eq!(
            events(),
            [Event::BondSlashed {
                node: NODE,
                amount: INVALID_PROOF_SLASH,
                bond: full_bond() - INVALID_PROOF_SLASH,
            }]
        );
    });
}

#[test]
fn a_node_loses_no_more_bond_than_it_has() {
    run(|| {
        register_all(2, MIN_CAPACITY);
        for _ in 0..4 {
            StorageNodes::deceived(NODE);
        }
        assert_eq!(bond(), 0);
        assert_eq!(StorageNodes::node(NodeId(1)).unwrap().bond, full_bond());
    });
}

#[test]
fn a_node_without_its_whole_bond_stays_suspected_however_well_it_proves() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        StorageNodes::deceived(NODE);
        StorageNodes::missed(NODE);
        StorageNodes::proven(NODE);
        let state = StorageNodes::node(NODE).unwrap().state;
        assert_eq!(state, NodeState::Suspect { missed_in_a_row: 0 });
        assert_eq!(StorageNodes::weight_of(NODE), 0);
        assert!(!StorageNodes::is_trusted(NODE));
    });
}

#[test]
fn filling_the_bond_up_lifts_a_suspicion_that_rests_on_nothing_else() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        hold_shard();
        StorageNodes::deceived(NODE);
        StorageNodes::missed(NODE);
        StorageNodes::proven(NODE);
        fill_up();
        assert_eq!(bond(), full_bond());
        assert!(StorageNodes::is_trusted(NODE));
    });
}

#[test]
fn filling_the_bond_up_does_not_stand_for_a_proof() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        hold_shard();
        StorageNodes::deceived(NODE);
        StorageNodes::missed(NODE);
        fill_up();
        assert!(!StorageNodes::is_trusted(NODE));
        StorageNodes::proven(NODE);
        assert!(StorageNodes::is_trusted(NODE));
    });
}

#[test]
fn a_node_is_trusted_until_it_misses_a_window() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        assert!(StorageNodes::is_trusted(NODE));
        StorageNodes::missed(NODE);
        assert!(!StorageNodes::is_trusted(NODE));
        StorageNodes::proven(NODE);
        assert!(StorageNodes::is_trusted(NODE));
        assert!(!StorageNodes::is_trusted(NodeId(9)));
    });
}
