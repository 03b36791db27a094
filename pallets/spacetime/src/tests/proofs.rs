//! Real proofs under the development key, and everything that is not one, each checked in its call.

use frame_support::{assert_noop, assert_ok, dispatch::Pays, BoundedVec};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex, WindowOutcome};

use super::proving::{proven, rerandomised, statement_of, submit};
use crate::{mock::*, *};

const NODE: NodeId = NodeId(0);

/// A chain that checks every proof in its call.
fn one_by_one() -> ExtBuilder {
    ExtBuilder::default().genesis(|genesis| genesis.batch_verification = false)
}

fn with_content(test: impl FnOnce()) {
    one_by_one().build_and_execute(|| {
        (1..=3).for_each(|number| give(NODE, number));
        test();
    });
}

#[test]
fn a_valid_proof_is_free_and_credits_the_window() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        let post = submit(NODE, window, proof).unwrap();
        assert_eq!(post.pays_fee, Pays::No);
        assert_eq!(
            told(),
            [
                Told::Opened(NODE, window),
                Told::Proven(NODE, window, WINDOW),
                Told::Healthy(NODE),
            ]
        );
        let at = System::block_number();
        assert_eq!(
            Spacetime::outcome(NODE, window),
            Some(WindowOutcome::Proven { at })
        );
        check_explanation(NODE, window, "is proven");
        System::assert_last_event(Event::ProofAccepted { node: NODE, window }.into());
    });
}

#[test]
fn a_proven_window_is_not_missed() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        assert_ok!(submit(NODE, window, proof));
        run_to(System::block_number() + ANSWER + 2);
        assert!(!told().contains(&Told::Missed(NODE, window)));
    });
}

#[test]
fn a_window_is_proven_once() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        assert_ok!(submit(NODE, window, proof.clone()));
        assert_noop!(submit(NODE, window, proof), Error::<Test>::AlreadyProven);
    });
}

#[test]
fn a_rerandomised_proof_of_a_proven_window_is_refused() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        let other = rerandomised(&proof);
        assert_ne!(other, proof);
        assert_eq!(
            Spacetime::check_proof(CIRCUIT, statement_of(NODE), &other),
            Ok(())
        );
        assert_ok!(submit(NODE, window, proof));
        assert_noop!(
            submit(NODE, window, other.clone()),
            Error::<Test>::AlreadyProven
        );
        run_to(System::block_number() + 1);
        assert_noop!(submit(NODE, window, other), Error::<Test>::AlreadyProven);
    });
}

#[test]
fn a_rerandomised_proof_answers_as_well_as_the_original_and_instead_of_it() {
    ExtBuilder::default().build_and_execute(|| {
        (1..=3).for_each(|number| give(NODE, number));
        let (window, proof) = proven(NODE);
        let taken_at = System::block_number();
        assert_ok!(submit(NODE, window, rerandomised(&proof)));
        assert_noop!(
            submit(NODE, window, proof.clone()),
            Error::<Test>::AlreadyAnswered
        );
        run_to(taken_at + 1);
        assert_eq!(
            Spacetime::outcome(NODE, window),
            Some(WindowOutcome::Proven { at: taken_at })
        );
        assert_noop!(submit(NODE, window, proof), Error::<Test>::AlreadyProven);
    });
}

#[test]
fn a_proof_after_the_answer_time_is_too_late() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        run_to(System::block_number() + ANSWER);
        assert_noop!(submit(NODE, window, proof), Error::<Test>::AnswerTooLate);
    });
}

#[test]
fn a_proof_in_the_last_block_of_the_answer_time_counts() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        run_to(Spacetime::next_challenge(NODE).unwrap().deadline);
        assert_ok!(submit(NODE, window, proof));
    });
}

#[test]
fn a_challenge_that_waits_for_its_closing_takes_no_answer() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        System::set_block_number(System::block_number() + ANSWER);
        assert_noop!(submit(NODE, window, proof), Error::<Test>::AnswerTooLate);
    });
}

#[test]
fn a_proof_for_another_node_is_rejected() {
    // Two nodes that open together and hold the very same bytes.
    one_by_one().nodes(20).build_and_execute(|| {
        let pair = Members::<Test>::get(5);
        for node in &pair {
            (1..=3).for_each(|number| give(*node, number));
        }
        let (window, proof) = proven(pair[0]);
        assert_noop!(
            submit(pair[1], window, proof.clone()),
            Error::<Test>::ProofRejected
        );
        assert_ok!(submit(pair[0], window, proof));
    });
}

#[test]
fn a_stranger_proves_nothing() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        assert_noop!(
            submit(NodeId(77), window, proof),
            Error::<Test>::UnknownNode
        );
    });
}

#[test]
fn a_node_without_a_challenge_has_nothing_to_prove() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        assert_noop!(
            submit(NodeId(1), window, proof),
            Error::<Test>::NoOpenChallenge
        );
    });
}

#[test]
fn a_proof_names_its_window() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        assert_noop!(
            submit(NODE, WindowIndex(window.0 + 1), proof),
            Error::<Test>::WrongWindow
        );
    });
}

