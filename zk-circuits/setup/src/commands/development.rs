//! Development keys.

use std::path::{Path, PathBuf};

use neurostore_keys::{
    development_keys, file_name, write_proving_key, DevelopmentKeys, ProvingKey, Reduction,
};
use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};

use super::{write_file, Failure};

const WARNING: &str = "warning: these are development keys. Their trapdoor follows from a public \
                       seed, so anyone can forge proofs under them. Live chains refuse them.";

#[derive(clap::Args)]
pub(crate) struct Keys {
    /// Folder to write to.
    #[arg(long)]
    out: PathBuf,
    /// One circuit instead of all: 4, 24 or 48.
    #[arg(long)]
    circuit: Option<u16>,
}

/// Writes the keys of one circuit or of all.
pub(crate) fn write_keys(keys: &Keys, with_proving_key: bool) -> Result<(), Failure> {
    eprintln!("{WARNING}");
    let circuits = match keys.circuit {
        Some(circuit) => vec![circuit],
        None => vec![SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION],
    };
    for circuit in circuits {
        let derived = development_keys(CircuitId(circuit))?;
        // The key to commit is written as it is; a proving key for another one is of no use.
        if with_proving_key {
            derived.check_committed()?;
        }
        write(&keys.out, &derived, with_proving_key)?;
    }
    Ok(())
}

fn write(folder: &Path, keys: &DevelopmentKeys, with_proving_key: bool) -> Result<(), Failure> {
    let verifying = folder.join(format!("{}.vk", keys.circuit));
    write_file(&verifying, &keys.verifying)?;
    println!("{}", verifying.display());
    if with_proving_key {
        let proving = folder.join(file_name(keys.circuit));
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
