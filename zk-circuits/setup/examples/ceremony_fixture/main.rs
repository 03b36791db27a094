//! Writes `tests/fixtures/ceremony-4`: the verifying key of a ceremony for circuit 4, its
//! transcript, and a proof under it. Needed again whenever the circuit changes:
//!
//! ```text
//! cargo run -p neurostore-setup --example ceremony_fixture -- FOLDER
//! ```
//!
//! The ceremony is held with snarkjs in FOLDER; the powers of tau take it some minutes there, and
//! are taken as they are the next time. Its secrets are thrown away, but nobody should believe
//! that: the key is for tests.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // A tool for us: it may panic.

#[path = "../../tests/ceremony/samples.rs"]
mod samples;
#[path = "../../tests/ceremony/snarkjs.rs"]
#[allow(dead_code)]
mod snarkjs;

use std::{
    fs,
    path::{Path, PathBuf},
};

use neurostore_keys::{ceremony_file_name, write_proving_key};
use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT};
use neurostore_prover::{Options, Prover};
use neurostore_setup::ceremony::{import_ceremony, verify_ceremony, CeremonyFiles};

const CIRCUIT: CircuitId = CircuitId(SAMPLES_DEVELOPMENT);
/// 14,608 constraints.
const POWER: u8 = 14;

fn main() {
    let folder = std::env::args_os().nth(1);
    let folder = PathBuf::from(folder.expect("the folder to hold the ceremony in"));
    let say = |step: &str| eprintln!("{step} ...");
    say("holding a ceremony");
    let held = snarkjs::hold(CIRCUIT, POWER, &folder);
    let files = CeremonyFiles {
        powers: &held.powers,
        initial: &held.initial,
        zkey: &held.zkey,
    };
    let transcript = verify_ceremony(CIRCUIT, &files, &say).unwrap();
    // Asked at run time: checkouts share what is built.
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("started by cargo");
    let fixture = Path::new(&crate_folder).join("tests/fixtures/ceremony-4");
    fs::create_dir_all(&fixture).unwrap();
    let document = fixture.join("ceremony-4.json");
    fs::write(&document, transcript.to_bytes().unwrap()).unwrap();

    let keys = import_ceremony(CIRCUIT, &held.zkey, &document, &say).unwrap();
    fs::write(fixture.join("4.vk"), &keys.verifying).unwrap();
    let proving = folder.join(ceremony_file_name(CIRCUIT));
    write_proving_key(&proving, CIRCUIT, &keys.verifying, &keys.proving).unwrap();

    say("proving");
    let prover = Prover::open(CIRCUIT, &proving, &keys.verifying, Options::default()).unwrap();
    let proven = prover
        .prove(&samples::context(CIRCUIT), &samples::samples(CIRCUIT))
        .unwrap();
    fs::write(fixture.join("statement"), proven.statement).unwrap();
    fs::write(fixture.join("proof"), proven.proof).unwrap();
    println!("{}", fixture.display());
}
