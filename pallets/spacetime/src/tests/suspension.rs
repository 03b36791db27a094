//! A broken circuit is stopped at once, and nobody pays for that.

use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex};
use sp_runtime::DispatchError;

use super::{
    batch::{next_block, spoil, submit_all, with_proofs},
    proving::{proven, submit},
};
use crate::{mock::*, suspension::SETTLED_PER_OPENING, types::MOST_DEFERRED, *};

const NODE: NodeId = NodeId(0);

fn suspend() -> DispatchResult {
    Spacetime::suspend_circuit(RuntimeOrigin::root(), CIRCUIT)
}

fn resume() -> DispatchResult {
    Spacetime::resume_circuit(RuntimeOrigin::root(), CIRCUIT)
}

/// The window is neither proven nor missed, and nothing is held against its node.
fn assert_deferred(node: NodeId, window: WindowIndex) {
    System::assert_has_event(Event::WindowDeferred { node, window }.into());
    assert!(Deferred::<Test>::get(node).contains(&window));
    assert_eq!(Spacetime::outcome(node, window), None);
    for verdict in [
        Told::Proven(node, window, WINDOW),
        Told::Missed(node, window),
        Told::Sick(node),
        Told::Deceived(node),
    ] {
        assert!(!told().contains(&verdict), "{verdict:?}");
    }
    check_explanation(node, window, "its rent waits");
}

fn paid(node: NodeId) -> Vec<u32> {
    told()
        .into_iter()
        .filter_map(|told| match told {
            Told::Proven(of, window, _) if of == node => Some(window.0),
            _ => None,
        })
        .collect()
}

#[test]
fn only_governance_suspends_and_resumes() {
    ExtBuilder::default().build_and_execute(|| {
        let nobody = || RuntimeOrigin::signed(account_of(NODE));
        assert_noop!(
            Spacetime::suspend_circuit(nobody(), CIRCUIT),
            DispatchError::BadOrigin
        );
        assert_ok!(suspend());
        System::assert_last_event(Event::CircuitSuspended { circuit: CIRCUIT }.into());
        assert_noop!(
            Spacetime::resume_circuit(nobody(), CIRCUIT),
            DispatchError::BadOrigin
        );
        assert_ok!(resume());
        System::assert_last_event(Event::CircuitResumed { circuit: CIRCUIT }.into());
    });
}

#[test]
fn what_is_not_known_or_not_in_force_is_neither_suspended_nor_resumed() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Spacetime::suspend_circuit(RuntimeOrigin::root(), CircuitId(24)),
            Error::<Test>::UnknownCircuit
        );
        assert_noop!(resume(), Error::<Test>::CircuitNotSuspended);
        assert_ok!(suspend());
        assert_noop!(suspend(), Error::<Test>::CircuitSuspended);
        assert_ok!(resume());
        assert_noop!(resume(), Error::<Test>::CircuitNotSuspended);
        assert_ok!(suspend());
    });
}

#[test]
fn a_suspended_circuit_does_not_become_active() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(suspend());
        assert_noop!(
            Spacetime::set_active_circuit(RuntimeOrigin::root(), CIRCUIT),
            Error::<Test>::CircuitSuspended
        );
    });
}

#[test]
fn no_challenge_is_opened_while_its_circuit_is_suspended() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        assert_ok!(suspend());
        let window = open(NODE);
        assert!(!Challenges::<Test>::contains_key(NODE));
        assert!(told().contains(&Told::Opened(NODE, window)));
        assert_deferred(NODE, window);
    });
}

#[test]
fn an_open_challenge_of_a_suspended_circuit_takes_no_answer_and_is_not_missed() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let (window, proof) = proven(NODE);
        assert_ok!(suspend());
        assert_noop!(submit(NODE, window, proof), Error::<Test>::CircuitSuspended);
        assert!(!Spacetime::next_challenge(NODE).unwrap().open);
        check_explanation(NODE, window, "cannot be proven at present");
        run_to(System::block_number() + ANSWER);
        assert_deferred(NODE, window);
    });
}

