//! What becomes of the rent of a window.

use neurostore_primitives::{NodeId, RentLedger, WindowIndex, WindowLedger};

use crate::{mock::*, Event, NodeEarnings, OpenWindows, RepairFund, UnspentRent};

const WINDOW: WindowIndex = WindowIndex(3);

#[test]
fn an_opening_window_claims_the_nodes_rate() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WINDOW);
        assert_eq!(OpenWindows::<Test>::get(NODE, WINDOW), Some(100));
        assert_eq!(UnspentRent::<Test>::get(), 900);
    });
}

#[test]
fn slots_that_begin_or_end_later_do_not_change_an_open_window() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WINDOW);
        Payments::slot_begins(NODE, 50);
        Payments::slot_ends(NODE, 100);
        assert_eq!(OpenWindows::<Test>::get(NODE, WINDOW), Some(100));
    });
}

#[test]
fn a_proven_window_is_credited_and_streams() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WINDOW);
        Payments::proven(NODE, WINDOW, 20);
        let earnings = Payments::earnings(NODE);
        assert_eq!((earnings.withdrawable, earnings.streaming), (0, 100));
        assert_eq!(earnings.credited_total, 100);
        assert_eq!(
            events(),
            [Event::Credited {
                node: NODE,
                window: WINDOW,
                amount: 100
            }]
        );
        System::set_block_number(11);
        let earnings = Payments::earnings(NODE);
        assert_eq!((earnings.withdrawable, earnings.streaming), (50, 50));
    });
}

#[test]
fn a_missed_window_pays_for_repair() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WINDOW);
        Payments::missed(NODE, WINDOW);
        assert_eq!(RepairFund::<Test>::get(), 100);
        assert_eq!(Payments::earnings(NODE).credited_total, 0);
        assert_eq!(
            events(),
            [Event::WindowForfeited {
                node: NODE,
                window: WINDOW,
                amount: 100
            }]
        );
    });
}

#[test]
fn a_window_ends_once() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WINDOW);
        Payments::proven(NODE, WINDOW, 20);
        Payments::proven(NODE, WINDOW, 20);
        Payments::missed(NODE, WINDOW);
        assert_eq!(Payments::earnings(NODE).credited_total, 100);
        assert_eq!(RepairFund::<Test>::get(), 0);
    });
}

#[test]
fn a_node_without_shards_earns_nothing_and_leaves_no_trace() {
    run(|| {
        prove(NODE, 1, 20);
        Payments::opened(NODE, WINDOW);
        Payments::missed(NODE, WINDOW);
        assert_eq!(events(), []);
        assert!(!NodeEarnings::<Test>::contains_key(NODE));
    });
}

#[test]
fn a_window_that_never_opened_is_worth_nothing() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::proven(NODE, WINDOW, 20);
        Payments::missed(NODE, WINDOW);
        assert_eq!(events(), []);
        assert_eq!(UnspentRent::<Test>::get(), 1_000);
    });
}

#[test]
fn the_windows_of_two_nodes_are_apart() {
    run(|| {
        rented(NODE, 100, 1_000);
        rented(NodeId(1), 30, 1_000);
        Payments::opened(NODE, WINDOW);
        Payments::opened(NodeId(1), WINDOW);
        Payments::missed(NODE, WINDOW);
        Payments::proven(NodeId(1), WINDOW, 0);
        assert_eq!(RepairFund::<Test>::get(), 100);
        assert_eq!(Payments::earnings(NodeId(1)).withdrawable, 30);
    });
}

#[test]
fn a_late_answer_does_not_mix_with_the_next_window() {
    run(|| {
        rented(NODE, 100, 1_000);
        Payments::opened(NODE, WindowIndex(1));
        Payments::slot_begins(NODE, 1);
        Payments::opened(NODE, WindowIndex(2));
        Payments::proven(NODE, WindowIndex(1), 0);
        assert_eq!(Payments::earnings(NODE).withdrawable, 100);
        assert_eq!(OpenWindows::<Test>::get(NODE, WindowIndex(2)), Some(101));
    });
}

/// Without debug assertions only: with them the defensive check stops the test, as it should.
#[cfg(not(debug_assertions))]
mod without_debug_assertions {
    use super::*;

    #[test]
    fn no_window_promises_more_than_the_pot_has() {
        run(|| {
            rented(NODE, 100, 60);
            Payments::opened(NODE, WINDOW);
            assert_eq!(OpenWindows::<Test>::get(NODE, WINDOW), Some(60));
            assert_eq!(UnspentRent::<Test>::get(), 0);
        });
    }

    #[test]
    fn a_window_that_opens_twice_claims_once() {
        run(|| {
            rented(NODE, 100, 1_000);
            Payments::opened(NODE, WINDOW);
            Payments::opened(NODE, WINDOW);
            assert_eq!(UnspentRent::<Test>::get(), 900);
        });
    }
}
