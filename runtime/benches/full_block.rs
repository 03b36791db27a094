//! A block full of proofs: how many it carries within its weight, and how long it takes to build
//! and to execute, in the WASM runtime.
//!
//! `cargo bench --workspace --profile dev --bench full_block`
//!
//! The proofs answer real challenges of the production circuit; they are forged with the public
//! secret of its development key, since a thousand honest ones would take an hour to make and
//! nothing less to verify. The state lies in memory: what a database adds is in the weights and
//! not in the times.

#[path = "../tests/wasm/chain.rs"]
mod chain;
#[path = "../tests/wasm/crowd.rs"]
mod crowd;

use crowd::{Crowd, Full};
use neurostore_primitives::{CircuitId, SAMPLES_PRODUCTION};

/// Nodes on the chain; nearly all of them have a shard to prove.
const NODES: usize = 1_400;
/// What a block has to carry.
const GOAL: usize = 900;

fn main() {
    let mut crowd = Crowd::gather(NODES, CircuitId(SAMPLES_PRODUCTION));
    let empty = crowd.fill_block(0);
    println!("proofs of the circuit of {SAMPLES_PRODUCTION} samples in one block, WASM runtime\n");
    println!("    proofs  accepted     weight used / limit     build    execute   a proof   limit / execution");
    let mut last = None;
    for most in [1, 16, 256, GOAL, usize::MAX] {
        let full = crowd.fill_block(most);
        print_row(&full, &empty);
        last = Some(full);
    }
    let Some(full) = last else { return };
    println!(
        "\n{} proofs waited; the fullest block carried {} of them in {} bytes; goal {GOAL}: {}",
        full.offered,
        full.proofs,
        full.bytes,
        verdict(full.accepted >= GOAL),
    );
    println!(
        "its execution took {:.0} % of what its weight allows: {}",
        100.0 * full.executed.as_secs_f64() / seconds(full.used),
        verdict(full.executed.as_secs_f64() <= seconds(full.used)),
    );
}

fn print_row(full: &Full, empty: &Full) {
    let more = full.executed.saturating_sub(empty.executed);
    println!(
        "{:>10} {:>9} {:>12.3} s / {:.3} s {:>7.3} s {:>8.3} s {:>6.2} ms {:>14.2}x",
        full.proofs,
        full.accepted,
        seconds(full.used),
        seconds(full.limit),
        full.built.as_secs_f64(),
        full.executed.as_secs_f64(),
        more.as_secs_f64() * 1e3 / full.proofs.max(1) as f64,
        seconds(full.limit) / full.executed.as_secs_f64(),
    );
}

fn seconds(weight: frame_support::weights::Weight) -> f64 {
    weight.ref_time() as f64 / 1e12
}

fn verdict(holds: bool) -> &'static str {
    if holds {
        "holds"
    } else {
        "MISSED"
    }
}
