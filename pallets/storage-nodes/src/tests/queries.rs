//! What runtime APIs answer.

use neurostore_primitives::{NodeId, NodeRegistry};

use crate::{mock::*, runtime_api::MAX_NODES_PER_PAGE};

fn ids(from: u32, limit: u32) -> Vec<u32> {
    StorageNodes::nodes(NodeId(from), limit)
        .into_iter()
        .map(|node| node.id.0)
        .collect()
}

#[test]
fn nodes_are_listed_by_number_from_where_the_caller_says() {
    run(|| {
        register_all(10, MIN_CAPACITY);
        assert_eq!(ids(0, 3), [0, 1, 2]);
        assert_eq!(ids(8, 3), [8, 9]);
        assert!(ids(10, 3).is_empty());
        assert!(ids(u32::MAX, u32::MAX).is_empty());
        assert!(ids(0, 0).is_empty());
    });
}

#[test]
fn a_page_of_nodes_is_bounded_whatever_is_asked_for() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        let node = crate::Nodes::<Test>::get(NodeId(0)).unwrap();
        let count = MAX_NODES_PER_PAGE + 1;
        for id in 1..count {
            crate::Nodes::<Test>::insert(NodeId(id), node.clone());
        }
        crate::NextNodeId::<Test>::put(NodeId(count));
        assert_eq!(ids(0, u32::MAX).len(), 256);

        // Leaves the state as the invariants want it.
        for id in 1..count {
            crate::Nodes::<Test>::remove(NodeId(id));
        }
        crate::NextNodeId::<Test>::put(NodeId(1));
    });
}

#[test]
fn nobody_is_known_before_registration() {
    run(|| {
        assert_eq!(StorageNodes::node(NodeId(0)), None);
        assert_eq!(StorageNodes::node_of(&draft(1).account_id()), None);
        assert_eq!(<StorageNodes as NodeRegistry>::info(NodeId(0)), None);
    });
}
