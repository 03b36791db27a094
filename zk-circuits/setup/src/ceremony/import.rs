//! From the outcome of a ceremony to keys that chain and provers take.

use std::path::Path;

use blake2::{digest::consts::U32, Blake2b, Digest};
use neurostore_keys::{ProvingKey, Reduction};
use neurostore_primitives::CircuitId;
use neurostore_verifier::{admit, AdmitError};

use super::{
    chain,
    self_test::{self, SelfTestError},
    transcript::{Transcript, TranscriptError},
    verify::{describe, verifying_key, CeremonyError},
    zkey,
};
use crate::circuits::circuit_constraints;

/// Public inputs of our circuits: the statement.
const PUBLIC_INPUTS: usize = 1;

/// The keys of a ceremony.
#[derive(Debug)]
pub struct CeremonyKeys {
    /// The circuit they belong to.
    pub circuit: CircuitId,
    /// What provers keep on disk.
    pub proving: ProvingKey,
    /// The verifying key in arkworks' compressed form, as chains admit it.
    pub verifying: Vec<u8>,
    /// What the chain is told as the key's origin.
    pub transcript: [u8; 32],
}

/// `BLAKE2b-256` of a verifying key: the chain keeps it beside the key, and names it in the event
/// when the key is set. The same as `b2sum -l 256` of the file.
pub fn verifying_key_hash(verifying: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(verifying).into()
}

/// Why a key is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The key is not the outcome of a ceremony for this circuit.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The document does not belong to it.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// The chain would not admit the verifying key.
    #[error("chains refuse the verifying key: {0}")]
    Admit(#[from] AdmitError),
    /// Proofs under the key do not behave.
    #[error("self-test: {0}")]
    SelfTest(#[from] SelfTestError),
}

/// Reads a final key and the document of its ceremony, and tries the key out. `progress` is told
/// each step.
///
/// Sizes, matrices, contributions and the document are compared; that the key's points follow
/// from the circuit is what [`super::verify_ceremony`] checks, which wrote the document. Whoever
/// has the document from others and not from a run of their own trusts those others.
pub fn import_ceremony(
    circuit: CircuitId,
    zkey: &Path,
    transcript: &Path,
    progress: &dyn Fn(&str),
) -> Result<CeremonyKeys, ImportError> {
    let document = Transcript::read(transcript)?;
    let constraints = circuit_constraints(circuit).map_err(CeremonyError::from)?;
    progress("reading the key");
    let key = zkey::read(zkey, &constraints).map_err(CeremonyError::Final)?;
    progress("following the contributions");
    let contributions = &key.contributions;
    let hashes = chain::check(contributions, key.key.delta_g1, key.key.vk.delta_g2)
        .map_err(CeremonyError::from)?;
    let powers = document.powers_of_tau_blake2b.0;
    document.compare(&describe(circuit, &constraints, &key, &hashes, powers)?)?;

    progress("admitting the verifying key");
    let verifying = verifying_key(&key).map_err(CeremonyError::from)?;
    let prepared = admit(&verifying, PUBLIC_INPUTS)?;
    progress("proving a true statement and two false ones");
    self_test::run(circuit, &constraints, &key.key, &prepared)?;
    Ok(CeremonyKeys {
        circuit,
        proving: ProvingKey::new(&key.key, Reduction::Circom),
        verifying,
        transcript: document.hash()?,
    })
}
