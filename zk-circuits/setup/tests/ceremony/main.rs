//! A ceremony with snarkjs from beginning to end, and what is refused of its files.
//!
//! The ceremony is held once in the build folder, for the circuit of one sample: it has every gate
//! of the larger ones and fits 2^12, where snarkjs needs a minute or two for the powers of tau.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // Tests panic where they fail.

mod edit;
mod reject;
mod samples;
mod snarkjs;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ark_bn254::{Bn254, Fr};
use ark_ff::PrimeField;
use ark_groth16::Proof;
use ark_serialize::CanonicalDeserialize;
use neurostore_keys::write_proving_key;
use neurostore_primitives::CircuitId;
use neurostore_prover::{Options, Prover};
use neurostore_setup::ceremony::{
    import_ceremony, verify_ceremony, CeremonyError, CeremonyFiles, ImportError, Transcript,
};
use neurostore_verifier::{admit, verify, VerifyError};
use serde_json::{json, Value};

use crate::snarkjs::{hold, snarkjs, Ceremony};

const CIRCUIT: CircuitId = CircuitId(1);
const POWER: u8 = 12;

fn ceremony() -> Ceremony {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ceremony");
    hold(CIRCUIT, POWER, &folder)
}

fn silent(_: &str) {}

fn verified(powers: &Path, initial: &Path, zkey: &Path) -> Result<Transcript, CeremonyError> {
    let files = CeremonyFiles {
        powers,
        initial,
        zkey,
    };
    verify_ceremony(CIRCUIT, &files, &silent)
}

fn transcript(of: &Ceremony) -> Transcript {
    verified(&of.powers, &of.initial, &of.zkey).unwrap()
}

/// Writes a document to a folder of its own.
fn write(transcript: &Transcript) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("transcript.json");
    fs::write(&path, transcript.to_bytes().unwrap()).unwrap();
    (folder, path)
}

fn import(
    zkey: &Path,
    transcript: &Transcript,
) -> Result<neurostore_setup::ceremony::CeremonyKeys, ImportError> {
    let (_folder, path) = write(transcript);
    import_ceremony(CIRCUIT, zkey, &path, &silent)
}

#[test]
fn snarkjs_accepts_the_ceremony_and_names_the_hashes_of_the_transcript() {
    let ceremony = ceremony();
    let transcript = transcript(&ceremony);
    let key = ceremony.zkey.to_str().unwrap();
    let powers = ceremony.powers.to_str().unwrap();
    let printed = snarkjs(&ceremony.folder, &["zkey", "verify", "1.r1cs", powers, key]);
    assert!(printed.contains("ZKey Ok!"), "{printed}");

    let hex: String = printed.split_whitespace().collect();
    let names: Vec<_> = transcript
        .contributions
        .iter()
        .map(|entry| &entry.name[..])
        .collect();
    assert_eq!(names, ["ada", "grace", "beacon"]);
    for entry in &transcript.contributions {
        assert!(hex.contains(&hex::encode(entry.hash.0)), "{}", entry.name);
    }
    assert!(hex.contains(&hex::encode(transcript.circuit_hash.0)));
}

#[test]
fn a_proof_of_our_prover_is_accepted_by_our_verifier_and_by_snarkjs() {
    let ceremony = ceremony();
    let transcript = transcript(&ceremony);
    let keys = import(&ceremony.zkey, &transcript).unwrap();
    assert_eq!(keys.transcript, transcript.hash().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("1.pk");
    write_proving_key(&file, CIRCUIT, &keys.verifying, &keys.proving).unwrap();

    let prover = Prover::open(CIRCUIT, &file, &keys.verifying, Options::default()).unwrap();
    let proven = prover
        .prove(&samples::context(CIRCUIT), &samples::samples(CIRCUIT))
        .unwrap();
    let key = admit(&keys.verifying, 1).unwrap();
    assert_eq!(verify(&key, &[proven.statement], &proven.proof), Ok(()));
    let mut other = proven.statement;
    other[0] ^= 1;
    assert_eq!(
        verify(&key, &[other], &proven.proof),
        Err(VerifyError::Rejected)
    );

    let write = |name: &str, content: Value| {
        fs::write(folder.path().join(name), content.to_string()).unwrap();
    };
    write("proof.json", proof_json(&proven.proof));
    write("public.json", json!([decimal(&proven.statement)]));
    let zkey = ceremony.zkey.to_str().unwrap();
    let run = |arguments: &[&str]| snarkjs(folder.path(), arguments);
    run(&["zkey", "export", "verificationkey", zkey, "vk.json"]);
    let printed = run(&["groth16", "verify", "vk.json", "public.json", "proof.json"]);
    assert!(printed.contains("OK!"), "{printed}");
}

fn decimal(input: &[u8; 32]) -> String {
    Fr::from_le_bytes_mod_order(input).to_string()
}

/// A proof as snarkjs reads it.
fn proof_json(bytes: &[u8]) -> Value {
    let proof = Proof::<Bn254>::deserialize_compressed(bytes).unwrap();
    let g1 = |point: ark_bn254::G1Affine| json!([point.x.to_string(), point.y.to_string(), "1"]);
    let pair = |pair: ark_bn254::Fq2| json!([pair.c0.to_string(), pair.c1.to_string()]);
    json!({
        "pi_a": g1(proof.a),
        "pi_b": [pair(proof.b.x), pair(proof.b.y), ["1", "0"]],
        "pi_c": g1(proof.c),
        "protocol": "groth16",
        "curve": "bn128",
    })
}
