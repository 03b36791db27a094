//! Proving keys on disk.
//!
//! `NSPK`, version, circuit, the hash of the verifying key it belongs to, the length and the
//! hash of what follows; then the key, uncompressed. The hash is checked once at load and the
//! points are taken as they stand: a key of circuit 24 is read in a fraction of a second.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use neurostore_primitives::CircuitId;
use neurostore_verifier::development_key;

use crate::{
    development::{development_keys, SetupError},
    proving_key::ProvingKey,
};

const MAGIC: [u8; 4] = *b"NSPK";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 4 + 2 + 2 + 32 + 8 + 32;
/// No key of ours comes near: 48 samples need some 60 MiB.
const MAX_PAYLOAD_BYTES: u64 = 1 << 30;

/// Why a proving key could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system refused.
    #[error("proving key file {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a proving key of this version.
    #[error("{0} is not a proving key of this version")]
    UnknownFormat(PathBuf),
    /// For another circuit, or for another verifying key.
    #[error("{0} holds the proving key of another circuit")]
    OtherCircuit(PathBuf),
    /// Cut off, extended or changed.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// The key could not be encoded.
    #[error("the proving key could not be encoded: {0}")]
    Encoding(#[from] SerializationError),
    /// The key could not be derived.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Where a proving key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Out of the folder.
    Cached,
    /// Derived now, and written to the folder.
    Derived,
}

/// The development proving key of a circuit: out of `folder`, or derived and written there where
/// the file is missing, damaged, or of another version of the circuit.
pub fn development_proving_key(
    circuit: CircuitId,
    folder: &Path,
) -> Result<(ProvingKey, KeySource), KeyFileError> {
    let verifying = development_key(circuit).ok_or(SetupError::UnknownCircuit(circuit))?;
    let path = folder.join(file_name(circuit));
    match read_proving_key(&path, circuit, verifying) {
        Ok(key) => return Ok((key, KeySource::Cached)),
        Err(KeyFileError::Io { source, .. }) if source.kind() != io::ErrorKind::NotFound => {
            return Err(KeyFileError::Io { path, source });
        }
        Err(_) => {}
    }
    let keys = development_keys(circuit)?;
    let key = ProvingKey::from(&keys.proving);
    write_proving_key(&path, circuit, &keys.verifying, &key)?;
    Ok((key, KeySource::Derived))
}

/// The name of a circuit's proving key in a key folder.
pub fn file_name(circuit: CircuitId) -> String {
    format!("development-{circuit}.pk")
}

/// Reads a proving key and checks it against its hash, its circuit and its verifying key.
pub fn read_proving_key(
    path: &Path,
    circuit: CircuitId,
    verifying: &[u8],
) -> Result<ProvingKey, KeyFileError> {
    let io = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    let length = fs::metadata(path).map_err(io)?.len();
    if length > MAX_PAYLOAD_BYTES {
        return Err(KeyFileError::UnknownFormat(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(io)?;
    let unknown = || KeyFileError::UnknownFormat(path.to_owned());
    let (header, payload) = bytes
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or_else(unknown)?;
    let expected = header_for(circuit, verifying, payload);
    let differs = |from: usize, to: usize| header.get(from..to) != expected.get(from..to);
    if differs(0, 6) {
        return Err(unknown());
    }
    if differs(6, 40) {
        return Err(KeyFileError::OtherCircuit(path.to_owned()));
    }
    let damaged = || KeyFileError::Damaged(path.to_owned());
    if differs(40, HEADER_BYTES) {
        return Err(damaged());
    }
    ProvingKey::deserialize_uncompressed_unchecked(payload).map_err(|_| damaged())
}

/// Writes a proving key beside `path` and then renames it, so that no reader ever sees half.
pub fn write_proving_key(
    path: &Path,
    circuit: CircuitId,
    verifying: &[u8],
    key: &ProvingKey,
) -> Result<(), KeyFileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let io = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(io)?;
    let mut payload = Vec::with_capacity(key.uncompressed_size());
    key.serialize_uncompressed(&mut payload)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    file.write_all(&header_for(circuit, verifying, &payload))
        .map_err(io)?;
    file.write_all(&payload).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

fn header_for(circuit: CircuitId, verifying: &[u8], payload: &[u8]) -> Vec<u8> {
    [
        &MAGIC[..],
        &VERSION.to_le_bytes(),
        &circuit.0.to_le_bytes(),
        blake3::hash(verifying).as_bytes(),
        &(payload.len() as u64).to_le_bytes(),
        blake3::hash(payload).as_bytes(),
    ]
    .concat()
}
