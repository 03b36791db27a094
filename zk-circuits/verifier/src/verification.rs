//! Verification of one proof.

use alloc::vec::Vec;

use ark_bn254::{Fr, G1Affine};
use ark_ec::{bn::G1Prepared, pairing::Pairing, CurveGroup};
use ark_ff::{BigInt, PrimeField};
use ark_groth16::Proof;
use neurostore_primitives::PROOF_BYTES;

use crate::{
    points::{g1, g2, Curve, PointError, G1_BYTES, G2_BYTES},
    prepared::PreparedKey,
};

/// A point of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofPart {
    /// `A` in G1.
    A,
    /// `B` in G2.
    B,
    /// `C` in G1.
    C,
}

impl core::fmt::Display for ProofPart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        })
    }
}

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
    fn at(part: ProofPart) -> impl FnOnce(PointError) -> Self {
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
    let expected = key.public_inputs();
    if inputs.len() != expected {
        return Err(VerifyError::WrongInputCount {
            expected,
            actual: inputs.len(),
        });
    }
    let proof: &[u8; PROOF_BYTES] = proof
        .try_into()
        .map_err(|_| VerifyError::WrongLength(proof.len()))?;
    let inputs = inputs
        .iter()
        .enumerate()
        .map(|(position, input)| scalar(input).ok_or(VerifyError::InputNotCanonical(position)))
        .collect::<Result<Vec<_>, _>>()?;
    satisfies(key, &inputs, &decode(proof)?)
}

fn scalar(bytes: &[u8; 32]) -> Option<Fr> {
    let mut limbs = [0; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (limb, word) in limbs.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    Fr::from_bigint(BigInt(limbs))
}

fn decode(bytes: &[u8; PROOF_BYTES]) -> Result<Proof<Curve>, VerifyError> {
    let wrong_length = VerifyError::WrongLength(bytes.len());
    let (a, rest) = bytes.split_first_chunk::<G1_BYTES>().ok_or(wrong_length)?;
    let (b, rest) = rest.split_first_chunk::<G2_BYTES>().ok_or(wrong_length)?;
    let c = rest.first_chunk::<G1_BYTES>().ok_or(wrong_length)?;
    Ok(Proof {
        a: g1(a).map_err(VerifyError::at(ProofPart::A))?,
        b: g2(b).map_err(VerifyError::at(ProofPart::B))?,
        c: g1(c).map_err(VerifyError::at(ProofPart::C))?,
    })
}

/// The Groth16 equation e(A, B) = e(alpha, beta) e(IC, gamma) e(C, delta), on checked points.
pub(crate) fn satisfies(
    key: &PreparedKey,
    inputs: &[Fr],
    proof: &Proof<Curve>,
) -> Result<(), VerifyError> {
    let combined: G1Affine = key.combine(inputs).into_affine();
    let left: [G1Prepared<_>; 3] = [proof.a.into(), combined.into(), proof.c.into()];
    let right = [
        proof.b.into(),
        key.gamma_negated().clone(),
        key.delta_negated().clone(),
    ];
    let product = Curve::final_exponentiation(Curve::multi_miller_loop(left, right))
        .ok_or(VerifyError::Degenerate)?;
    if product.0 == *key.alpha_beta() {
        Ok(())
    } else {
        Err(VerifyError::Rejected)
    }
}
