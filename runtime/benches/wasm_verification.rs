//! What verifying costs in the WASM runtime beside native code: one proof and batches of them, all
//! checks included, and a proof as a transaction beside the weight that it is charged.
//!
//! `cargo bench --workspace --profile dev --bench wasm_verification`
#![allow(clippy::cast_possible_truncation)] // Its numbers are small.

#[path = "../tests/wasm/chain.rs"]
mod chain;
#[path = "../tests/wasm/story.rs"]
mod story;

use std::time::{Duration, Instant};

use chain::{local_chain, Wasm};
use codec::{Decode, Encode};
use neurostore_primitives::{CircuitId, SAMPLES_PRODUCTION};
use neurostore_setup::Forger;
use neurostore_verifier::{admit, development_key, verify, verify_batch, BatchItem, CheckedProof};
use rand::{rngs::StdRng, SeedableRng};
use story::Story;

const CIRCUIT: CircuitId = CircuitId(SAMPLES_PRODUCTION);
/// What one proof may take in WASM, in milliseconds.
const SINGLE_GOAL: f64 = 5.0;
/// What a proof of a batch of 256 may take in WASM, in milliseconds.
const BATCH_GOAL: f64 = 1.5;

type Claim = ([u8; 32], Vec<u8>);

fn main() {
    let forger = Forger::new(CIRCUIT).expect("a development key");
    let mut rng = StdRng::seed_from_u64(1);
    let claims: Vec<Claim> = (0..1024u64)
        .map(|number| {
            let mut statement = [0; 32];
            statement[..8].copy_from_slice(&number.to_le_bytes());
            let proof = forger.forge(&statement, &mut rng).expect("canonical");
            (statement, proof.to_vec())
        })
        .collect();

    println!("milliseconds a proof, decoding and every check included, best of several runs\n");
    println!(
        "{:>8} {:>10} {:>10} {:>14}",
        "proofs", "native", "WASM", "WASM / native"
    );
    for number in [1, 16, 256, 1024] {
        let claims = &claims[..number];
        let runs = (200 / number).clamp(3, 50);
        let native = shortest(runs, || native(claims)) / number as u32;
        let wasm = in_wasm(runs, claims) / number as u32;
        println!(
            "{number:>8} {:>10.3} {:>10.3} {:>13.2}x   {}",
            millis(native),
            millis(wasm),
            millis(wasm) / millis(native),
            verdict(number, millis(wasm)),
        );
    }
    transactions();
}

fn native(claims: &[Claim]) {
    let key = admitted();
    match claims {
        [(statement, proof)] => verify(key, &[*statement], proof).expect("valid"),
        claims => {
            let items: Vec<_> = claims
                .iter()
                .map(|(statement, proof)| BatchItem {
                    inputs: std::slice::from_ref(statement),
                    proof: CheckedProof::decode(proof).expect("valid"),
                })
                .collect();
            verify_batch(key, &items, &[0; 32]).expect("valid");
        }
    }
}

/// The key as the chain has it: prepared once.
fn admitted() -> &'static neurostore_verifier::PreparedKey {
    static KEY: std::sync::LazyLock<neurostore_verifier::PreparedKey> =
        std::sync::LazyLock::new(|| {
            let key = development_key(CIRCUIT).expect("a development key");
            admit(key, 1).expect("it is admitted")
        });
    &KEY
}

/// The runtime's own word on these proofs, through its runtime API.
fn in_wasm(runs: usize, claims: &[Claim]) -> Duration {
    let wasm = Wasm::new();
    let (method, input) = match claims {
        [(statement, proof)] => (
            "SpacetimeApi_check_proof",
            (CIRCUIT, statement, proof).encode(),
        ),
        claims => ("SpacetimeApi_check_proofs", (CIRCUIT, claims).encode()),
    };
    local_chain(|_| {}).execute_with(|| {
        shortest(runs, || {
            let output = wasm.call(method, &input);
            let said = Result::<(), Vec<u8>>::decode(&mut &output[..]).expect("an answer");
            assert_eq!(said, Ok(()));
        })
    })
}

/// One proof as a transaction that is checked in its call.
fn transactions() {
    let mut story = Story::tell();
    let proof = story.prove(&std::env::temp_dir().join("neurostore-development-keys"));
    let submit = story.submit_proof(&proof);
    let refused = story.submit_proof(&proof[..127]);
    let weight = story.weight_of(&submit);
    let (submit, refused) = (submit.encode(), refused.encode());
    let accepted = shortest(20, || {
        drop(story.call_wasm("BlockBuilder_apply_extrinsic", &submit))
    });
    // The same transaction, refused at its length: all but the verification.
    let around = shortest(20, || {
        drop(story.call_wasm("BlockBuilder_apply_extrinsic", &refused))
    });
    println!("\none proof as a transaction that is checked in its call, WASM");
    println!("  as a whole                  {:8.3} ms", millis(accepted));
    println!("  without the verification    {:8.3} ms", millis(around));
    println!(
        "  weight charged / time       {:8.2}x",
        weight.ref_time() as f64 / 1e12 / accepted.as_secs_f64()
    );
}

fn shortest(runs: usize, mut run: impl FnMut()) -> Duration {
    (0..runs.max(1))
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn verdict(number: usize, millis: f64) -> String {
    let goal = match number {
        1 => SINGLE_GOAL,
        256 => BATCH_GOAL,
        _ => return String::new(),
    };
    let holds = if millis <= goal { "holds" } else { "MISSED" };
    format!("goal at most {goal} ms: {holds}")
}
