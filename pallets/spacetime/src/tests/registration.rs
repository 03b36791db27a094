//! A node's place in the window.

use neurostore_primitives::{NodeId, OnNodeRegistered, WindowClock};

use crate::{mock::*, *};

#[test]
fn every_node_gets_one_offset() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Offsets::<Test>::iter().count(), 3);
        assert!(Offsets::<Test>::iter_values().all(|offset| offset < WINDOW));
        assert!(Spacetime::on_node_registered(NodeId(0)).is_err());
    });
}

#[test]
fn windows_fill_up_to_the_last_place_and_no_further() {
    // Ten offsets with two places each.
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        assert!(Members::<Test>::iter_values().all(|nodes| nodes.len() == 2));
        assert_eq!(
            Spacetime::on_node_registered(NodeId(20)),
            Err("no window has room for another node")
        );
    });
}

#[test]
fn a_window_opens_once_in_every_window() {
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        for node in (0..20).map(NodeId) {
            for from in 0..25 {
                let openings = Spacetime::openings_between(node, from, from + 3 * WINDOW);
                assert_eq!(openings, 3);
            }
        }
    });
}

#[test]
fn openings_are_counted_block_by_block() {
    ExtBuilder::default().build_and_execute(|| {
        let node = NodeId(1);
        let offset = Offsets::<Test>::get(node).unwrap();
        for from in 0..25 {
            for until in 0..45 {
                let counted = (from..until).filter(|b| b % WINDOW == offset).count();
                let openings = Spacetime::openings_between(node, from, until);
                assert_eq!(openings as usize, counted, "{from}..{until}");
            }
        }
        assert_eq!(Spacetime::openings_between(NodeId(9), 0, 100), 0);
    });
}
