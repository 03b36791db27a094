//! Keys and queued proofs that the chain cannot read are held against nobody.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::Pays, traits::Hooks, BoundedVec};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex, WindowOutcome};
use neurostore_verifier::KeyOrigin;

use super::{
    batch::{next_block, proven_at, queue_a_spoiled_batch, submit_all, with_proofs, Proofs},
    lost_keys::{restore_the_key, MEDIUM},
    proving::submit,
};
use crate::{mock::*, *};

/// Ways in which the stored form of a key can be one that this runtime does not read.
pub(super) const DAMAGES: [fn(&mut PreparedForm); 3] = [junk, layout_of_another_version, cut_off];

/// As many bytes as a key has, and none of them its own.
pub(super) fn junk(stored: &mut PreparedForm) {
    stored
        .bytes
        .iter_mut()
        .skip(2)
        .for_each(|byte| *byte = 0x5a);
}

/// What another runtime wrote, and wrote well.
fn layout_of_another_version(stored: &mut PreparedForm) {
    stored.bytes[0] = stored.bytes[0].wrapping_sub(1);
    stored.hash = sp_io::hashing::blake2_256(&stored.bytes);
}

fn cut_off(stored: &mut PreparedForm) {
    stored.bytes.truncate(100);
    stored.hash = sp_io::hashing::blake2_256(&stored.bytes);
}

pub(super) fn damage(how: fn(&mut PreparedForm)) {
    PreparedKeys::<Test>::mutate_extant(CIRCUIT, how);
}

pub(super) fn assert_blameless(node: NodeId, window: WindowIndex) {
    for blame in [
        Told::Missed(node, window),
        Told::Sick(node),
        Told::Deceived(node),
    ] {
        assert!(!told().contains(&blame), "{blame:?}");
    }
}

fn assert_all_proven(proofs: &Proofs, at: u32) {
    for (node, window, _) in proofs {
        assert_eq!(Spacetime::outcome(*node, *window), proven_at(at));
        assert_blameless(*node, *window);
    }
}

#[test]
fn proofs_that_were_to_be_checked_together_wait_for_the_key_and_are_accepted() {
    for how in DAMAGES {
        with_proofs(2, |proofs| {
            let now = System::block_number();
            submit_all(&proofs);
            damage(how);
            end_block();
            System::assert_has_event(Event::VerifyingKeyUnreadable { circuit: CIRCUIT }.into());
            assert_eq!(Spacetime::queued(), 4);
            assert!(!System::events().iter().any(|record| matches!(
                record.event,
                RuntimeEvent::Spacetime(Event::BatchRejected { .. })
            )));
            begin_block();
            System::assert_has_event(Event::VerifyingKeyPrepared { circuit: CIRCUIT }.into());
            next_block();
            assert_all_proven(&proofs, now);
        });
    }
}

#[test]
fn a_proof_that_was_to_be_checked_in_its_call_waits_for_the_key_and_is_accepted() {
    for how in DAMAGES {
        with_proofs(1, |proofs| {
            Distrusted::set(&proofs.iter().map(|(node, ..)| *node).collect());
            damage(how);
            let now = System::block_number();
            for (node, window, proof) in &proofs {
                let post = submit(*node, *window, proof.clone()).unwrap();
                assert_eq!(post.pays_fee, Pays::No);
                assert_noop!(
                    submit(*node, *window, proof.clone()),
                    Error::<Test>::AlreadyAnswered
                );
            }
            next_block();
            next_block();
            assert_all_proven(&proofs, now);
        });
    }
}

#[test]
fn an_invalid_proof_that_waited_for_the_key_costs_bond_only_where_it_was_taken_on_trust() {
    for is_trusted in [true, false] {
        with_proofs(1, |proofs| {
            let (node, window, _) = proofs[0].clone();
            let of_another = proofs[1].2.clone();
            if !is_trusted {
                Distrusted::set(&vec![node]);
            }
            damage(junk);
            assert_ok!(submit(node, window, of_another));
            next_block();
            next_block();
            // The key is there again, and the queue is empty.
            assert_eq!(Spacetime::queued(), 0);
            assert!(told().contains(&Told::Missed(node, window)));
            assert!(told().contains(&Told::Sick(node)));
            assert_eq!(told().contains(&Told::Deceived(node)), is_trusted);
        });
    }
}