#[test]
fn a_challenge_that_was_interrupted_can_be_answered_when_the_circuit_is_resumed() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let (window, proof) = proven(NODE);
        assert_ok!(suspend());
        next_block();
        assert_ok!(resume());
        assert_ok!(submit(NODE, window, proof));
        next_block();
        assert_eq!(paid(NODE), [window.0]);
        assert!(Deferred::<Test>::get(NODE).is_empty());
    });
}

#[test]
fn a_challenge_that_was_interrupted_is_not_missed_where_no_answer_comes() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        assert_ok!(suspend());
        next_block();
        assert_ok!(resume());
        run_to(System::block_number() + ANSWER);
        assert_deferred(NODE, window);
    });
}

#[test]
fn a_challenge_that_opens_after_the_suspension_is_missed_as_ever() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        assert_ok!(suspend());
        run_to(opening(NODE));
        // In the block at whose end the window opens.
        assert_ok!(resume());
        let window = open(NODE);
        run_to(System::block_number() + ANSWER);
        assert!(told().contains(&Told::Missed(NODE, window)));
        assert!(told().contains(&Told::Sick(NODE)));
    });
}

#[test]
fn proofs_that_are_still_to_be_checked_get_no_verdict() {
    for is_queued in [false, true] {
        with_proofs(1, |mut proofs| {
            if is_queued {
                spoil(&mut proofs);
            }
            submit_all(&proofs);
            if is_queued {
                end_block();
                assert_eq!(Spacetime::queued(), 2);
            }
            assert_ok!(suspend());
            if !is_queued {
                end_block();
            }
            begin_block();
            assert_eq!(Spacetime::queued(), 0);
            for (node, window, _) in &proofs {
                assert_deferred(*node, *window);
            }
        });
    }
}

#[test]
fn the_rent_of_deferred_windows_is_paid_once_a_later_one_is_proven() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        assert_ok!(suspend());
        let first = open(NODE);
        let second = open(NODE);
        assert_ok!(resume());

        let missed = open(NODE);
        open(NODE);
        assert!(told().contains(&Told::Missed(NODE, missed)));
        assert_eq!(Deferred::<Test>::get(NODE).into_inner(), [first, second]);

        let (later, proof) = proven(NODE);
        assert_ok!(submit(NODE, later, proof));
        assert_eq!(paid(NODE), [] as [u32; 0]);
        open(NODE);
        assert_eq!(paid(NODE), [later.0, first.0, second.0]);
        assert!(!Deferred::<Test>::contains_key(NODE));
    });
}

#[test]
fn one_opening_pays_few_deferred_windows_and_the_next_ones_the_rest() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        assert_ok!(suspend());
        let settled = SETTLED_PER_OPENING;
        for _ in 0..=settled {
            open(NODE);
        }
        assert_ok!(resume());
        let (window, proof) = proven(NODE);
        assert_ok!(submit(NODE, window, proof));
        open(NODE);
        assert_eq!(Deferred::<Test>::get(NODE).len(), 1);
        let (window, proof) = proven(NODE);
        assert_ok!(submit(NODE, window, proof));
        open(NODE);
        assert_eq!(paid(NODE).len(), settled + 3);
    });
}

#[test]
fn a_suspension_without_an_end_gives_up_the_oldest_windows() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        assert_ok!(suspend());
        let first = open(NODE);
        run_to((first.0 + MOST_DEFERRED + 1) * WINDOW);
        assert_eq!(Deferred::<Test>::get(NODE).len() as u32, MOST_DEFERRED);
        assert!(told().contains(&Told::Missed(NODE, first)));
        assert!(!told().contains(&Told::Sick(NODE)));
        assert!(!Deferred::<Test>::get(NODE).contains(&first));
    });
}

#[test]
fn the_invariants_find_a_window_that_is_open_and_deferred() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        assert!(Deferred::<Test>::mutate(NODE, |windows| windows.try_push(window)).is_ok());
        assert!(Spacetime::do_try_state().is_err());
        Deferred::<Test>::remove(NODE);
        let nobodys = Suspension {
            since: 5,
            lifted_at: Some(4),
        };
        Suspensions::<Test>::insert(CIRCUIT, nobodys);
        assert!(Spacetime::do_try_state().is_err());
        Suspensions::<Test>::remove(CIRCUIT);
    });
}
