//! The tree of weights against a plain list.

use std::collections::BTreeMap;

use neurostore_primitives::{CountryCode, EligibleSet, NodeClass, NodeId, NodeState};
use proptest::prelude::*;

use crate::{
    eligible::Eligible,
    mock::{operator, run, StorageNodes, Test},
    Node, NodeIdentity, Nodes, TreeLevels, TreePages, MAX_TREE_NODES,
};

/// Gives `node` a weight, and a record so that the set finds it.
fn set(node: u32, weight: u64) {
    Nodes::<Test>::insert(
        NodeId(node),
        Node {
            identity: NodeIdentity {
                operator: operator(0),
                account: operator(0),
                peer_key: [0; 32],
                class: NodeClass::Anchor,
                country: CountryCode(*b"DE"),
            },
            capacity_leaves: weight,
            used_leaves: 0,
            bond: 0,
            state: NodeState::Active,
        },
    );
    StorageNodes::set_weight(NodeId(node), weight);
}

/// Runs `test` on an empty tree and leaves an empty registry behind.
fn on_empty_tree(test: impl FnOnce()) {
    run(|| {
        test();
        assert_eq!(StorageNodes::wrong_sum(), None);
        let _ = Nodes::<Test>::clear(u32::MAX, None);
        let _ = TreePages::<Test>::clear(u32::MAX, None);
        TreeLevels::<Test>::kill();
    });
}

/// Where a point of the row falls: the node, and where its stretch begins.
fn at(point: u64) -> Option<(u32, u64, u64)> {
    let (start, candidate) = Eligible::<Test>::now().at(point)?;
    Some((candidate.node.0, start, candidate.free_leaves))
}

/// What [`at`] must say, from a plain list.
fn at_in_list(list: &BTreeMap<u32, u64>, point: u64) -> Option<(u32, u64, u64)> {
    let mut start = 0;
    for (node, weight) in list {
        if point < start + weight {
            return Some((*node, start, *weight));
        }
        start += weight;
    }
    None
}

#[test]
fn an_empty_tree_has_no_points() {
    on_empty_tree(|| {
        assert_eq!(Eligible::<Test>::now().total_free_leaves(), 0);
        assert_eq!(at(0), None);
    });
}

#[test]
fn the_tree_grows_level_by_level_and_keeps_what_it_has() {
    on_empty_tree(|| {
        for (node, levels) in [(0, 1), (31, 1), (32, 2), (1_024, 3), (32_768, 4)] {
            set(node, 10);
            assert_eq!(TreeLevels::<Test>::get(), levels);
        }
        assert_eq!(Eligible::<Test>::now().total_free_leaves(), 50);
        assert_eq!(at(9), Some((0, 0, 10)));
        assert_eq!(at(10), Some((31, 10, 10)));
        assert_eq!(at(49), Some((32_768, 40, 10)));
        assert_eq!(at(50), None);
    });
}

#[test]
fn the_last_place_of_the_tree_is_usable() {
    on_empty_tree(|| {
        set(MAX_TREE_NODES - 1, 7);
        assert_eq!(at(6), Some((MAX_TREE_NODES - 1, 0, 7)));
        assert_eq!(at(7), None);
    });
}

#[test]
fn a_change_touches_one_page_for_each_level() {
    on_empty_tree(|| {
        set(40_000, 1);
        set(0, 1);
        // Levels 0 to 2 are split between the two, and level 3 is the root.
        assert_eq!(TreePages::<Test>::iter().count(), 7);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_point_of_the_row_falls_where_a_plain_list_says(
        changes in proptest::collection::vec(
            (prop_oneof![0u32..100, 0u32..5_000, 0u32..MAX_TREE_NODES], 0u64..1_000),
            0..120,
        ),
        points in proptest::collection::vec(0u64..70_000, 60),
    ) {
        let mut failure = None;
        on_empty_tree(|| {
            let mut list = BTreeMap::new();
            for (node, weight) in &changes {
                set(*node, *weight);
                list.insert(*node, *weight);
            }
            let total: u64 = list.values().sum();
            if Eligible::<Test>::now().total_free_leaves() != total {
                failure = Some("total".to_owned());
            }
            for point in points.iter().copied().chain([0, total.saturating_sub(1), total]) {
                if at(point) != at_in_list(&list, point) {
                    failure = Some(format!("point {point}"));
                }
            }
        });
        prop_assert_eq!(failure, None);
    }
}
