//! The steps of a ceremony that are not snarkjs'.

use std::path::PathBuf;

use neurostore_keys::{ceremony_file_name, ceremony_verifying_file_name, write_proving_key};
use neurostore_primitives::CircuitId;
use neurostore_setup::{
    ceremony::{
        export_r1cs, import_ceremony, verify_ceremony, verifying_key_hash, CeremonyFiles,
        Transcript,
    },
    circuit_constraints,
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
    /// Folder to write `ceremony-<circuit>.vk` and `ceremony-<circuit>.pk` to.
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
    println!("{}", report(&transcript)?);
    println!("file           {}", arguments.out.display());
    Ok(())
}

/// Writes the keys of a ceremony.
pub(crate) fn import(arguments: &Import) -> Result<(), Failure> {
    let circuit = CircuitId(arguments.circuit);
    let keys = import_ceremony(circuit, &arguments.zkey, &arguments.transcript, &progress)?;
    let proving = arguments.out.join(ceremony_file_name(circuit));
    write_proving_key(&proving, circuit, &keys.verifying, &keys.proving)?;
    let verifying = arguments.out.join(ceremony_verifying_file_name(circuit));
    write_file(&verifying, &keys.verifying)?;
    println!("transcript     {}", hex::encode(keys.transcript));
    println!(
        "key hash       {}",
        hex::encode(verifying_key_hash(&keys.verifying))
    );
    println!("verifying key  {}", verifying.display());
    println!("proving key    {}", proving.display());
    Ok(())
}

/// What participants and voters compare, line by line. Names are strangers' text: control
/// characters are escaped.
fn report(transcript: &Transcript) -> Result<String, Failure> {
    let line = |name: &str, bytes: &[u8]| format!("{name:<15}{}", hex::encode(bytes));
    let mut lines = vec![
        line("r1cs SHA-256", &transcript.r1cs_sha256.0),
        line("powers of tau", &transcript.powers_of_tau_blake2b.0),
        line("circuit hash", &transcript.circuit_hash.0),
    ];
    for (number, entry) in (1..).zip(&transcript.contributions) {
        let name = entry.name.escape_debug();
        match &entry.beacon {
            Some(beacon) => {
                lines.push(format!("beacon {number} \"{name}\""));
                let (value, exponent) = (&beacon.value, beacon.exponent);
                lines.push(format!("  value        {value}"));
                lines.push(format!("  exponent     {exponent}"));
            }
            None => lines.push(format!("contribution {number} \"{name}\"")),
        }
        lines.push(line("", &entry.hash.0));
    }
    lines.push(line("verifying key", &transcript.verifying_key_sha256.0));
    lines.push(line("transcript", &transcript.hash()?));
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = include_bytes!("../../tests/fixtures/ceremony-4/ceremony-4.json");

    #[test]
    fn a_report_names_all_that_is_announced() {
        let transcript = Transcript::from_bytes(DOCUMENT).unwrap();
        let report = report(&transcript).unwrap();
        let lines: Vec<_> = report.lines().collect();
        let named = |line: &str| assert!(lines.contains(&line), "{line:?} in\n{report}");
        let r1cs = hex::encode(transcript.r1cs_sha256.0);
        named(&format!("r1cs SHA-256   {r1cs}"));
        named("contribution 2 \"grace\"");
        named("beacon 3 \"beacon\"");
        named("  value        5e1f8a0c93b47d26e8f0a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a");
        named("  exponent     10");
        let hash = hex::encode(transcript.hash().unwrap());
        named(&format!("transcript     {hash}"));
    }

    #[test]
    fn a_name_cannot_pass_for_lines_of_the_report() {
        let mut transcript = Transcript::from_bytes(DOCUMENT).unwrap();
        let before = report(&transcript).unwrap().lines().count();
        transcript.contributions[0].name = "ada\"\ntranscript     00".to_owned();
        assert_eq!(report(&transcript).unwrap().lines().count(), before);
    }
}
