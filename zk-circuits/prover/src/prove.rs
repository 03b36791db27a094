//! From samples to a proof.

use ark_serialize::{CanonicalSerialize, SerializationError};
use neurostore_circuit::{assign, SampleWitness};
use neurostore_poseidon::{leaf_digest, root_to_field, statement};
use neurostore_primitives::{ShardRoot, PROOF_BYTES};
use neurostore_verifier::{verify, VerifyError};
use rayon::prelude::*;

use crate::Prover;

/// A proof and what it proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The proof, as the chain takes it.
    pub proof: [u8; PROOF_BYTES],
    /// The statement: the proof's only public input.
    pub statement: [u8; 32],
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The circuit proves another number of samples.
    #[error("the circuit proves {expected} samples, not {actual}")]
    WrongSampleCount {
        /// Samples of the circuit.
        expected: u16,
        /// Samples given.
        actual: usize,
    },
    /// The leaf of this sample does not stand under its root: bytes or path are damaged.
    #[error("sample {0} does not lead to its shard's root")]
    WrongRoot(usize),
    /// The samples have no statement. Follows from nothing a caller can do after the other checks.
    #[error("the samples have no statement")]
    NoStatement,
    /// The circuit is too large for the key, or for the field's roots of unity.
    #[error("the circuit is too large for the key")]
    TooLarge,
    /// The proof could not be encoded.
    #[error("the proof could not be encoded: {0}")]
    Encoding(#[from] SerializationError),
    /// The proof does not verify: the proving key is not the one of the verifying key.
    #[error("the own proof does not verify: {0}")]
    SelfCheck(#[from] VerifyError),
}

impl Prover {
    /// Proves that all `samples` are known, bound to `context`. Blocks for seconds.
    ///
    /// Every sample is checked against its root first, so that a damaged leaf is named instead of
    /// spoiling the proof; and the proof is verified before it is returned.
    pub fn prove(
        &self,
        context: &[u8; 31],
        samples: &[SampleWitness],
    ) -> Result<Proven, ProveError> {
        let expected = self.samples();
        if samples.len() != usize::from(expected) {
            return Err(ProveError::WrongSampleCount {
                expected,
                actual: samples.len(),
            });
        }
        self.pool.install(|| {
            if let Some(damaged) = samples
                .par_iter()
                .position_first(|sample| !leads_to_root(sample))
            {
                return Err(ProveError::WrongRoot(damaged));
            }
            let roots: Vec<ShardRoot> = samples.iter().map(|sample| sample.root).collect();
            let leaves: Vec<u16> = samples.iter().map(|sample| sample.index).collect();
            let statement = statement(context, &roots, &leaves).ok_or(ProveError::NoStatement)?;

            let assignment = assign(context, samples);
            let points = self
                .proving
                .prove(&assignment)
                .ok_or(ProveError::TooLarge)?;
            let mut proof = [0; PROOF_BYTES];
            points.serialize_compressed(&mut proof[..])?;
            verify(&self.verifying, &[statement], &proof)?;
            Ok(Proven { proof, statement })
        })
    }
}

fn leads_to_root(sample: &SampleWitness) -> bool {
    let computed = sample.path.root(leaf_digest(&sample.leaf), sample.index);
    root_to_field(&sample.root) == Some(computed)
}
