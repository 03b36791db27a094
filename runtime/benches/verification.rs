//! What verifying a proof costs: native, and in the WASM runtime as a transaction of a block.
//!
//! `cargo bench -p neurostore-runtime --bench verification`

#[path = "../tests/wasm/chain.rs"]
mod chain;
#[path = "../tests/wasm/story.rs"]
mod story;

use std::time::{Duration, Instant};

use codec::Encode;
use story::Story;

const ROUNDS: u32 = 20;

fn main() {
    let mut story = Story::tell();
    let proof = story.prove(&std::env::temp_dir().join("neurostore-development-keys"));
    let submit = story.submit_proof(&proof);
    let refused = story.submit_proof(&proof[..127]);
    let weight = story.weight_of(&submit);

    let key = neurostore_verifier::development_key(story.challenge.circuit).expect("a key");
    let key = neurostore_verifier::admit(key, 1).expect("it is admitted");
    let native = time(|| {
        neurostore_verifier::verify(&key, &[story.challenge.statement], &proof).expect("valid");
    });

    let (submit, refused) = (submit.encode(), refused.encode());
    let accepted = time(|| drop(story.call_wasm("BlockBuilder_apply_extrinsic", &submit)));
    // The same transaction, refused at its length: all but the verification.
    let around = time(|| drop(story.call_wasm("BlockBuilder_apply_extrinsic", &refused)));
    let wasm = accepted.saturating_sub(around);

    println!("verification of one proof, median of {ROUNDS}");
    row("native, prepared key", native);
    row("WASM, submit_proof as a whole", accepted);
    row("WASM, the same without verifying", around);
    row("WASM, verification alone", wasm);
    println!(
        "  WASM / native                        {:8.2}x",
        ratio(wasm, native)
    );
    println!(
        "  weight charged / time in WASM        {:8.2}x",
        weight.ref_time() as f64 / 1e12 / accepted.as_secs_f64()
    );
}

fn time(mut run: impl FnMut()) -> Duration {
    run();
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn row(name: &str, time: Duration) {
    println!("  {name:36} {:8.3} ms", time.as_secs_f64() * 1e3);
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
