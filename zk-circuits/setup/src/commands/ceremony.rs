//! The steps of a ceremony that are not snarkjs'.

use std::path::PathBuf;

use neurostore_primitives::CircuitId;
use neurostore_setup::{
    ceremony::{export_r1cs, import_ceremony, verify_ceremony, CeremonyFiles, Transcript},
    ceremony_file_name, circuit_constraints, write_proving_key,
};

use super::{write_file, Failure};

#[derive(clap::Args)]
pub(crate) struct Export {
    /// The circuit: its number of samples, 1 to 48.
    #[arg(long)]
    circuit: u16,
    /// File to write, by custom `<circuit>.r1cs`.
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The circuit: its number of samples, 1 to 48.
    #[arg(long)]
    circuit: u16,
    /// The powers of tau that the ceremony began with; one power above the circuit's.
    #[arg(long)]
    ptau: PathBuf,
    /// The initial key: what `snarkjs groth16 setup` makes of the `.r1cs` and the powers.
    #[arg(long)]
    initial: PathBuf,
    /// The final key: what `snarkjs zkey beacon` wrote.
    #[arg(long)]
    zkey: PathBuf,
    /// File to write the transcript to, by custom `ceremony-<circuit>.json`.
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Import {
    /// The circuit: its number of samples, 1 to 48.
    #[arg(long)]
    circuit: u16,
    /// The final key: what `snarkjs zkey beacon` wrote.
    #[arg(long)]
    zkey: PathBuf,
    /// The transcript that `verify-transcript` wrote.
    #[arg(long)]
    transcript: PathBuf,
    /// Folder to write `<circuit>.vk` and `ceremony-<circuit>.pk` to.
    #[arg(long)]
    out: PathBuf,
}

fn progress(step: &str) {
    eprintln!("{step} ...");
}

/// Writes a circuit for snarkjs.
pub(crate) fn export(arguments: &Export) -> Result<(), Failure> {
    let constraints = circuit_constraints(CircuitId(arguments.circuit))?;
    let hash = export_r1cs(&constraints, &arguments.out)
        .map_err(|error| Failure::Write(arguments.out.clone(), error))?;
    println!("constraints  {}", constraints.rows().len());
    println!("SHA-256      {}", hex::encode(hash));
    println!("file         {}", arguments.out.display());
    Ok(())
}

/// Checks a ceremony and writes its transcript.
pub(crate) fn verify(arguments: &Verify) -> Result<(), Failure> {
    let files = CeremonyFiles {
        powers: &arguments.ptau,
        initial: &arguments.initial,
        zkey: &arguments.zkey,
    };
    let transcript = verify_ceremony(CircuitId(arguments.circuit), &files, &progress)?;
    write_file(&arguments.out, &transcript.to_bytes()?)?;
    print(&transcript)?;
    println!("file           {}", arguments.out.display());
    Ok(())
}

/// Writes the keys of a ceremony.
pub(crate) fn import(arguments: &Import) -> Result<(), Failure> {
    let circuit = CircuitId(arguments.circuit);
    let keys = import_ceremony(circuit, &arguments.zkey, &arguments.transcript, &progress)?;
    let proving = arguments.out.join(ceremony_file_name(circuit));
    write_proving_key(&proving, circuit, &keys.verifying, &keys.proving)?;
    let verifying = arguments.out.join(format!("{circuit}.vk"));
    write_file(&verifying, &keys.verifying)?;
    println!("transcript     {}", hex::encode(keys.transcript));
    println!("verifying key  {}", verifying.display());
    println!("proving key    {}", proving.display());
    Ok(())
}

/// What participants and voters compare. Names are strangers' text: control characters are
/// escaped.
fn print(transcript: &Transcript) -> Result<(), Failure> {
    println!(
        "powers of tau  {}",
        hex::encode(transcript.powers_of_tau_blake2b.0)
    );
    println!("circuit hash   {}", hex::encode(transcript.circuit_hash.0));
    for (number, entry) in (1..).zip(&transcript.contributions) {
        let kind = if entry.beacon.is_some() {
            "beacon"
        } else {
            "contribution"
        };
        println!("{kind} {number} \"{}\"", entry.name.escape_debug());
        println!("               {}", hex::encode(entry.hash.0));
    }
    println!(
        "verifying key  {}",
        hex::encode(transcript.verifying_key_sha256.0)
    );
    println!("transcript     {}", hex::encode(transcript.hash()?));
    Ok(())
}
