//! Checking a whole ceremony from its files.

use std::path::Path;

use ark_poly::EvaluationDomain;
use ark_serialize::{CanonicalSerialize, SerializationError};
use neurostore_circuit::Constraints;
use neurostore_primitives::CircuitId;
use rand::{rngs::OsRng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{
    chain::{self, ChainError},
    circuit_hash::circuit_hash,
    contribution::Blake2b,
    powers::{self, PowersError},
    r1cs::r1cs_hash,
    scaling::{self, ScalingError},
    structure::{self, StructureError},
    transcript::Transcript,
    zkey::{self, Zkey, ZkeyError},
};
use crate::circuits::{circuit_constraints, domain, UnknownCircuit};

/// Why a ceremony is not acceptable.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// No such circuit.
    #[error(transparent)]
    Circuit(#[from] UnknownCircuit),
    /// The final key cannot be read, or is not the circuit's.
    #[error("final key: {0}")]
    Final(#[source] ZkeyError),
    /// The initial key cannot be read, or is not the circuit's.
    #[error("initial key: {0}")]
    Initial(#[source] ZkeyError),
    /// The contributions do not lead to the key.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The powers of tau cannot be used.
    #[error(transparent)]
    Powers(#[from] PowersError),
    /// The initial key does not follow from circuit and powers.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// The final key does not follow from the initial one.
    #[error(transparent)]
    Scaling(#[from] ScalingError),
    /// The circuit hash is not the one of the initial key.
    #[error("the circuit hash in the keys is not the hash of the initial key")]
    CircuitHash,
    /// The circuit hash cannot be computed.
    #[error(
        "the file of powers is just as large as the circuit: take the next larger one, or the \
         circuit hash cannot be computed"
    )]
    PowersEnd,
    /// A hash could not be computed.
    #[error("the circuit could not be hashed: {0}")]
    Hash(#[from] std::io::Error),
    /// The verifying key could not be written.
    #[error("the verifying key could not be encoded: {0}")]
    Encoding(#[from] SerializationError),
}

/// The files of a ceremony.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyFiles<'a> {
    /// The powers of tau that it began with.
    pub powers: &'a Path,
    /// The output of `snarkjs groth16 setup`.
    pub initial: &'a Path,
    /// The key after the beacon.
    pub zkey: &'a Path,
}

/// Checks a ceremony and writes down what it was: the final key follows from the circuit, the
/// powers and the contributions, and from nothing else. `progress` is told each step.
///
/// Not checked is how the powers came about: compare the hash of their file, which the document
/// names, with the published one.
pub fn verify_ceremony(
    circuit: CircuitId,
    files: &CeremonyFiles<'_>,
    progress: &dyn Fn(&str),
) -> Result<Transcript, CeremonyError> {
    let constraints = circuit_constraints(circuit)?;
    let domain = domain(&constraints).ok_or(UnknownCircuit(circuit))?;
    let mut random = ChaCha20Rng::from_rng(OsRng).map_err(std::io::Error::other)?;

    progress("reading the final key");
    let key = zkey::read(files.zkey, &constraints).map_err(CeremonyError::Final)?;
    progress("following the contributions");
    let hashes = chain::check(&key.contributions, key.key.delta_g1, key.key.vk.delta_g2)?;
    progress("reading the initial key");
    let initial = zkey::read(files.initial, &constraints).map_err(CeremonyError::Initial)?;
    progress("reading and checking the powers of tau");
    let powers = powers::read(files.powers, domain.size(), &mut random)?;
    progress("checking the initial key against circuit and powers");
    structure::check(&initial, &constraints, domain, &powers, &mut random)?;
    let expected = circuit_hash(&initial, &powers).ok_or(CeremonyError::PowersEnd)?;
    if expected != initial.contributions.circuit_hash {
        return Err(CeremonyError::CircuitHash);
    }
    progress("checking the final key against the initial one");
    scaling::check(&key, &initial, &mut random)?;
    describe(circuit, &constraints, &key, &hashes, powers.hash)
}

/// The document of a checked key.
pub(crate) fn describe(
    circuit: CircuitId,
    constraints: &Constraints,
    key: &Zkey,
    hashes: &[Blake2b],
    powers: Blake2b,
) -> Result<Transcript, CeremonyError> {
    let contributions: Vec<_> = key
        .contributions
        .list
        .iter()
        .zip(hashes.iter().copied())
        .collect();
    Ok(Transcript::new(
        circuit,
        r1cs_hash(constraints)?,
        powers,
        key.contributions.circuit_hash,
        &contributions,
        key.hash,
        &verifying_key(key)?,
    ))
}

/// The verifying key in arkworks' compressed form, as chains admit it.
pub(crate) fn verifying_key(key: &Zkey) -> Result<Vec<u8>, SerializationError> {
    let mut bytes = Vec::new();
    key.key.vk.serialize_compressed(&mut bytes)?;
    Ok(bytes)
}
