//! From receipts to an active segment.

use frame_support::{assert_noop, assert_ok};
use neurostore_primitives::{NodeId, ReservationId, ShardRoot};

use crate::{mock::*, *};

#[test]
fn fifteen_receipts_activate_a_segment() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 3);
        assert_ok!(commit(alice(), id, 7));
        let segment = segment_of(class(2), 7);
        let record = Segments::<Test>::get(segment).unwrap();
        assert_eq!((record.class, record.created_at), (class(2), 3));
        assert_eq!(record.roots, roots(7));
        assert_eq!(Reservations::<Test>::get(id), None);
        System::assert_last_event(
            Event::SegmentActivated {
                segment,
                reservation: id,
                owner: alice(),
                paid_until: 33,
            }
            .into(),
        );
    });
}

#[test]
fn the_rent_moves_into_the_pot_and_the_nodes_begin_to_earn() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 3);
        let nodes = nodes_of(id);
        assert_ok!(commit(alice(), id, 7));
        assert_eq!(Balances::free_balance(POT), FLOAT + 4 * 15 * 3);
        assert_eq!(Balances::free_balance(HELD), FLOAT);
        assert!(nodes.iter().all(|node| Rates::get()[node] == 4));
    });
}

#[test]
fn the_room_taken_by_the_draw_stays_taken() {
    ExtBuilder::default().build_and_execute(|| {
        stored(alice(), class(2), 3, 7);
        assert_eq!(total_used(), 60);
    });
}

#[test]
fn an_unknown_reservation_cannot_be_committed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let signed = receipts(id, 1);
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), ReservationId(9), signed),
            Error::<Test>::UnknownReservation
        );
    });
}

#[test]
fn only_its_owner_commits_a_reservation() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        assert_noop!(commit(bob(), id, 1), Error::<Test>::NotOwner);
    });
}

#[test]
fn a_reservation_is_not_committed_before_its_draw() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(0), 2);
        assert_noop!(commit(alice(), id, 1), Error::<Test>::NotDrawn);
    });
}

#[test]
fn fourteen_receipts_are_too_few_and_sixteen_too_many() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let mut signed = receipts(id, 1);
        signed.try_push(signed[14]).unwrap();
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), id, signed.clone()),
            Error::<Test>::ReceiptCount
        );
        signed.truncate(14);
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), id, signed),
            Error::<Test>::ReceiptCount
        );
    });
}

#[test]
fn a_root_that_is_no_field_element_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let mut signed = receipts(id, 1);
        let root = ShardRoot([0xff; 32]);
        signed[6] = receipt(nodes_of(id)[6], id, slot(6), class(0), root);
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), id, signed),
            Error::<Test>::RootNotCanonical(6)
        );
    });
}

#[test]
fn a_segment_is_stored_once() {
    ExtBuilder::default().build_and_execute(|| {
        stored(alice(), class(0), 2, 1);
        let id = drawn(bob(), class(0), 2);
        assert_noop!(commit(bob(), id, 1), Error::<Test>::SegmentExists);
    });
}

#[test]
fn fifteen_equal_shards_are_a_segment_too() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let root = roots(1)[0];
        let mut signed = receipts(id, 1);
        for (index, node) in (0..).zip(nodes_of(id)) {
            signed[usize::from(index)] = receipt(node, id, slot(index), class(0), root);
        }
        assert_ok!(Placement::commit(
            RuntimeOrigin::signed(alice()),
            id,
            signed
        ));
    });
}

#[test]
fn a_commit_is_refused_where_too_many_agreements_end_with_it() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = (0..5).map(|_| reserve(alice(), class(0), 2)).collect();
        run_to(5);
        for (content, id) in (1..).zip(&ids[..4]) {
            assert_ok!(commit(alice(), *id, content));
        }
        assert_noop!(commit(alice(), ids[4], 5), Error::<Test>::EndingsFull);
        next_block();
        assert_ok!(commit(alice(), ids[4], 5));
    });
}

#[test]
fn a_node_that_vanished_signs_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let signed = receipts(id, 1);
        let all = Nodes::get();
        let last = nodes_of(id).iter().position(|node| *node == NodeId(19));
        Nodes::set(&all[..19].to_vec());
        if let Some(slot) = last {
            assert_noop!(
                Placement::commit(RuntimeOrigin::signed(alice()), id, signed),
                Error::<Test>::BadReceipt(slot as u8)
            );
        }
        Nodes::set(&all);
    });
}
