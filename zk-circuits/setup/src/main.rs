//! Writes development keys to a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};
use neurostore_setup::{
    development_keys, write_proving_key, DevelopmentKeys, KeyFileError, ProvingKey, Reduction,
    SetupError,
};

const WARNING: &str = "warning: these are development keys. Their trapdoor follows from a public \
                       seed, so anyone can forge proofs under them. Live chains refuse them.";

/// Makes the proving and verifying keys of the proof-of-spacetime circuits.
#[derive(Parser)]
#[command(name = "neurostore-setup", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Derives development keys: `<circuit>.vk` and the proving key as provers cache it.
    DevKeys(Keys),
    /// Derives the verifying keys only: `<circuit>.vk`.
    ExportVk(Keys),
}

#[derive(clap::Args)]
struct Keys {
    /// Folder to write to.
    #[arg(long)]
    out: PathBuf,
    /// One circuit instead of all: 4, 24 or 48.
    #[arg(long)]
    circuit: Option<u16>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("{0}: {1}")]
    Write(PathBuf, std::io::Error),
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let (keys, with_proving_key) = match arguments.command {
        Command::DevKeys(keys) => (keys, true),
        Command::ExportVk(keys) => (keys, false),
    };
    eprintln!("{WARNING}");
    let circuits = match keys.circuit {
        Some(circuit) => vec![circuit],
        None => vec![SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION],
    };
    for circuit in circuits {
        let derived = development_keys(CircuitId(circuit))?;
        write(&keys.out, &derived, with_proving_key)?;
    }
    Ok(())
}

fn write(folder: &Path, keys: &DevelopmentKeys, with_proving_key: bool) -> Result<(), Failure> {
    let verifying = folder.join(format!("{}.vk", keys.circuit));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&verifying, &keys.verifying))
        .map_err(|error| Failure::Write(verifying.clone(), error))?;
    println!("{}", verifying.display());
    if with_proving_key {
        let proving = folder.join(neurostore_setup::file_name(keys.circuit));
        write_proving_key(
            &proving,
            keys.circuit,
            &keys.verifying,
            &ProvingKey::new(&keys.proving, Reduction::Libsnark),
        )?;
        println!("{}", proving.display());
    }
    Ok(())
}
