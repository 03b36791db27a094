//! What ends by itself.

use crate::{mock::*, *};

#[test]
fn a_reservation_that_is_not_committed_lapses() {
    ExtBuilder::default().build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let id = drawn(alice(), class(2), 2);
        run_to(12);
        assert!(Reservations::<Test>::contains_key(id));
        run_to(13);
        assert!(!Reservations::<Test>::contains_key(id));
        super::assert_freed(id, EndReason::Lapsed, free);
    });
}

#[test]
fn a_full_block_of_lapses_spills_into_the_next() {
    ExtBuilder::default().build_and_execute(|| {
        for _ in 0..3 {
            reserve(alice(), class(0), 2);
        }
        run_to(13);
        assert_eq!(Reservations::<Test>::iter().count(), 1);
        run_to(14);
        assert_eq!(Reservations::<Test>::iter().count(), 0);
    });
}

#[test]
fn every_slot_earns_exactly_the_windows_that_were_paid() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(2), 4, 1);
        run_to(3 + 4 * WINDOW);
        assert!(!Segments::<Test>::contains_key(segment));
        assert_eq!(Balances::free_balance(EARNED), FLOAT + 4 * 15 * 4);
        assert_eq!(Balances::free_balance(POT), FLOAT);
    });
}

#[test]
fn the_end_of_the_last_agreement_removes_the_segment_and_returns_the_deposit() {
    ExtBuilder::default().build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let segment = stored(alice(), class(2), 2, 1);
        run_to(3 + 2 * WINDOW);
        assert_eq!(total_used(), 0);
        assert_eq!(Balances::free_balance(alice()), free - 4 * 15 * 2);
        assert!(Rates::get().values().all(|rate| *rate == 0));
        System::assert_last_event(Event::SegmentRemoved { segment }.into());
    });
}

#[test]
fn the_weight_of_a_block_counts_what_it_ends_and_draws() {
    ExtBuilder::default().build_and_execute(|| {
        let idle = Placement::begin_block(1);
        reserve(alice(), class(0), 2);
        let one_draw = Placement::begin_block(1);
        assert_eq!(one_draw, idle + <() as WeightInfo>::draw());
    });
}
