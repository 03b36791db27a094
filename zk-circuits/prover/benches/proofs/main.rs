//! Circuit sizes, and what a proof costs beside `Groth16::prove` of arkworks.
//!
//! ```sh
//! cargo bench -p neurostore-prover --profile dev --bench proofs
//! ```
//!
//! Every prover runs in a process of its own, so that its peak memory is its own too. Beside the
//! seconds that pass stand those that CPUs worked: on a busy machine only the latter say something.

mod child;

use std::{
    error::Error,
    fs,
    path::Path,
    process::{Command, ExitCode},
    thread::available_parallelism,
};

use ark_serialize::CanonicalSerialize;
use child::{Measured, Who};
use neurostore_circuit::{Constraints, SpacetimeCircuit};
use neurostore_keys::{development_keys, file_name, write_proving_key, ProvingKey, Reduction};
use neurostore_primitives::CircuitId;

type Outcome<T> = Result<T, Box<dyn Error>>;

const MIB: f64 = (1 << 20) as f64;
/// Constraints for each sample that others need, from their own publications.
const CODEX: usize = 16_000;
const FILECOIN: usize = 5_333;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let outcome = match child::asked_for(&arguments) {
        Some(task) => task.run(),
        None => everything(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn everything() -> Outcome<()> {
    sizes();
    let folder = tempfile::tempdir()?;
    let cores = available_parallelism().map_or(1, usize::from);
    println!(
        "\n{:<28} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "proving", "seconds", "CPU", "load", "peak MiB", "of arkworks"
    );
    for samples in [4, 24, 48] {
        keys(samples, folder.path())?;
        for threads in [1, cores] {
            proving(samples, threads, folder.path())?;
            if cores == 1 {
                break;
            }
        }
    }
    Ok(())
}

fn sizes() {
    let all = [
        (4, SpacetimeCircuit::<4>::constraints()),
        (24, SpacetimeCircuit::<24>::constraints()),
        (48, SpacetimeCircuit::<48>::constraints()),
    ];
    println!("constraints a sample: Codex about {CODEX}, Filecoin {FILECOIN}");
    for (samples, constraints) in &all {
        size(*samples, constraints);
    }
    let [.., (samples, production)] = &all;
    let rows = production.rows().len();
    goal("48 samples fit 2^18", rows + 2 <= 1 << 18);
    goal("at most 3,700 constraints a sample", rows / samples <= 3700);
}

fn size(samples: usize, constraints: &Constraints) {
    let rows = constraints.rows().len();
    let each = rows / samples;
    println!(
        "circuit {samples:<2} {rows:>7} constraints in 2^{}, {each} a sample, {:.1} coefficients each; \
         {:.1}x fewer than Codex, {:.1}x fewer than Filecoin",
        (rows + 2).next_power_of_two().trailing_zeros(),
        constraints.density() as f64 / rows as f64,
        CODEX as f64 / each as f64,
        FILECOIN as f64 / each as f64,
    );
}

fn goal(what: &str, holds: bool) {
    let verdict = if holds { "holds" } else { "DOES NOT HOLD" };
    println!("  goal: {what}: {verdict}");
}

/// Derives the keys of a circuit once, for all processes that prove with them.
fn keys(samples: u16, folder: &Path) -> Outcome<()> {
    let circuit = CircuitId(samples);
    let keys = development_keys(circuit)?;
    let ours = ProvingKey::new(&keys.proving, Reduction::Libsnark);
    let path = folder.join(file_name(circuit));
    write_proving_key(&path, circuit, &keys.verifying, &ours)?;
    let mut theirs = Vec::new();
    keys.proving.serialize_uncompressed(&mut theirs)?;
    Ok(fs::write(child::whole_key(folder, samples), theirs)?)
}

fn proving(samples: u16, threads: usize, folder: &Path) -> Outcome<()> {
    let theirs = measure(Who::Arkworks, samples, threads, folder)?;
    let portable = measure(Who::Portable, samples, threads, folder)?;
    let ours = measure(Who::Ours, samples, threads, folder)?;
    let name = |who: &str| {
        let plural = if threads == 1 { "" } else { "s" };
        format!("{samples:>2} samples, {threads} thread{plural}, {who}")
    };
    line(&name("arkworks"), &theirs, &theirs);
    line(&name("any CPU"), &portable, &theirs);
    line(&name("this CPU"), &ours, &theirs);
    let times = |who: &Measured| theirs.cpu / who.cpu;
    if samples == 48 {
        goal(
            "twice as fast as arkworks, on any CPU",
            times(&portable) >= 2.0,
        );
        goal("less than 1 GiB", ours.peak < 1024.0 * MIB);
        if threads > 1 {
            goal("at most 4.5 s", ours.seconds <= 4.5);
        }
    }
    Ok(())
}

fn line(name: &str, who: &Measured, yardstick: &Measured) {
    println!(
        "{name:<28} {:>8.3}s {:>8.3}s {:>8.3}s {:>9.0} {:>9.2}x",
        who.seconds,
        who.cpu,
        who.load,
        who.peak / MIB,
        yardstick.cpu / who.cpu,
    );
}

/// Runs a prover in a process of its own.
fn measure(who: Who, samples: u16, threads: usize, folder: &Path) -> Outcome<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(child::arguments(who, samples, threads, folder))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Measured::read(&String::from_utf8(output.stdout)?).ok_or("no measurement".into())
}
