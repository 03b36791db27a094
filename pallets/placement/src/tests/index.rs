//! The index of a node's shards.

use frame_support::assert_ok;
use neurostore_primitives::{Holdings, NodeId};

use crate::{mock::*, *};

#[test]
fn a_node_holds_what_it_signed_for() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        let segment = stored(alice(), class(2), 2, 1);
        for (index, record) in (0..).zip(Segments::<Test>::get(segment).unwrap().slots) {
            let held = Placement::shard_at(record.node, class(2), 0).unwrap();
            assert_eq!((held.segment, held.slot), (segment, slot(index)));
            assert_eq!(held.root, roots(1)[usize::from(index)]);
            assert_eq!(Placement::counts(record.node).of(class(2)), 1);
        }
    });
}

#[test]
fn a_gap_is_filled_by_the_last_shard() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        // Fifteen nodes: each holds one shard of every segment.
        let segments: Vec<_> = (1..=3).map(|c| stored(alice(), class(1), 5, c)).collect();
        let origin = RuntimeOrigin::signed(alice());
        assert_ok!(Placement::drop_agreement(origin, segments[0]));
        for node in (0..15).map(NodeId) {
            let at = |position| Placement::shard_at(node, class(1), position);
            assert_eq!(at(0).unwrap().segment, segments[2]);
            assert_eq!(at(1).unwrap().segment, segments[1]);
            assert_eq!(at(2), None);
        }
        check_everything();
    });
}

#[test]
fn classes_are_counted_apart() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        stored(alice(), class(1), 2, 1);
        stored(alice(), class(3), 2, 2);
        let counts = Placement::counts(NodeId(0));
        assert_eq!((counts.of(class(1)), counts.of(class(3))), (1, 1));
        assert_eq!(counts.total_leaves(), 2 + 8);
    });
}

#[test]
fn a_node_without_shards_leaves_no_trace() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        let segment = stored(alice(), class(1), 2, 1);
        let origin = RuntimeOrigin::signed(alice());
        assert_ok!(Placement::drop_agreement(origin, segment));
        assert_eq!(Counts::<Test>::iter().count(), 0);
        assert_eq!(Index::<Test>::iter().count(), 0);
    });
}