#[test]
fn a_proof_of_the_window_before_is_rejected() {
    with_content(|| {
        let (_, old) = proven(NODE);
        let window = open(NODE);
        assert_noop!(submit(NODE, window, old), Error::<Test>::ProofRejected);
    });
}

#[test]
fn a_proof_for_another_chain_is_rejected() {
    let mut foreign = Vec::new();
    one_by_one().build_and_execute(|| {
        frame_system::BlockHash::<Test>::insert(0, sp_core::H256([0xcd; 32]));
        (1..=3).for_each(|number| give(NODE, number));
        foreign = proven(NODE).1;
    });
    with_content(|| {
        let window = open(NODE);
        assert_noop!(submit(NODE, window, foreign), Error::<Test>::ProofRejected);
    });
}

#[test]
fn a_proof_of_a_wrong_length_is_refused_before_anything_else() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        let truncated = proof[..127].to_vec();
        assert_noop!(submit(NODE, window, truncated), Error::<Test>::ProofLength);
        let mut extended = proof.clone();
        extended.push(0);
        assert_noop!(submit(NODE, window, extended), Error::<Test>::ProofLength);
        assert_noop!(submit(NODE, window, Vec::new()), Error::<Test>::ProofLength);
    });
}

#[test]
fn points_off_the_curve_are_refused() {
    with_content(|| {
        let (window, _) = proven(NODE);
        assert_noop!(
            submit(NODE, window, vec![0xff; 128]),
            Error::<Test>::ProofMalformed
        );
    });
}

#[test]
fn every_flipped_bit_spoils_a_proof() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        for byte in (0..128).step_by(9) {
            let mut flipped = proof.clone();
            flipped[byte] ^= 1 << (byte % 8);
            let error = submit(NODE, window, flipped).unwrap_err().error;
            let refused = [Error::<Test>::ProofMalformed, Error::ProofRejected].map(Into::into);
            assert!(refused.contains(&error), "byte {byte}: {error:?}");
        }
        assert_ok!(submit(NODE, window, proof));
    });
}

#[test]
fn a_circuit_without_a_key_verifies_nothing() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        let record = VerifyingKeys::<Test>::take(CIRCUIT).unwrap();
        assert_noop!(submit(NODE, window, proof), Error::<Test>::UnknownCircuit);
        VerifyingKeys::<Test>::insert(CIRCUIT, record);
    });
}

#[test]
fn a_challenge_is_answered_with_the_circuit_it_was_opened_for() {
    with_content(|| {
        let (window, proof) = proven(NODE);
        let medium = CircuitId(24);
        let key = BoundedVec::try_from(development_key(medium)).unwrap();
        let root = RuntimeOrigin::root;
        let origin = neurostore_verifier::KeyOrigin::Development;
        assert_ok!(Spacetime::set_verifying_key(root(), medium, origin, key));
        assert_ok!(Spacetime::set_active_circuit(root(), medium));
        assert_ok!(Spacetime::retire_verifying_key(root(), CIRCUIT));
        assert_ok!(submit(NODE, window, proof));
    });
}

#[test]
fn a_proof_is_as_long_for_a_hundred_thousand_shards_as_for_one() {
    let sizes = [1, 100_000].map(|shards| {
        let mut size = 0;
        one_by_one().build_and_execute(|| {
            Hoard::set(&shards);
            let (window, proof) = proven(HOARDER);
            assert_eq!(proof.len(), neurostore_primitives::PROOF_BYTES);
            let call = Call::<Test>::submit_proof {
                window,
                statement: statement_of(HOARDER),
                proof: BoundedVec::try_from(proof.clone()).unwrap(),
            };
            size = codec::Encode::encoded_size(&call);
            assert_ok!(submit(HOARDER, window, proof));
        });
        size
    });
    // One byte names the call, four the window, 32 the statement, two the length of the proof.
    assert_eq!(sizes, [128 + 39, 128 + 39]);
}

#[test]
fn an_answer_made_on_another_fork_is_not_taken_and_costs_nothing_but_its_fee() {
    ExtBuilder::default().build_and_execute(|| {
        (1..=3).for_each(|number| give(NODE, number));
        let (window, proof) = proven(NODE);
        let mut elsewhere = statement_of(NODE);
        elsewhere[0] ^= 1;
        let bytes = BoundedVec::try_from(proof.clone()).unwrap();
        let sent = |statement| {
            let origin = RuntimeOrigin::signed(account_of(NODE));
            Spacetime::submit_proof(origin, window, statement, bytes.clone())
        };
        assert_noop!(sent(elsewhere), Error::<Test>::OtherChallenge);
        // The window is still open for the answer of this fork.
        assert_ok!(sent(statement_of(NODE)));
        end_block();
        assert_eq!(
            Spacetime::outcome(NODE, window)
                .map(|outcome| matches!(outcome, WindowOutcome::Proven { .. })),
            Some(true)
        );
    });
}
