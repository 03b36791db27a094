//! Keys of which the chain can read neither the raw nor the prepared form, until they are set again.

use frame_support::{
    assert_noop, assert_ok, storage::with_storage_layer, traits::Hooks, BoundedVec,
};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex};
use neurostore_verifier::KeyOrigin;

use super::{
    batch::{next_block, with_proofs},
    proving::submit,
    unreadable::{assert_blameless, damage, junk},
};
use crate::{mock::*, *};

pub(super) const MEDIUM: CircuitId = CircuitId(24);

/// Neither raw nor prepared can the key be read.
pub(super) fn lose_the_key() {
    damage(junk);
    RawKeys::<Test>::remove(CIRCUIT);
}

pub(super) fn restore_the_key() {
    set(CIRCUIT);
}

pub(super) fn set_medium() {
    set(MEDIUM);
}

fn set(circuit: CircuitId) {
    let key = BoundedVec::try_from(development_key(circuit)).unwrap();
    let root = RuntimeOrigin::root();
    let origin = KeyOrigin::Development;
    assert_ok!(Spacetime::set_verifying_key(root, circuit, origin, key));
}

#[test]
fn windows_of_a_lost_key_are_excused_whether_they_were_answered_or_not() {
    with_proofs(1, |proofs| {
        let (answering, answered, proof) = proofs[0].clone();
        let (silent, unanswered, _) = proofs[1].clone();
        assert_ok!(submit(answering, answered, proof));
        lose_the_key();
        // Nobody had time without a key: the windows stay open to their end.
        run_to_without_checks(System::block_number() + WINDOW);
        System::assert_has_event(Event::VerifyingKeyLost { circuit: CIRCUIT }.into());
        for (node, window) in [(answering, answered), (silent, unanswered)] {
            System::assert_has_event(Event::WindowExcused { node, window }.into());
            assert_eq!(Spacetime::outcome(node, window), None);
            // The rent is where it goes if no challenge can be formed.
            assert!(told().contains(&Told::Missed(node, window)));
            assert!(!told().contains(&Told::Sick(node)));
            assert!(!told().contains(&Told::Deceived(node)));
        }
        restore_the_key();
    });
}

#[test]
fn nobody_is_challenged_under_a_key_that_is_lost() {
    ExtBuilder::default().build_and_execute(|| {
        let node = NodeId(0);
        give(node, 1);
        PreparedKeys::<Test>::remove(CIRCUIT);
        RawKeys::<Test>::remove(CIRCUIT);
        let opens_at = opening(node);
        run_to_without_checks(opens_at + 1);
        let window = WindowIndex(opens_at / WINDOW);
        System::assert_has_event(Event::ChallengeUnavailable { node, window }.into());
        assert_eq!(Challenges::<Test>::get(node), None);
        restore_the_key();
        open(node);
        assert!(Challenges::<Test>::contains_key(node));
    });
}

#[test]
fn a_circuit_whose_key_is_lost_does_not_become_active() {
    ExtBuilder::default().build_and_execute(|| {
        let activate = || Spacetime::set_active_circuit(RuntimeOrigin::root(), MEDIUM);
        set_medium();
        let prepared = PreparedKeys::<Test>::take(MEDIUM).unwrap();
        let raw = RawKeys::<Test>::take(MEDIUM).unwrap();
        assert_noop!(activate(), Error::<Test>::KeyLost);
        // It would be found lost by whoever needs it next.
        let mut damaged = prepared;
        junk(&mut damaged);
        PreparedKeys::<Test>::insert(MEDIUM, damaged);
        assert_noop!(activate(), Error::<Test>::KeyLost);
        // It can still be made of its raw one.
        RawKeys::<Test>::insert(MEDIUM, raw);
        assert_ok!(activate());
        next_block();
        next_block();
        assert!(PreparedKeys::<Test>::get(MEDIUM).unwrap().read().is_some());
    });
}

#[test]
fn a_lost_key_is_replaced_by_no_other() {
    ExtBuilder::default().build_and_execute(|| {
        lose_the_key();
        let other = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        let root = RuntimeOrigin::root();
        assert_noop!(
            Spacetime::set_verifying_key(root, CIRCUIT, KeyOrigin::Development, other),
            Error::<Test>::CircuitInUse
        );
        restore_the_key();
    });
}

