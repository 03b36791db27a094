//! What decoding and verifying cost, one by one and in batches, each beside arkworks.
//!
//! ```sh
//! cargo bench -p neurostore-verifier --profile dev --bench verification
//! ```

#![allow(clippy::unwrap_used)] // Keys and proofs are made as the tests make them.

#[path = "../tests/hostile/trapdoor.rs"]
mod trapdoor;

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use ark_bn254::{Bn254, Fr};
use ark_ff::PrimeField;
use ark_groth16::{prepare_verifying_key, Groth16, PreparedVerifyingKey, Proof};
use ark_serialize::CanonicalDeserialize;
use neurostore_verifier::{
    admit, verify, verify_batch, verify_checked, BatchItem, CheckedProof, PreparedKey,
};
use trapdoor::{input, Trapdoor};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Proofs of the largest batch.
const PROOFS: u64 = 1024;
/// Batches that are measured.
const BATCHES: [usize; 4] = [1, 16, 256, 1024];
/// How often single proofs are measured.
const ROUNDS: usize = 60;
/// Proofs that a batch's rounds add up to, at least.
const PROOFS_IN_ROUNDS: usize = 2048;
const SEED: [u8; 32] = [1; 32];

/// A statement and the proof for it.
struct Claim {
    statement: [u8; 32],
    bytes: [u8; 128],
    checked: CheckedProof,
}

fn main() -> Outcome<()> {
    let trapdoor = Trapdoor::new(1);
    let bytes = trapdoor.key();
    let key = admit(&bytes, 1)?;
    let reference = prepare_verifying_key(&trapdoor.verifying_key());
    let claims = (0..PROOFS)
        .map(|number| {
            let bytes = trapdoor.proof_with(&[number], number);
            Ok(Claim {
                statement: input(number),
                bytes,
                checked: CheckedProof::decode(&bytes)?,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;

    println!("one thread, the shortest run; the yardstick is ark-groth16 with prepared keys");
    let yardstick = single(&key, &reference, &claims);
    batches(&key, &claims, yardstick);
    Ok(())
}

/// Single proofs beside arkworks. Gives what arkworks takes for one, checked decoding included.
fn single(
    key: &PreparedKey,
    reference: &PreparedVerifyingKey<Bn254>,
    claims: &[Claim],
) -> Duration {
    let mut turns = claims.iter().cycle();
    let mut next = || turns.next().map_or(&claims[0], |claim| claim);
    let mut best = [Duration::MAX; 5];
    for _ in 0..ROUNDS {
        let claim = next();
        let runs = [
            time(|| assert!(black_box(CheckedProof::decode(&claim.bytes)).is_ok())),
            time(|| assert!(black_box(reference_proof(&claim.bytes)).is_some())),
            time(|| assert!(verify(key, &[claim.statement], &claim.bytes).is_ok())),
            time(|| assert!(reference_verify(reference, claim))),
            time(|| assert!(verify_checked(key, &[claim.statement], &claim.checked).is_ok())),
        ];
        for (best, run) in best.iter_mut().zip(runs) {
            *best = run.min(*best);
        }
    }
    let [decode, reference_decode, verified, reference_verified, checked] = best;
    row("decode and check a proof", decode, reference_decode);
    row(
        "verify one proof, decoding included",
        verified,
        reference_verified,
    );
    row("verify one decoded proof", checked, reference_verified);
    let stored = key.to_bytes();
    let read = time(|| drop(black_box(PreparedKey::from_bytes_trusted(&stored))));
    println!("  {:<44} {:>9.1} us", "read a stored key", micros(read));
    reference_verified
}

/// Batches, per proof, beside the same number of single verifications by arkworks.
fn batches(key: &PreparedKey, claims: &[Claim], yardstick: Duration) {
    for size in BATCHES {
        let claims = &claims[..size];
        let stored: Vec<_> = claims
            .iter()
            .map(|claim| claim.checked.to_bytes())
            .collect();
        let (mut equation, mut all) = (Duration::MAX, Duration::MAX);
        for _ in 0..PROOFS_IN_ROUNDS.div_ceil(size) {
            equation = equation.min(time(|| {
                let proofs = stored.iter().map(CheckedProof::from_bytes_trusted);
                assert!(accepted(key, claims, proofs));
            }));
            all = all.min(time(|| {
                let proofs = claims
                    .iter()
                    .flat_map(|claim| CheckedProof::decode(&claim.bytes));
                assert!(accepted(key, claims, proofs));
            }));
        }
        let share = |total: Duration| total / u32::try_from(size).unwrap_or(u32::MAX);
        row(
            &format!("batch of {size}, per proof"),
            share(equation),
            yardstick,
        );
        row(
            &format!("batch of {size}, per proof, decoding included"),
            share(all),
            yardstick,
        );
    }
}

fn accepted(
    key: &PreparedKey,
    claims: &[Claim],
    proofs: impl Iterator<Item = CheckedProof>,
) -> bool {
    let items: Vec<_> = claims
        .iter()
        .zip(proofs)
        .map(|(claim, proof)| BatchItem {
            inputs: std::slice::from_ref(&claim.statement),
            proof,
        })
        .collect();
    items.len() == claims.len() && verify_batch(key, &items, &SEED).is_ok()
}

fn reference_proof(bytes: &[u8]) -> Option<Proof<Bn254>> {
    Proof::deserialize_compressed(bytes).ok()
}

fn reference_verify(key: &PreparedVerifyingKey<Bn254>, claim: &Claim) -> bool {
    let statement = Fr::from_le_bytes_mod_order(&claim.statement);
    reference_proof(&claim.bytes).is_some_and(|proof| {
        Groth16::<Bn254>::verify_proof(key, &proof, &[statement]).unwrap_or(false)
    })
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn row(what: &str, ours: Duration, yardstick: Duration) {
    println!(
        "  {what:<44} {:>9.1} us   arkworks {:>9.1} us   {:>5.2}x",
        micros(ours),
        micros(yardstick),
        micros(yardstick) / micros(ours),
    );
}
