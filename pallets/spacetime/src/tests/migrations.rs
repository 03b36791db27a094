//! What a chain of an earlier version becomes.

use codec::Encode;
use frame_support::{
    assert_ok,
    traits::{GetStorageVersion, Hooks, StorageVersion},
};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex};

use super::batch::{submit_all, with_proofs, Proofs};
use crate::{mock::*, *};

/// Makes the storage what version 1 had: no raw keys, and queued proofs with their points.
fn back_to_version_1() {
    StorageVersion::new(1).put::<Spacetime>();
    let _ = RawKeys::<Test>::clear(u32::MAX, None);
    for circuit in VerifyingKeys::<Test>::iter_keys() {
        let bytes = PreparedKeys::<Test>::get(circuit).unwrap().bytes;
        let key = PreparedKeys::<Test>::hashed_key_for(circuit);
        sp_io::storage::set(&key, &bytes.encode());
    }
}

fn queue_as_version_1(batch: &[BatchedProof]) {
    for (place, batched) in batch.iter().enumerate() {
        let taken = &batched.taken;
        let queued = (
            (taken.node, taken.window, taken.taken_at),
            (taken.circuit, taken.statement, batched.points),
        );
        let key = Queue::<Test>::hashed_key_for(place as u64);
        sp_io::storage::set(&key, &queued.encode());
    }
    QueueEnds::<Test>::put((0, batch.len() as u64));
}

#[test]
fn development_keys_are_found_and_prepared_again() {
    ExtBuilder::default().build_and_execute(|| {
        back_to_version_1();
        assert!(Spacetime::do_try_state().is_err());
        Spacetime::on_runtime_upgrade();
        assert_eq!(
            Spacetime::on_chain_storage_version(),
            StorageVersion::new(2)
        );
        assert_eq!(
            RawKeys::<Test>::get(CIRCUIT).unwrap().into_inner(),
            development_key(CIRCUIT)
        );
        run_to(System::block_number() + 1);
        System::assert_has_event(Event::VerifyingKeyPrepared { circuit: CIRCUIT }.into());
    });
}

/// Submits proofs and makes them the queue of a chain of version 1. Whose the first of it is, and
/// its window.
fn queue_all_as_version_1(proofs: &Proofs) -> (NodeId, WindowIndex) {
    submit_all(proofs);
    let batch = Batch::<Test>::take().into_inner();
    BatchCircuits::<Test>::kill();
    back_to_version_1();
    queue_as_version_1(&batch);
    (batch[0].taken.node, batch[0].taken.window)
}

#[test]
fn points_that_were_queued_are_excused() {
    with_proofs(1, |proofs| {
        queue_all_as_version_1(&proofs);
        Spacetime::on_runtime_upgrade();
        assert_eq!(Spacetime::queued(), 0);
        for (node, window, _) in &proofs {
            let (node, window) = (*node, *window);
            System::assert_has_event(Event::WindowExcused { node, window }.into());
            assert!(!told().contains(&Told::Sick(node)));
        }
        run_to(System::block_number() + 1);
    });
}

#[test]
fn an_answer_whose_place_in_the_old_queue_is_lost_is_excused_when_its_window_is_closed() {
    with_proofs(1, |proofs| {
        let (node, window) = queue_all_as_version_1(&proofs);
        sp_io::storage::set(&Queue::<Test>::hashed_key_for(0), b"junk");
        Spacetime::on_runtime_upgrade();
        System::assert_has_event(Event::QueuedProofLost { place: 0 }.into());
        assert!(!told().contains(&Told::Missed(node, window)));
        run_to(System::block_number() + WINDOW - 2);
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        assert!(told().contains(&Told::Missed(node, window)));
        assert!(!told().contains(&Told::Sick(node)));
    });
}

#[test]
fn the_key_of_a_ceremony_has_to_be_set_again() {
    ExtBuilder::default().build_and_execute(|| {
        let circuit = CircuitId(5);
        let key = include_bytes!("../../../../zk-circuits/setup/tests/fixtures/ceremony-4/4.vk");
        let key = frame_support::BoundedVec::try_from(key.to_vec()).unwrap();
        let origin = neurostore_verifier::KeyOrigin::Ceremony {
            transcript: [7; 32],
        };
        let set =
            || Spacetime::set_verifying_key(RuntimeOrigin::root(), circuit, origin, key.clone());
        assert_ok!(set());
        run_to(System::block_number() + NOTICE);
        assert_ok!(Spacetime::set_active_circuit(
            RuntimeOrigin::root(),
            circuit
        ));
        let node = NodeId(0);
        give(node, 1);
        let window = open(node);
        assert_eq!(Challenges::<Test>::get(node).unwrap().circuit, circuit);
        let before = VerifyingKeys::<Test>::get(circuit);
        back_to_version_1();
        Spacetime::on_runtime_upgrade();
        run_to(opening(node) + 1);
        System::assert_has_event(Event::VerifyingKeyLost { circuit }.into());
        System::assert_has_event(Event::WindowExcused { node, window }.into());
        assert!(told().contains(&Told::Missed(node, window)));
        assert_eq!(Challenges::<Test>::get(node), None);
        assert_ok!(set());
        // Its notice does not begin again.
        assert_eq!(VerifyingKeys::<Test>::get(circuit), before);
        open(node);
        assert!(Challenges::<Test>::contains_key(node));
        assert!(!told().contains(&Told::Sick(node)));
    });
}
