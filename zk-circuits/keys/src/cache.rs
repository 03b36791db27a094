//! Development proving keys, derived once for each folder.

use std::{fs, io, path::Path};

use neurostore_primitives::CircuitId;
use neurostore_verifier::development_key;

use crate::{
    development::{development_keys, DevelopmentKeyError},
    file::{read_proving_key, write_proving_key, KeyFileError},
    names::file_name,
    proving_key::{ProvingKey, Reduction},
};

/// Where a proving key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Out of the folder.
    Cached,
    /// Derived now, and written to the folder.
    Derived,
}

/// The development proving key of a circuit: out of `folder`, or derived and written there where
/// the file is missing, damaged, or of another version of the circuit. Of several processes that
/// share the folder one derives it, and the others wait.
pub fn development_proving_key(
    circuit: CircuitId,
    folder: &Path,
) -> Result<(ProvingKey, KeySource), KeyFileError> {
    let verifying = development_key(circuit).ok_or(DevelopmentKeyError::UnknownCircuit(circuit))?;
    let path = folder.join(file_name(circuit));
    if let Some(key) = cached(&path, circuit, verifying)? {
        return Ok((key, KeySource::Cached));
    }
    let lock = path.with_extension("lock");
    let io = |source| KeyFileError::Io {
        path: lock.clone(),
        source,
    };
    fs::create_dir_all(folder).map_err(io)?;
    // Held until the file is closed, at the end.
    let held = fs::File::create(&lock).map_err(io)?;
    held.lock().map_err(io)?;
    if let Some(key) = cached(&path, circuit, verifying)? {
        return Ok((key, KeySource::Cached));
    }
    let keys = development_keys(circuit)?;
    keys.check_committed()?;
    let key = ProvingKey::new(&keys.proving, Reduction::Libsnark);
    write_proving_key(&path, circuit, &keys.verifying, &key)?;
    Ok((key, KeySource::Derived))
}

/// The key in the file, or `None` where it has to be derived.
fn cached(
    path: &Path,
    circuit: CircuitId,
    verifying: &[u8],
) -> Result<Option<ProvingKey>, KeyFileError> {
    match read_proving_key(path, circuit, verifying) {
        Ok(key) => Ok(Some(key)),
        Err(KeyFileError::Io { path, source }) if source.kind() != io::ErrorKind::NotFound => {
            Err(KeyFileError::Io { path, source })
        }
        Err(_) => Ok(None),
    }
}