#[test]
fn a_queued_proof_is_judged_only_once_the_key_can_be_read() {
    for how in DAMAGES {
        with_proofs(2, |proofs| {
            let (culprit, window, now) = queue_a_spoiled_batch(&proofs);
            damage(how);
            begin_block();
            assert_eq!(Spacetime::queued(), 4);
            assert_blameless(culprit, window);
            next_block();
            assert_eq!(Spacetime::queued(), 4, "in this block the key is prepared");
            next_block();
            assert_all_proven(&proofs[1..].to_vec(), now);
            assert!(told().contains(&Told::Deceived(culprit)));
        });
    }
}

#[test]
fn an_upgrade_prepares_every_key_anew_that_of_the_active_circuit_first() {
    ExtBuilder::default().build_and_execute(|| {
        let key = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        let root = RuntimeOrigin::root();
        let origin = KeyOrigin::Development;
        assert_ok!(Spacetime::set_verifying_key(root, MEDIUM, origin, key));
        let before: Vec<_> = PreparedKeys::<Test>::iter().collect();
        damage(junk);
        Spacetime::on_runtime_upgrade();
        assert_eq!(PreparedKeys::<Test>::iter().count(), 0);
        assert_ok!(Spacetime::do_try_state());
        next_block();
        assert!(PreparedKeys::<Test>::contains_key(CIRCUIT));
        assert!(!PreparedKeys::<Test>::contains_key(MEDIUM));
        next_block();
        assert_eq!(PreparedKeys::<Test>::iter().collect::<Vec<_>>(), before);
    });
}

#[test]
fn a_window_opens_while_its_key_is_being_prepared() {
    ExtBuilder::default().build_and_execute(|| {
        let node = NodeId(0);
        give(node, 1);
        run_to(opening(node));
        Spacetime::on_runtime_upgrade();
        assert!(!PreparedKeys::<Test>::contains_key(CIRCUIT));
        end_block();
        assert!(Challenges::<Test>::contains_key(node));
    });
}

#[test]
fn the_clock_stands_still_while_a_key_is_to_be_prepared() {
    ExtBuilder::default().build_and_execute(|| {
        let full = FullBlocks::<Test>::get();
        KeysToPrepare::<Test>::put(BoundedVec::truncate_from(vec![CIRCUIT]));
        end_block();
        assert_eq!(FullBlocks::<Test>::get(), full + 1);
        begin_block();
        end_block();
        assert_eq!(FullBlocks::<Test>::get(), full + 1);
    });
}

#[test]
fn an_answer_that_finds_no_place_to_wait_in_costs_nothing_and_counts_later() {
    with_proofs(1, |proofs| {
        let (node, window, proof) = proofs[0].clone();
        damage(junk);
        QueueEnds::<Test>::put((0, u64::from(MAX_QUEUED)));
        let refused = submit(node, window, proof.clone()).unwrap_err();
        assert_eq!(refused.error, Error::<Test>::KeyUnreadable.into());
        assert_eq!(refused.post_info.pays_fee, Pays::No);
        QueueEnds::<Test>::kill();
        assert_ok!(submit(node, window, proof));
        next_block();
        run_to(System::block_number() + 2);
        assert!(matches!(
            Spacetime::outcome(node, window),
            Some(WindowOutcome::Proven { .. })
        ));
    });
}

#[test]
fn whoever_asks_is_told_of_a_proof_also_while_the_key_is_to_be_prepared() {
    with_proofs(1, |proofs| {
        let (node, _, proof) = proofs[0].clone();
        let statement = Challenges::<Test>::get(node).unwrap().statement;
        damage(junk);
        assert_eq!(Spacetime::check_proof(CIRCUIT, statement, &proof), Ok(()));
        RawKeys::<Test>::remove(CIRCUIT);
        assert!(Spacetime::check_proof(CIRCUIT, statement, &proof).is_err());
        restore_the_key();
    });
}

