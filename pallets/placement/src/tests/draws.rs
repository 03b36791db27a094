//! When nodes are drawn, and what happens when too few are there.

use frame_support::{assert_noop, assert_ok};
use neurostore_primitives::{DrawError, NodeClass, NodeId, ReservationId};

use crate::{mock::*, *};

#[test]
fn nodes_are_drawn_at_the_end_of_the_block_after_the_call() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(1), 2);
        next_block();
        assert!(
            nodes_of(id).is_empty(),
            "the call's own block draws nothing"
        );
        next_block();
        assert_eq!(nodes_of(id).len(), 15);
        assert_eq!(total_used(), 30);
        System::assert_has_event(Event::Drawn { reservation: id }.into());
    });
}

#[test]
fn a_block_without_randomness_draws_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(1), 2);
        Silent::set(&true);
        run_to(5);
        assert!(nodes_of(id).is_empty());
        Silent::set(&false);
        next_block();
        assert_eq!(nodes_of(id).len(), 15);
    });
}

#[test]
fn a_block_draws_a_bounded_number_and_the_oldest_first() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = (0..5).map(|_| reserve(alice(), class(0), 2)).collect();
        run_to(3);
        let done: Vec<_> = ids.iter().map(|id| !nodes_of(*id).is_empty()).collect();
        assert_eq!(done, [true, true, true, false, false]);
        next_block();
        assert!(ids.iter().all(|id| !nodes_of(*id).is_empty()));
    });
}

#[test]
fn reservations_of_one_block_get_different_nodes() {
    ExtBuilder::default()
        .anchors(200, 64)
        .build_and_execute(|| {
            let first = reserve(alice(), class(0), 2);
            let second = reserve(alice(), class(0), 2);
            run_to(3);
            assert_ne!(nodes_of(first), nodes_of(second));
        });
}

#[test]
fn a_failed_draw_ends_the_reservation_and_names_the_rule() {
    ExtBuilder::default().anchors(14, 64).build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let id = reserve(alice(), class(0), 2);
        run_to(3);
        assert_eq!(Reservations::<Test>::get(id), None);
        assert_eq!(Balances::free_balance(alice()), free);
        System::assert_has_event(
            Event::DrawFailed {
                reservation: id,
                reason: DrawError::TooLittleCapacity { found: 14 },
            }
            .into(),
        );
        System::assert_last_event(
            Event::ReservationEnded {
                reservation: id,
                owner: alice(),
                reason: EndReason::DrawFailed,
            }
            .into(),
        );
    });
}

#[test]
fn a_redraw_replaces_the_node_of_one_slot() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 2);
        let before = nodes_of(id);
        assert_ok!(Placement::redraw(
            RuntimeOrigin::signed(alice()),
            id,
            slot(4)
        ));
        next_block();
        assert_eq!(nodes_of(id), before, "not in the call's own block");
        next_block();
        let after = nodes_of(id);
        for (index, (old, new)) in before.iter().zip(&after).enumerate() {
            assert_eq!(old != new, index == 4);
        }
        assert!(!before.contains(&after[4]));
        assert_eq!((used(before[4]), used(after[4])), (0, 4));
        System::assert_has_event(
            Event::SlotRedrawn {
                reservation: id,
                slot: slot(4),
                node: after[4],
            }
            .into(),
        );
    });
}

#[test]
fn a_redraw_that_finds_nobody_leaves_the_slot_as_it_is() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        let id = drawn(alice(), class(2), 2);
        let before = nodes_of(id);
        assert_ok!(Placement::redraw(
            RuntimeOrigin::signed(alice()),
            id,
            slot(0)
        ));
        run_to(6);
        assert_eq!(nodes_of(id), before);
        System::assert_has_event(
            Event::RedrawFailed {
                reservation: id,
                slot: slot(0),
                reason: DrawError::TooLittleCapacity { found: 0 },
            }
            .into(),
        );
        assert_ok!(commit(alice(), id, 1));
    });
}

#[test]
fn redraws_are_bounded() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        let redraw = |index| Placement::redraw(RuntimeOrigin::signed(alice()), id, slot(index));
        assert_ok!(redraw(0));
        assert_noop!(redraw(0), Error::<Test>::RedrawPending);
        assert_ok!(redraw(1));
        assert_noop!(redraw(2), Error::<Test>::NoRedrawLeft);
    });
}

#[test]
fn a_redraw_needs_the_owner_and_a_draw() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(0), 2);
        let redraw = |who, id| Placement::redraw(RuntimeOrigin::signed(who), id, slot(0));
        assert_noop!(redraw(alice(), id), Error::<Test>::NotDrawn);
        assert_noop!(redraw(bob(), id), Error::<Test>::NotOwner);
        assert_noop!(
            redraw(alice(), ReservationId(7)),
            Error::<Test>::UnknownReservation
        );
    });
}

#[test]
fn a_redraw_waits_for_room_in_the_queue() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(0), 2);
        for _ in 0..4 {
            reserve(alice(), class(0), 2);
            reserve(bob(), class(0), 2);
        }
        assert_noop!(
            Placement::redraw(RuntimeOrigin::signed(alice()), id, slot(0)),
            Error::<Test>::DrawQueueFull
        );
    });
}

#[test]
fn a_commit_before_its_redraw_keeps_the_nodes_that_signed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 2);
        assert_ok!(Placement::redraw(
            RuntimeOrigin::signed(alice()),
            id,
            slot(0)
        ));
        assert_ok!(commit(alice(), id, 1));
        let used_then = total_used();
        run_to(6);
        assert_eq!(total_used(), used_then);
    });
}

#[test]
fn at_most_five_slots_stand_on_light_nodes() {
    ExtBuilder::default().anchors(30, 64).build_and_execute(|| {
        let mut nodes = Nodes::get();
        for row in &mut nodes[12..] {
            row.class = NodeClass::Light;
        }
        Nodes::set(&nodes);
        let id = drawn(alice(), class(0), 2);
        let light = nodes_of(id)
            .iter()
            .filter(|node| **node >= NodeId(12))
            .count();
        assert!(light <= 5, "{light}");
    });
}
