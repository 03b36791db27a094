//! The committed ceremony of circuit 4: a key that live chains accept, and a proof under it.
//! `cargo run -p neurostore-setup --example ceremony_fixture` writes it.

use neurostore_primitives::CircuitId;
use neurostore_setup::{
    ceremony::{r1cs_hash, verifying_key_hash, Transcript},
    circuit_constraints,
};
use neurostore_verifier::{admit, development_key, is_development_key, verify, VerifyError};
use sha2::{Digest, Sha256};

const KEY: &[u8] = include_bytes!("fixtures/ceremony-4/4.vk");
const DOCUMENT: &[u8] = include_bytes!("fixtures/ceremony-4/ceremony-4.json");
const STATEMENT: [u8; 32] = *include_bytes!("fixtures/ceremony-4/statement");
const PROOF: [u8; 128] = *include_bytes!("fixtures/ceremony-4/proof");

#[test]
fn the_proof_verifies_under_the_key_and_under_no_other() {
    let key = admit(KEY, 1).unwrap();
    assert_eq!(verify(&key, &[STATEMENT], &PROOF), Ok(()));
    let development = admit(development_key(CircuitId(4)).unwrap(), 1).unwrap();
    let refused = verify(&development, &[STATEMENT], &PROOF);
    assert_eq!(refused, Err(VerifyError::Rejected));
    let mut other = STATEMENT;
    other[0] ^= 1;
    assert_eq!(verify(&key, &[other], &PROOF), Err(VerifyError::Rejected));
}

#[test]
fn the_key_is_not_a_development_key() {
    assert!(!is_development_key(KEY));
}

#[test]
fn the_hash_of_a_key_is_what_b2sum_prints() {
    let printed = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
    assert_eq!(hex::encode(verifying_key_hash(b"abc")), printed);
}

#[test]
fn the_transcript_is_of_this_key_and_of_todays_circuit() {
    let transcript = Transcript::from_bytes(DOCUMENT).unwrap();
    assert_eq!(transcript.circuit, 4);
    let key: [u8; 32] = Sha256::digest(KEY).into();
    assert_eq!(transcript.verifying_key_sha256.0, key);
    let constraints = circuit_constraints(CircuitId(4)).unwrap();
    assert_eq!(transcript.r1cs_sha256.0, r1cs_hash(&constraints).unwrap());
}

#[test]
fn two_took_part_and_then_a_beacon() {
    let transcript = Transcript::from_bytes(DOCUMENT).unwrap();
    let beacons = transcript
        .contributions
        .iter()
        .map(|entry| entry.beacon.is_some());
    assert_eq!(beacons.collect::<Vec<_>>(), [false, false, true]);
}
