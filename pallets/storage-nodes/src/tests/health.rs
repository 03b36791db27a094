//! What missed and proven windows do.

use neurostore_primitives::{NodeHealth, NodeId, NodeState};

use crate::{mock::*, Event};

const NODE: NodeId = NodeId(0);

fn state() -> NodeState {
    StorageNodes::node(NODE).unwrap().state
}

#[test]
fn missed_windows_are_counted_until_one_is_proven() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        events();
        StorageNodes::missed(NODE);
        StorageNodes::missed(NODE);
        assert_eq!(state(), NodeState::Suspect { missed_in_a_row: 2 });
        StorageNodes::proven(NODE);
        assert_eq!(state(), NodeState::Active);
        StorageNodes::missed(NODE);
        assert_eq!(state(), NodeState::Suspect { missed_in_a_row: 1 });
        assert_eq!(
            events(),
            [
                Event::NodeSuspected {
                    node: NODE,
                    missed_in_a_row: 1
                },
                Event::NodeSuspected {
                    node: NODE,
                    missed_in_a_row: 2
                },
                Event::NodeRecovered { node: NODE },
                Event::NodeSuspected {
                    node: NODE,
                    missed_in_a_row: 1
                },
            ]
        );
    });
}

#[test]
fn a_proof_of_an_active_node_changes_nothing() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        events();
        StorageNodes::proven(NODE);
        assert_eq!(state(), NodeState::Active);
        assert_eq!(events(), []);
    });
}

#[test]
fn health_leaves_other_nodes_alone() {
    run(|| {
        register_all(3, MIN_CAPACITY);
        StorageNodes::missed(NodeId(1));
        assert_eq!(StorageNodes::weight_of(NodeId(0)), MIN_CAPACITY);
        assert_eq!(StorageNodes::weight_of(NodeId(2)), MIN_CAPACITY);
    });
}
