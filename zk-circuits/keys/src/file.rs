//! Proving keys in files.
//!
//! `NSPK`, version, circuit, the hash of the verifying key it belongs to, the reduction, the
//! lengths of its queries and the hash of what follows; then the key as [`crate::layout`] puts it.
//! A file is read once, in order, into the memory it is proven from, and hashed on the way: the
//! key of circuit 48 costs its 50 MiB and some 50 ms.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use neurostore_primitives::CircuitId;

use crate::{
    development::DevelopmentKeyError,
    layout::{self, Lengths},
    proving_key::{ProvingKey, Reduction},
};

const MAGIC: [u8; 4] = *b"NSPK";
const VERSION: u16 = 2;
const HASH_BYTES: usize = 32;
/// Magic, version, circuit, hash of the verifying key, reduction.
const IDENTITY_BYTES: usize = 4 + 2 + 2 + HASH_BYTES + 1;
const HEADER_BYTES: usize = IDENTITY_BYTES + Lengths::BYTES + HASH_BYTES;
/// Bytes read or written at a time.
const BUFFER_BYTES: usize = 1 << 17;

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
    /// The key could not be derived.
    #[error(transparent)]
    Development(#[from] DevelopmentKeyError),
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
    let unknown = || KeyFileError::UnknownFormat(path.to_owned());
    let damaged = || KeyFileError::Damaged(path.to_owned());
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut header = [0; HEADER_BYTES];
    if length < HEADER_BYTES as u64 {
        return Err(unknown());
    }
    file.read_exact(&mut header).map_err(io)?;
    let Some(header) = Header::parse(&header) else {
        return Err(unknown());
    };
    if header.circuit != circuit || header.verifying != *blake3::hash(verifying).as_bytes() {
        return Err(KeyFileError::OtherCircuit(path.to_owned()));
    }
    if header
        .lengths
        .key_bytes()
        .saturating_add(HEADER_BYTES as u64)
        != length
    {
        return Err(damaged());
    }
    let hashing = Hashing {
        from: file,
        hash: blake3::Hasher::new(),
    };
    let mut hashing = BufReader::with_capacity(BUFFER_BYTES, hashing);
    let key = layout::read(&mut hashing, header.reduction, header.lengths).map_err(io)?;
    if hashing.into_inner().hash.finalize() != header.hash {
        return Err(damaged());
    }
    Ok(key)
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
    let mut hash = BufWriter::with_capacity(BUFFER_BYTES, blake3::Hasher::new());
    layout::write(key, &mut hash).map_err(io)?;
    let hash = hash.into_inner().map_err(|error| io(error.into_error()))?;
    let header = Header {
        circuit,
        verifying: blake3::hash(verifying).into(),
        reduction: key.reduction,
        lengths: Lengths::of(key),
        hash: hash.finalize().into(),
    };
    fs::create_dir_all(folder).map_err(io)?;
    let file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, file);
    file.write_all(&header.to_bytes()).map_err(io)?;
    layout::write(key, &mut file).map_err(io)?;
    let file = file.into_inner().map_err(|error| io(error.into_error()))?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// What stands before a key.
struct Header {
    circuit: CircuitId,
    verifying: [u8; HASH_BYTES],
    reduction: Reduction,
    lengths: Lengths,
    hash: [u8; HASH_BYTES],
}

impl Header {
    fn to_bytes(&self) -> Vec<u8> {
        let reduction = match self.reduction {
            Reduction::Libsnark => 0,
            Reduction::Circom => 1,
        };
        [
            &MAGIC[..],
            &VERSION.to_le_bytes(),
            &self.circuit.0.to_le_bytes(),
            &self.verifying,
            &[reduction],
            &self.lengths.to_bytes(),
            &self.hash,
        ]
        .concat()
    }

    /// `None` where this is no header of this version.
    fn parse(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (version, rest) = rest.split_first_chunk::<2>()?;
        let (circuit, rest) = rest.split_first_chunk::<2>()?;
        let (verifying, rest) = rest.split_first_chunk::<HASH_BYTES>()?;
        let ([reduction], rest) = rest.split_first_chunk::<1>()?;
        let (lengths, hash) = rest.split_first_chunk::<{ Lengths::BYTES }>()?;
        if *magic != MAGIC || u16::from_le_bytes(*version) != VERSION {
            return None;
        }
        Some(Self {
            circuit: CircuitId(u16::from_le_bytes(*circuit)),
            verifying: *verifying,
            reduction: match reduction {
                0 => Reduction::Libsnark,
                1 => Reduction::Circom,
                _ => return None,
            },
            lengths: Lengths::from_bytes(lengths)?,
            hash: hash.try_into().ok()?,
        })
    }
}

/// Hashes what is read.
struct Hashing<R> {
    from: R,
    hash: blake3::Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