/// Puts the proofs of a chain into its queue, and returns whose they are.
pub(super) fn queue(proofs: &Proofs) -> Vec<(NodeId, WindowIndex)> {
    submit_all(proofs);
    let batch = Batch::<Test>::take();
    BatchCircuits::<Test>::kill();
    Spacetime::enqueue(batch.iter().map(|batched| batched.taken.clone()));
    batch
        .iter()
        .map(|batched| (batched.taken.node, batched.taken.window))
        .collect()
}

#[test]
fn an_answer_of_a_form_that_is_not_known_is_excused() {
    with_proofs(1, |proofs| {
        let waiting = queue(&proofs);
        let (node, window) = waiting[0];
        Queue::<Test>::mutate_extant(0, |queued| queued.answer[0] = 0xff);
        run_to(System::block_number() + 1);
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        assert!(!told().contains(&Told::Sick(node)));
        assert!(!told().contains(&Told::Deceived(node)));
        let (other, others_window) = waiting[1];
        assert!(told().contains(&Told::Proven(other, others_window, WINDOW)));
    });
}

#[test]
fn a_queued_proof_whose_points_are_not_sound_any_more_is_excused() {
    with_proofs(1, |proofs| {
        let waiting = queue(&proofs);
        let (node, window) = waiting[0];
        let mut taken = Queue::<Test>::get(0).unwrap().taken().unwrap();
        taken.proof = [0xff; 128];
        Queue::<Test>::insert(0, QueuedProof::new(taken).unwrap());
        run_to(System::block_number() + 1);
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        assert!(!told().contains(&Told::Deceived(node)));
    });
}

#[test]
fn a_place_of_the_queue_that_cannot_be_read_at_all_is_cleared() {
    with_proofs(1, |proofs| {
        let waiting = queue(&proofs);
        let key = Queue::<Test>::hashed_key_for(0);
        sp_io::storage::set(&key, b"junk");
        run_to(System::block_number() + 1);
        System::assert_has_event(Event::QueuedProofLost { place: 0 }.into());
        assert_eq!(sp_io::storage::get(&key), None);
        for (node, _) in waiting {
            assert!(!told().contains(&Told::Sick(node)));
        }
    });
}

#[test]
fn an_answer_whose_place_in_the_queue_is_lost_is_excused_when_its_window_is_closed() {
    with_proofs(1, |proofs| {
        let waiting = queue(&proofs);
        let (node, window) = waiting[0];
        sp_io::storage::set(&Queue::<Test>::hashed_key_for(0), b"junk");
        run_to(System::block_number() + ANSWER + 1);
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        // Its rent does not stay where nobody can reach it.
        assert!(told().contains(&Told::Missed(node, window)));
        assert!(!told().contains(&Told::Sick(node)));
        assert_eq!(Spacetime::outcome(node, window), None);
        let (other, others_window) = waiting[1];
        assert!(told().contains(&Told::Proven(other, others_window, WINDOW)));
        assert!(!told().contains(&Told::Missed(other, others_window)));
    });
}

#[test]
fn what_waits_in_the_queue_is_stored_as_it_always_was() {
    let taken = TakenProof {
        node: NodeId(1),
        window: WindowIndex(2),
        taken_at: 3,
        circuit: CircuitId(4),
        statement: [5; 32],
        proof: [6; 128],
        grounds: Grounds::NoKey,
    };
    let stored = QueuedProof::new(taken).unwrap().encode();
    let mut expected = vec![1, 0, 0, 0, 2, 0, 0, 0];
    // The length of the answer, the number of its form, then all of it.
    expected.extend([0xc1, 0x02, 1, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0]);
    expected.extend([5; 32]);
    expected.extend([6; 128]);
    // Why it was taken: 0 is trust.
    expected.push(1);
    assert_eq!(stored, expected);
}
