//! Verification of one proof.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

use crate::{
    equation::{holds, Claim, SplitScalar},
    error::{Degenerate, VerifyError},
    limbs::words,
    prepared::PreparedKey,
    proof::CheckedProof,
};

/// Verifies a proof of 128 bytes (A, B, C, compressed) for these public inputs, each a canonical
/// little-endian field element.
///
/// Proofs are malleable: from one proof anyone makes others for the same statement. Key nothing
/// on a proof's bytes.
pub fn verify(key: &PreparedKey, inputs: &[[u8; 32]], proof: &[u8]) -> Result<(), VerifyError> {
    let inputs = scalars(key, inputs)?;
    satisfies(key, inputs, CheckedProof::decode(proof)?)
}

/// Verifies a proof that was decoded before.
pub fn verify_checked(
    key: &PreparedKey,
    inputs: &[[u8; 32]],
    proof: &CheckedProof,
) -> Result<(), VerifyError> {
    satisfies(key, scalars(key, inputs)?, *proof)
}

/// The public inputs as field elements, if they are as many as the circuit has and canonical.
pub(crate) fn scalars(key: &PreparedKey, inputs: &[[u8; 32]]) -> Result<Vec<Fr>, VerifyError> {
    let expected = key.public_inputs();
    if inputs.len() != expected {
        return Err(VerifyError::WrongInputCount {
            expected,
            actual: inputs.len(),
        });
    }
    let canonical =
        |(position, input)| scalar(input).ok_or(VerifyError::InputNotCanonical(position));
    inputs.iter().enumerate().map(canonical).collect()
}

fn scalar(bytes: &[u8; 32]) -> Option<Fr> {
    Fr::from_bigint(BigInt(words(bytes)))
}

/// Whether one proof satisfies its equation: a sum of equations with a single term.
pub(crate) fn satisfies(
    key: &PreparedKey,
    inputs: Vec<Fr>,
    proof: CheckedProof,
) -> Result<(), VerifyError> {
    let claim = Claim {
        inputs,
        proof,
        factor: SplitScalar::ONE,
    };
    match holds(key, &[claim]) {
        Ok(true) => Ok(()),
        Ok(false) => Err(VerifyError::Rejected),
        Err(Degenerate) => Err(VerifyError::Degenerate),
    }
}
