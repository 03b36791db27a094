//! Proofs that are taken on trust and checked together, and what happens when one of them is
//! invalid.

use frame_support::{assert_noop, assert_ok, dispatch::Pays, weights::Weight};
use neurostore_primitives::{FaultReason, NodeId, WindowIndex, WindowOutcome};

use super::proving::{all_proven, submit};
use crate::{mock::*, queue::QUEUED_PER_BLOCK, *};

pub(super) type Proofs = Vec<(NodeId, WindowIndex, Vec<u8>)>;

/// Runs a test with two nodes at every offset, and the proofs of as many offsets.
pub(super) fn with_proofs(offsets: u32, test: impl FnOnce(Proofs)) {
    ExtBuilder::default()
        .nodes(20)
        .build_and_execute(|| test(all_proven(offsets)));
}

pub(super) fn submit_all(proofs: &Proofs) {
    for (node, window, proof) in proofs {
        assert_ok!(submit(*node, *window, proof.clone()));
    }
}

/// Gives the first node the proof of the second: sound points, and a proof of something else.
pub(super) fn spoil(proofs: &mut Proofs) -> (NodeId, WindowIndex) {
    proofs[0].2 = proofs[1].2.clone();
    (proofs[0].0, proofs[0].1)
}

/// Submits proofs of which the first is spoiled, and ends the block: all go to the queue. Whose the
/// spoiled one is, its window, and the block.
pub(super) fn queue_a_spoiled_batch(proofs: &Proofs) -> (NodeId, WindowIndex, u32) {
    let mut proofs = proofs.clone();
    let (culprit, window) = spoil(&mut proofs);
    let now = System::block_number();
    submit_all(&proofs);
    end_block();
    let proofs = u32::try_from(proofs.len()).unwrap();
    System::assert_has_event(Event::BatchRejected { proofs }.into());
    (culprit, window, now)
}

pub(super) fn next_block() {
    end_block();
    begin_block();
}

pub(super) fn proven_at(at: u32) -> Option<WindowOutcome> {
    Some(WindowOutcome::Proven { at })
}

#[test]
fn the_proofs_of_a_block_are_accepted_at_its_end() {
    with_proofs(2, |proofs| {
        let now = System::block_number();
        submit_all(&proofs);
        for (node, window, _) in &proofs {
            assert_eq!(Spacetime::outcome(*node, *window), None);
        }
        next_block();
        for (node, window, _) in &proofs {
            assert_eq!(Spacetime::outcome(*node, *window), proven_at(now));
            assert!(told().contains(&Told::Proven(*node, *window, WINDOW)));
            assert!(told().contains(&Told::Healthy(*node)));
            let accepted = Event::ProofAccepted {
                node: *node,
                window: *window,
            };
            System::assert_has_event(accepted.into());
        }
        assert!(Batch::<Test>::get().is_empty());
    });
}

#[test]
fn a_proof_for_the_batch_is_free_and_weighs_less_than_one_checked_alone() {
    with_proofs(1, |proofs| {
        let (node, window, proof) = proofs[0].clone();
        let post = submit(node, window, proof).unwrap();
        assert_eq!(post.pays_fee, Pays::No);
        let weight = post.actual_weight.unwrap();
        assert!(weight.all_lt(<() as WeightInfo>::submit_proof()));
        assert!(weight.any_gt(Weight::zero()));
    });
}

#[test]
fn a_window_whose_proof_was_taken_takes_no_other() {
    with_proofs(1, |proofs| {
        let (node, window, proof) = proofs[0].clone();
        assert_ok!(submit(node, window, proof.clone()));
        assert_noop!(submit(node, window, proof), Error::<Test>::AlreadyAnswered);
        assert!(!Spacetime::next_challenge(node).unwrap().open);
    });
}

#[test]
fn malformed_points_are_refused_in_the_call() {
    with_proofs(1, |proofs| {
        let (node, window, _) = proofs[0].clone();
        assert_noop!(
            submit(node, window, vec![0xff; 128]),
            Error::<Test>::ProofMalformed
        );
        assert_noop!(
            submit(node, window, vec![1; 127]),
            Error::<Test>::ProofLength
        );
    });
}

