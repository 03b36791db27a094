//! Key generation from a public seed.

use ark_bn254::{Bn254, Fr};
use ark_groth16::Groth16;
use ark_relations::gr1cs::{ConstraintSynthesizer, SynthesisError};
use ark_serialize::{CanonicalSerialize, SerializationError};
use neurostore_circuit::SpacetimeCircuit;
use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};
use neurostore_verifier::development_key;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// Domain of the seeds. Public on purpose.
const SEED_DOMAIN: &[u8] = b"neurostore/development-keys/1";

const DEVELOPMENT: usize = SAMPLES_DEVELOPMENT as usize;
const MEDIUM: usize = SAMPLES_MEDIUM as usize;
const PRODUCTION: usize = SAMPLES_PRODUCTION as usize;

/// Both keys of a circuit.
#[derive(Debug)]
pub struct DevelopmentKeys {
    /// The circuit they belong to.
    pub circuit: CircuitId,
    /// The whole proving key, as arkworks knows it.
    pub proving: ark_groth16::ProvingKey<Bn254>,
    /// The verifying key in arkworks' compressed form, as chains admit it.
    pub verifying: Vec<u8>,
}

impl DevelopmentKeys {
    /// Checks that these are the committed keys, which chains and verifiers have. They are others
    /// where the circuit has changed since they were written.
    pub fn check_committed(&self) -> Result<(), DevelopmentKeyError> {
        match development_key(self.circuit) {
            Some(committed) if committed != self.verifying.as_slice() => {
                Err(DevelopmentKeyError::NotCommitted(self.circuit))
            }
            _ => Ok(()),
        }
    }
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentKeyError {
    /// Development keys exist for circuits 4, 24 and 48.
    #[error("there are no development keys for circuit {0}, only for 4, 24 and 48")]
    UnknownCircuit(CircuitId),
    /// What follows from seed and circuit is not what is committed.
    #[error(
        "the development keys of circuit {0} are not the committed ones: the circuit has changed \
         since; `export-vk` writes the verifying key to commit"
    )]
    NotCommitted(CircuitId),
    /// The circuit could not be turned into keys.
    #[error("key generation failed: {0}")]
    Synthesis(#[from] SynthesisError),
    /// The verifying key could not be written.
    #[error("the verifying key could not be encoded: {0}")]
    Encoding(#[from] SerializationError),
}

/// The public seed of a circuit's keys.
pub fn seed(circuit: CircuitId) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    hash.update(SEED_DOMAIN);
    hash.update(&circuit.0.to_le_bytes());
    hash.finalize().into()
}

/// Generates the keys of a circuit. The same on every machine; **anyone can forge proofs** under
/// them. Takes a second for circuit 4 and tens of seconds for circuit 48.
pub fn development_keys(circuit: CircuitId) -> Result<DevelopmentKeys, DevelopmentKeyError> {
    match circuit.0 {
        SAMPLES_DEVELOPMENT => generate(circuit, SpacetimeCircuit::<DEVELOPMENT>::blank()),
        SAMPLES_MEDIUM => generate(circuit, SpacetimeCircuit::<MEDIUM>::blank()),
        SAMPLES_PRODUCTION => generate(circuit, SpacetimeCircuit::<PRODUCTION>::blank()),
        _ => Err(DevelopmentKeyError::UnknownCircuit(circuit)),
    }
}

fn generate(
    circuit: CircuitId,
    blank: impl ConstraintSynthesizer<Fr>,
) -> Result<DevelopmentKeys, DevelopmentKeyError> {
    let mut rng = ChaCha20Rng::from_seed(seed(circuit));
    let proving = Groth16::<Bn254>::generate_random_parameters_with_reduction(blank, &mut rng)?;
    let mut verifying = Vec::new();
    proving.vk.serialize_compressed(&mut verifying)?;
    Ok(DevelopmentKeys {
        circuit,
        proving,
        verifying,
    })
}
