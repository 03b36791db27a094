//! Verification of one proof.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use neurostore_primitives::PROOF_BYTES;

use crate::{
    equation::{holds, Claim, Degenerate},
    limbs::words,
    points::PointError,
    prepared::PreparedKey,
    proof::{CheckedProof, ProofPart},
    transcript::SplitScalar,
};

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// More or fewer public inputs than the circuit has.
    WrongInputCount {
        /// Inputs of the circuit.
        expected: usize,
        /// Inputs given.
        actual: usize,
    },
    /// The proof is longer or shorter than 128 bytes.
    WrongLength(usize),
    /// The public input at this position is not below the field's modulus.
    InputNotCanonical(usize),
    /// No curve point has this encoding, or it is not the canonical one.
    MalformedPoint(ProofPart),
    /// The point is at infinity.
    IdentityPoint(ProofPart),
    /// The point is outside the prime-order subgroup.
    WrongSubgroup(ProofPart),
    /// The pairing equation has no value. Cannot happen for admitted keys and decoded proofs.
    Degenerate,
    /// Everything is well formed, and the proof does not prove this statement.
    Rejected,
}

impl VerifyError {
    pub(crate) fn at(part: ProofPart) -> impl FnOnce(PointError) -> Self {
        move |error| match error {
            PointError::Malformed => Self::MalformedPoint(part),
            PointError::Identity => Self::IdentityPoint(part),
            PointError::WrongSubgroup => Self::WrongSubgroup(part),
        }
    }
}

impl core::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::WrongInputCount { expected, actual } => {
                write!(f, "{actual} public inputs where the circuit has {expected}")
            }
            Self::WrongLength(actual) => {
                write!(f, "the proof has {actual} bytes, not {PROOF_BYTES}")
            }
            Self::InputNotCanonical(position) => {
                write!(f, "public input {position} is not below the modulus")
            }
            Self::MalformedPoint(part) => write!(f, "{part} {}", PointError::Malformed),
            Self::IdentityPoint(part) => write!(f, "{part} {}", PointError::Identity),
            Self::WrongSubgroup(part) => write!(f, "{part} {}", PointError::WrongSubgroup),
            Self::Degenerate => f.write_str("the pairing equation has no value"),
            Self::Rejected => f.write_str("the proof does not prove this statement"),
        }
    }
}

impl core::error::Error for VerifyError {}

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