#[test]
fn one_invalid_proof_sends_the_block_to_the_queue_and_only_its_node_pays() {
    with_proofs(2, |proofs| {
        let (culprit, window, now) = queue_a_spoiled_batch(&proofs);
        assert_eq!(Spacetime::queued(), 4);
        check_explanation(culprit, window, "checked one by one");
        begin_block();

        assert_eq!(Spacetime::queued(), 0);
        for (node, window, _) in proofs.iter().skip(1) {
            // As of the block in which the proof came.
            assert_eq!(Spacetime::outcome(*node, *window), proven_at(now));
            assert!(!told().contains(&Told::Deceived(*node)));
        }
        let missed = WindowOutcome::Missed {
            at: now + 1,
            reason: FaultReason::InvalidAnswer,
        };
        assert_eq!(Spacetime::outcome(culprit, window), Some(missed));
        for told_of_culprit in [
            Told::Missed(culprit, window),
            Told::Sick(culprit),
            Told::Deceived(culprit),
        ] {
            assert!(told().contains(&told_of_culprit));
        }
        assert!(!told().contains(&Told::Proven(culprit, window, WINDOW)));
    });
}

#[test]
fn a_proof_in_the_queue_does_not_miss_its_deadline() {
    with_proofs(2, |mut proofs| {
        spoil(&mut proofs);
        let (node, window, _) = proofs[1].clone();
        let deadline = Spacetime::next_challenge(node).unwrap().deadline;
        run_to(deadline);
        submit_all(&proofs[..2].to_vec());
        // They get their places behind what the next two blocks check.
        QueueEnds::<Test>::put((0, 2 * QUEUED_PER_BLOCK));
        run_to_without_checks(deadline + 2);
        assert!(!Challenges::<Test>::contains_key(node), "it is closed");
        assert!(!told().contains(&Told::Missed(node, window)));
        next_block();
        assert_eq!(Spacetime::outcome(node, window), proven_at(deadline));
    });
}

#[test]
fn a_node_that_is_not_trusted_is_checked_in_its_call() {
    with_proofs(1, |proofs| {
        let (node, window, proof) = proofs[0].clone();
        let foreign = proofs[1].2.clone();
        Distrusted::set(&vec![node]);
        assert_noop!(submit(node, window, foreign), Error::<Test>::ProofRejected);
        let post = submit(node, window, proof).unwrap();
        assert_eq!(post.actual_weight, None);
        assert_eq!(
            Spacetime::outcome(node, window),
            proven_at(System::block_number())
        );
    });
}

#[test]
fn a_full_batch_leaves_the_rest_to_be_checked_in_their_calls() {
    with_proofs(3, |proofs| {
        submit_all(&proofs);
        assert_eq!(Batch::<Test>::decode_len(), Some(MAX_BATCH as usize));
        let beyond = &proofs[MAX_BATCH as usize..];
        assert!(!beyond.is_empty());
        for (node, window, _) in beyond {
            assert_eq!(
                Spacetime::outcome(*node, *window),
                proven_at(System::block_number())
            );
        }
    });
}

#[test]
fn no_batch_is_taken_that_the_queue_has_no_room_for() {
    with_proofs(2, |proofs| {
        // Fewer places are left than a batch has.
        QueueEnds::<Test>::put((0, u64::from(MAX_QUEUED) - 2));
        submit_all(&proofs);
        assert_eq!(Batch::<Test>::decode_len(), Some(2));
        QueueEnds::<Test>::kill();
    });
}

#[test]
fn a_long_queue_is_worked_off_in_order_and_in_parts() {
    with_proofs(1, |proofs| {
        submit_all(&proofs);
        let batch = Batch::<Test>::take().into_inner();
        let long: Vec<_> = batch
            .iter()
            .cycle()
            .take(QUEUED_PER_BLOCK as usize + 3)
            .map(|batched| batched.taken.clone())
            .collect();
        Spacetime::enqueue(long);
        assert_eq!(Spacetime::check_queued(), QUEUED_PER_BLOCK);
        assert_eq!(Spacetime::queued(), 3);
        assert_eq!(Spacetime::check_queued(), 3);
        assert_eq!(Spacetime::check_queued(), 0);
    });
}

