//! The runtime as nodes run it: compiled to WASM, with real calls and real proofs.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // Tests panic where they fail; their numbers are small.

mod ceremony;
mod chain;
mod crowd;
mod mutated;
mod story;

use chain::{begin, local_chain, register};
use crowd::{header, Crowd};
use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
use neurostore_primitives::{CircuitId, NodeHealth, NodeId, SAMPLES_PRODUCTION};
use neurostore_runtime::{
    presets, Authorship, Balances, Runtime, RuntimeCall, StorageNodes, System, DAYS, WASM_BINARY,
};
use pallet_session::SessionManager;
use sp_core::H256;
use sp_runtime::{
    traits::Header as _,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError,
};
use story::Story;

fn key_dir() -> std::path::PathBuf {
    std::env::temp_dir().join("neurostore-development-keys")
}

#[test]
fn wasm_accepts_the_proof_that_the_prover_made_and_no_other() {
    let mut story = Story::tell();
    let proof = story.prove(&key_dir());

    let right = story.submit_proof(&proof);
    assert_eq!(story.apply_in_wasm(&right), Ok(()));

    for (what, bytes) in [
        ("bit-flipped", flipped(&proof, 3)),
        ("truncated", proof[..127].to_vec()),
        ("extended", [&proof[..], &[0]].concat()),
        ("empty", Vec::new()),
    ] {
        let wrong = story.submit_proof(&bytes);
        let refused = story.apply_in_wasm(&wrong);
        assert!(
            matches!(refused, Err(DispatchError::Module(_))),
            "{what}: {refused:?}"
        );
    }
}

#[test]
fn wasm_computes_the_statements_that_native_code_computes() {
    let mut crowd = Crowd::gather(100, CircuitId(SAMPLES_PRODUCTION));
    let (opened, agreed) = crowd.open_in_wasm(20);
    assert!(opened > 5, "{opened}");
    assert_eq!(agreed, opened);
}

#[test]
fn a_block_of_proofs_is_accepted_at_its_end_and_passes_execution() {
    let mut crowd = Crowd::gather(100, CircuitId(SAMPLES_PRODUCTION));
    let full = crowd.fill_block(usize::MAX);
    assert!(full.proofs > 50, "{}", full.proofs);
    assert_eq!(full.proofs, full.offered);
    assert_eq!(full.accepted, full.proofs);
    assert!(full.used.all_lte(full.limit));
}

#[test]
fn another_node_cannot_hand_in_the_proof() {
    let mut story = Story::tell();
    let proof = story.prove(&key_dir());
    let other = story
        .nodes
        .iter()
        .map(|node| node.id)
        .find(|id| *id != story.prover_node);
    story.prover_node = other.unwrap_or(NodeId(0));
    let stolen = story.submit_proof(&proof);
    assert!(matches!(
        story.try_in_wasm(&stolen),
        Err(TransactionValidityError::Invalid(
            InvalidTransaction::Custom(_)
        ))
    ));
}

#[test]
fn no_call_that_carries_others_uses_the_room_of_answers() {
    type Carrier = pallet_utility::Call<Runtime>;
    let mut story = Story::tell();
    let answers = vec![story.answer(&[0; 128]); 2];
    for call in [
        Carrier::batch {
            calls: answers.clone(),
        },
        Carrier::force_batch {
            calls: answers.clone(),
        },
        Carrier::as_derivative {
            index: 0,
            call: Box::new(story.answer(&[0; 128])),
        },
    ] {
        let sent = story.send(RuntimeCall::Utility(call));
        assert_eq!(sent.get_dispatch_info().class, DispatchClass::Operational);
        assert_eq!(
            story.try_in_wasm(&sent),
            Err(InvalidTransaction::Call.into())
        );
    }
}

#[test]
fn a_slashed_bond_is_burned_and_not_paid_to_the_author() {
    local_chain(|_| {}).execute_with(|| {
        begin(1);
        let node = register(0);
        System::initialize(&2, &H256::repeat_byte(1), header(2).digest());
        let author = Authorship::author().expect("the header names an author");
        let state = || {
            let node = StorageNodes::node(node.id).expect("just registered");
            let issued = pallet_balances::TotalIssuance::<Runtime>::get();
            (node.bond, issued, Balances::free_balance(&author))
        };
        let (bond, issued, had) = state();
        StorageNodes::deceived(node.id);
        let (left, issued_after, has) = state();
        assert!(left < bond);
        assert_eq!(issued - issued_after, bond - left);
        assert_eq!(has, had);
    });
}

#[test]
fn roots_of_sessions_are_kept_only_while_equivocations_in_them_can_be_reported() {
    type Manager = <Runtime as pallet_session::Config>::SessionManager;
    type Stored = pallet_session::historical::StoredRange<Runtime>;
    local_chain(|_| {}).execute_with(|| {
        begin(1);
        let kept = 28 * DAYS / 10;
        Stored::put((0, kept + 12));
        Manager::end_session(kept - 1);
        assert_eq!(Stored::get(), Some((0, kept + 12)));
        Manager::end_session(kept + 10);
        assert_eq!(Stored::get(), Some((10, kept + 12)));
    });
}

#[test]
fn the_live_preset_builds_and_refuses_development_keys() {
    let caller =
        sc_chain_spec::GenesisConfigBuilderRuntimeCaller::<sp_io::SubstrateHostFunctions>::new(
            WASM_BINARY.expect("the tests need the WASM runtime"),
        );
    let live = Some(presets::LIVE.to_string());
    assert!(caller.get_storage_for_named_preset(live.as_ref()).is_ok());

    let mut patch = caller.get_named_preset(live.as_ref()).expect("the preset");
    let key = neurostore_verifier::development_key(CircuitId(4));
    patch["spacetime"]["verifyingKeys"] = serde_json::json!([[4, key, null]]);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        caller.get_storage_for_patch(patch)
    }));
    assert!(
        !matches!(refused, Ok(Ok(_))),
        "a live chain took a key whose secret everybody knows"
    );
}

fn flipped(proof: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = proof.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}
