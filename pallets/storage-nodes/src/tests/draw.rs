//! Draws over the registered nodes, and the room they take.

use frame_support::assert_ok;
use neurostore_primitives::{DrawError, NodeClass, NodeHealth, NodeId, NodeRoom, ShardClass};

use crate::mock::*;

fn class(c: u8) -> ShardClass {
    ShardClass::new(c).unwrap()
}

fn used(id: u32) -> u64 {
    StorageNodes::node(NodeId(id)).unwrap().used_leaves
}

#[test]
fn a_draw_takes_room_for_one_shard_on_each_drawn_node() {
    run(|| {
        register_all(40, MIN_CAPACITY);
        let drawn = StorageNodes::draw_and_allocate(&[1; 32], class(4), &[], 15).unwrap();
        assert_eq!(drawn.len(), 15);
        for id in 0..40 {
            let expected = if drawn.contains(&NodeId(id)) { 16 } else { 0 };
            assert_eq!(used(id), expected);
        }
    });
}

#[test]
fn a_failed_draw_takes_no_room() {
    run(|| {
        register_all(14, MIN_CAPACITY);
        assert_eq!(
            StorageNodes::draw_and_allocate(&[1; 32], class(4), &[], 15),
            Err(DrawError::TooLittleCapacity { found: 14 })
        );
        assert!((0..14).all(|id| used(id) == 0));
    });
}

#[test]
fn draws_go_on_until_the_room_is_gone() {
    run(|| {
        register_all(15, MIN_CAPACITY);
        // Each node has room for exactly four shards of 256 leaves.
        for round in 0..4 {
            assert_ok!(StorageNodes::draw_and_allocate(
                &[round; 32],
                class(8),
                &[],
                15
            ));
        }
        assert_eq!(
            StorageNodes::draw_and_allocate(&[9; 32], class(0), &[], 1),
            Err(DrawError::TooLittleCapacity { found: 0 })
        );
        StorageNodes::release(NodeId(6), 256);
        assert_eq!(
            StorageNodes::draw_and_allocate(&[9; 32], class(8), &[], 1),
            Ok(vec![NodeId(6)])
        );
    });
}

#[test]
fn released_room_is_free_again() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        StorageNodes::draw_and_allocate(&[1; 32], class(4), &[], 1).unwrap();
        StorageNodes::release(NodeId(0), 16);
        assert_eq!(used(0), 0);
        assert_eq!(StorageNodes::weight_of(NodeId(0)), MIN_CAPACITY);
    });
}

#[test]
fn two_nodes_of_one_operator_never_share_a_segment() {
    run(|| {
        register_all(15, MIN_CAPACITY);
        let mut second = draft(50);
        second.operator = operator(3);
        assert_ok!(second.submit());
        for round in 0..20 {
            let drawn = StorageNodes::draw_and_allocate(&[round; 32], class(0), &[], 15).unwrap();
            let of_operator_three = [NodeId(3), NodeId(15)];
            assert_eq!(
                drawn
                    .iter()
                    .filter(|node| of_operator_three.contains(node))
                    .count(),
                1
            );
        }
    });
}

#[test]
fn a_redraw_avoids_the_nodes_of_the_other_slots() {
    run(|| {
        register_all(16, MIN_CAPACITY);
        let taken: Vec<_> = (0..15).map(NodeId).collect();
        assert_eq!(
            StorageNodes::draw_and_allocate(&[1; 32], class(0), &taken, 1),
            Ok(vec![NodeId(15)])
        );
    });
}

#[test]
fn light_nodes_alone_do_not_carry_a_segment() {
    run(|| {
        for n in 0..20 {
            let mut light = draft(n);
            light.class = NodeClass::Light;
            assert_ok!(light.submit());
        }
        assert_eq!(
            StorageNodes::draw_and_allocate(&[1; 32], class(0), &[], 15),
            Err(DrawError::TooFewAnchors { found: 5 })
        );
    });
}

#[test]
fn a_suspected_node_is_not_drawn_until_it_proves() {
    run(|| {
        register_all(15, MIN_CAPACITY);
        StorageNodes::missed(NodeId(7));
        assert_eq!(
            StorageNodes::draw_and_allocate(&[1; 32], class(0), &[], 15),
            Err(DrawError::TooLittleCapacity { found: 14 })
        );
        StorageNodes::proven(NodeId(7));
        assert_ok!(StorageNodes::draw_and_allocate(&[1; 32], class(0), &[], 15));
    });
}

#[test]
fn room_released_on_a_suspected_node_waits_for_its_proof() {
    run(|| {
        register_all(1, MIN_CAPACITY);
        StorageNodes::draw_and_allocate(&[1; 32], class(4), &[], 1).unwrap();
        StorageNodes::missed(NodeId(0));
        StorageNodes::release(NodeId(0), 16);
        assert_eq!(StorageNodes::weight_of(NodeId(0)), 0);
        StorageNodes::proven(NodeId(0));
        assert_eq!(StorageNodes::weight_of(NodeId(0)), MIN_CAPACITY);
    });
}