#[test]
fn proofs_of_two_circuits_are_two_batches() {
    with_proofs(1, |mut proofs| {
        // The second node's challenge asks for another circuit, whose proof it does not have.
        let (other, window, _) = proofs[1].clone();
        let medium = neurostore_primitives::CircuitId(24);
        let key = development_key(medium).try_into().unwrap();
        let origin = neurostore_verifier::KeyOrigin::Development;
        let root = RuntimeOrigin::root();
        assert_ok!(Spacetime::set_verifying_key(root, medium, origin, key));
        Challenges::<Test>::mutate_extant(other, |open| open.circuit = medium);
        proofs[1].2 = proofs[0].2.clone();
        let now = System::block_number();
        submit_all(&proofs);
        end_block();
        let (node, own_window, _) = proofs[0].clone();
        assert_eq!(Spacetime::outcome(node, own_window), proven_at(now));
        System::assert_has_event(Event::BatchRejected { proofs: 1 }.into());
        begin_block();
        assert!(told().contains(&Told::Deceived(other)));
        assert!(told().contains(&Told::Missed(other, window)));
    });
}

#[test]
fn every_further_circuit_of_a_batch_is_charged_for() {
    with_proofs(2, |proofs| {
        let medium = neurostore_primitives::CircuitId(24);
        for (node, ..) in &proofs[1..3] {
            Challenges::<Test>::mutate_extant(*node, |open| open.circuit = medium);
        }
        let key = development_key(medium).try_into().unwrap();
        let origin = neurostore_verifier::KeyOrigin::Development;
        let root = RuntimeOrigin::root();
        assert_ok!(Spacetime::set_verifying_key(root, medium, origin, key));
        let weights: Vec<_> = proofs
            .iter()
            .map(|(node, window, proof)| submit(*node, *window, proof.clone()).unwrap())
            .map(|post| post.actual_weight.unwrap())
            .collect();
        let proof = <() as WeightInfo>::submit_proof_to_batch();
        let with_circuit = proof.saturating_add(<() as WeightInfo>::settle_batch());
        assert_eq!(weights, [proof, with_circuit, proof, proof]);
        assert!(with_circuit.all_lte(<() as WeightInfo>::submit_proof()));
        next_block();
        assert!(BatchCircuits::<Test>::get().is_empty());
    });
}

#[test]
fn governance_turns_batches_off_and_on() {
    with_proofs(1, |proofs| {
        let stranger = RuntimeOrigin::signed(account_of(NodeId(0)));
        assert!(Spacetime::set_batch_verification(stranger, false).is_err());
        assert_ok!(Spacetime::set_batch_verification(
            RuntimeOrigin::root(),
            false
        ));
        System::assert_last_event(Event::BatchVerificationSet { enabled: false }.into());
        submit_all(&proofs);
        assert_eq!(Batch::<Test>::decode_len(), None);
    });
}

#[test]
fn a_proof_is_checked_for_whoever_asks() {
    with_proofs(1, |proofs| {
        let statement = Challenges::<Test>::get(proofs[0].0).unwrap().statement;
        let check = |circuit, proof: &[u8]| {
            let said = Spacetime::check_proof(circuit, statement, proof);
            said.map_err(|text| String::from_utf8(text).unwrap())
        };
        assert_eq!(check(CIRCUIT, &proofs[0].2), Ok(()));
        assert!(check(CIRCUIT, &proofs[1].2).unwrap_err().contains("prove"));
        assert!(check(CIRCUIT, &[]).unwrap_err().contains("bytes"));
        let unknown = neurostore_primitives::CircuitId(7);
        assert!(check(unknown, &proofs[0].2).unwrap_err().contains("key"));
    });
}