#[test]
fn a_raw_key_that_is_damaged_is_set_again_while_the_prepared_one_is_whole() {
    ExtBuilder::default().build_and_execute(|| {
        let record = VerifyingKeys::<Test>::get(CIRCUIT);
        RawKeys::<Test>::remove(CIRCUIT);
        restore_the_key();
        let other = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        RawKeys::<Test>::insert(CIRCUIT, other);
        restore_the_key();
        assert_eq!(VerifyingKeys::<Test>::get(CIRCUIT), record);
        // Nothing is left that an upgrade could lose.
        Spacetime::on_runtime_upgrade();
        next_block();
        System::assert_has_event(Event::VerifyingKeyPrepared { circuit: CIRCUIT }.into());
    });
}

#[test]
fn a_raw_key_that_is_not_the_one_that_was_set_is_not_prepared() {
    ExtBuilder::default().build_and_execute(|| {
        let other = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        RawKeys::<Test>::insert(CIRCUIT, other);
        Spacetime::on_runtime_upgrade();
        run_to_without_checks(System::block_number() + 1);
        System::assert_has_event(Event::VerifyingKeyLost { circuit: CIRCUIT }.into());
        restore_the_key();
    });
}

/// A node with an open window, the window, and the block in which it opened.
fn with_an_open_window(test: impl FnOnce(NodeId, WindowIndex, u32)) {
    ExtBuilder::default().build_and_execute(|| {
        let node = NodeId(0);
        give(node, 1);
        let window = open(node);
        test(node, window, System::block_number() - 1);
    });
}

#[test]
fn a_lost_key_is_noticed_and_its_windows_are_excused_where_nobody_answers() {
    with_an_open_window(|node, window, opened_at| {
        lose_the_key();
        run_to_without_checks(opened_at + WINDOW);
        System::assert_has_event(Event::VerifyingKeyUnreadable { circuit: CIRCUIT }.into());
        System::assert_has_event(Event::VerifyingKeyLost { circuit: CIRCUIT }.into());
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        assert_eq!(Spacetime::outcome(node, window), None);
        assert!(!told().contains(&Told::Sick(node)));
        restore_the_key();
    });
}

#[test]
fn a_key_that_is_set_again_before_the_deadline_leaves_nodes_all_their_time() {
    with_an_open_window(|node, window, opened_at| {
        lose_the_key();
        run_to_without_checks(opened_at + ANSWER);
        restore_the_key();
        let without_a_key = ANSWER - 1;
        assert_eq!(
            Spacetime::next_challenge(node).unwrap().deadline,
            opened_at + ANSWER + without_a_key
        );
        run_to(opened_at + ANSWER + without_a_key);
        assert!(Challenges::<Test>::contains_key(node));
        run_to(opened_at + ANSWER + without_a_key + 1);
        // It had all its time and did not use it.
        assert!(told().contains(&Told::Missed(node, window)));
        assert!(told().contains(&Told::Sick(node)));
    });
}

#[test]
fn a_key_that_is_set_again_at_the_end_of_the_window_convicts_nobody() {
    with_an_open_window(|node, window, opened_at| {
        lose_the_key();
        run_to_without_checks(opened_at + WINDOW - 1);
        restore_the_key();
        run_to(opened_at + WINDOW);
        assert!(told().contains(&Told::Missed(node, window)));
        assert_ne!(Spacetime::outcome(node, window), None);
        assert!(!told().contains(&Told::Sick(node)));
    });
}

#[test]
fn a_key_that_is_noticed_by_a_refused_answer_alone_is_prepared_anew() {
    with_proofs(1, |proofs| {
        let (node, window, proof) = proofs[0].clone();
        damage(junk);
        let ends = QueueEnds::<Test>::get();
        QueueEnds::<Test>::put((0, u64::from(MAX_QUEUED)));
        // As a transaction: what a refused call wrote is taken back.
        let refused = with_storage_layer(|| submit(node, window, proof)).unwrap_err();
        assert_eq!(refused.error, Error::<Test>::KeyUnreadable.into());
        assert!(KeysToPrepare::<Test>::get().is_empty());
        QueueEnds::<Test>::put(ends);
        let full = FullBlocks::<Test>::get();
        next_block();
        assert_eq!(FullBlocks::<Test>::get(), full + 1, "it gave no time");
        System::assert_has_event(Event::VerifyingKeyPrepared { circuit: CIRCUIT }.into());
        assert_blameless(node, window);
    });
}
