//! Admission of verifying keys.

use alloc::vec::Vec;

use ark_bn254::{Fr, G2Affine};
use ark_ec::AffineRepr;

use crate::{
    curve::Affine,
    error::VerifyError,
    field::{Fp, Fp2},
    points::{g1, g2, PointError, G1_BYTES, G2_BYTES},
    prepared::{small, PreparedKey, VerifyingKey, MAX_PUBLIC_INPUTS},
    proof::CheckedProof,
    verification::satisfies,
};

/// Bytes of the longest key: alpha, beta, gamma, delta, the count, and one base more than inputs.
pub const MAX_KEY_BYTES: u32 = small(key_len(MAX_PUBLIC_INPUTS));

const COUNT_BYTES: usize = 8;

/// Bytes of a key for this many inputs, which are few.
const fn key_len(inputs: usize) -> usize {
    G1_BYTES + 3 * G2_BYTES + COUNT_BYTES + (inputs + 1) * G1_BYTES
}

/// A part of a verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// `alpha` in G1.
    Alpha,
    /// `beta` in G2.
    Beta,
    /// `gamma` in G2.
    Gamma,
    /// `delta` in G2.
    Delta,
    /// The base of an input in G1; number zero belongs to the constant one.
    InputBase(usize),
}

impl core::fmt::Display for KeyPart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Alpha => f.write_str("alpha"),
            Self::Beta => f.write_str("beta"),
            Self::Gamma => f.write_str("gamma"),
            Self::Delta => f.write_str("delta"),
            Self::InputBase(number) => write!(f, "input base {number}"),
        }
    }
}

/// Why a verifying key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmitError {
    /// More public inputs were asked for than [`MAX_PUBLIC_INPUTS`].
    TooManyInputs,
    /// A key for this number of inputs has another length.
    WrongLength {
        /// Bytes of a key for this number of inputs.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The key says that it is for another number of inputs.
    WrongInputCount,
    /// A point is not acceptable.
    Point(KeyPart, PointError),
    /// `gamma` and `delta` are equal, or each other's negative: the second phase of the set-up
    /// never happened, and proofs can be forged.
    GammaIsDelta,
    /// `delta` is the generator: nobody contributed to the second phase.
    DeltaIsGenerator,
    /// Two input bases are equal: their inputs could be exchanged.
    RepeatedInputBase(usize, usize),
    /// A pairing of the key's points has no value. Cannot happen for points that passed.
    Degenerate,
    /// A proof made of the key's own points passes.
    AcceptsForgery,
}

impl core::fmt::Display for AdmitError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooManyInputs => write!(f, "more than {MAX_PUBLIC_INPUTS} public inputs"),
            Self::WrongLength { expected, actual } => {
                write!(f, "the key has {actual} bytes, not {expected}")
            }
            Self::WrongInputCount => f.write_str("the key is for another number of inputs"),
            Self::Point(part, error) => write!(f, "{part} {error}"),
            Self::GammaIsDelta => f.write_str("gamma and delta are equal or opposite"),
            Self::DeltaIsGenerator => f.write_str("delta is the generator"),
            Self::RepeatedInputBase(first, second) => {
                write!(f, "input bases {first} and {second} are equal")
            }
            Self::Degenerate => f.write_str("a pairing of the key's points has no value"),
            Self::AcceptsForgery => f.write_str("the key accepts a forged proof"),
        }
    }
}

impl core::error::Error for AdmitError {}

/// Checks a verifying key for a circuit with this many public inputs, and prepares it.
///
/// The key is in arkworks' compressed form. Refused are wrong lengths, points that are not
/// canonical, off the curve, outside the subgroup or at infinity, and keys whose relations
/// between points let proofs be forged. What cannot be seen in a key is who knows its trapdoor:
/// that is what [`crate::KeyOrigin`] is for.
pub fn admit(bytes: &[u8], public_inputs: usize) -> Result<PreparedKey, AdmitError> {
    let key = decode(bytes, public_inputs)?;
    if key.gamma.equals(&key.delta) || key.gamma.equals(&key.delta.negated()) {
        return Err(AdmitError::GammaIsDelta);
    }
    let generator = G2Affine::generator();
    let generator = Affine::new(Fp2::from_ark(generator.x), Fp2::from_ark(generator.y));
    if key.delta.equals(&generator) {
        return Err(AdmitError::DeltaIsGenerator);
    }
    for (second, base) in key.bases.iter().enumerate() {
        if let Some(first) = key
            .bases
            .iter()
            .take(second)
            .position(|other| other.equals(base))
        {
            return Err(AdmitError::RepeatedInputBase(first, second));
        }
    }
    let prepared = PreparedKey::new(&key, bytes).ok_or(AdmitError::Degenerate)?;
    refuses_forgeries(&key, &prepared)?;
    Ok(prepared)
}

fn decode(bytes: &[u8], public_inputs: usize) -> Result<VerifyingKey, AdmitError> {
    if public_inputs > MAX_PUBLIC_INPUTS {
        return Err(AdmitError::TooManyInputs);
    }
    let count = public_inputs.saturating_add(1);
    let expected = key_len(public_inputs);
    let wrong_length = AdmitError::WrongLength {
        expected,
        actual: bytes.len(),
    };
    if bytes.len() != expected {
        return Err(wrong_length);
    }
    let mut rest = bytes;
    let alpha = take_g1(&mut rest, KeyPart::Alpha).ok_or(wrong_length)??;
    let beta = take_g2(&mut rest, KeyPart::Beta).ok_or(wrong_length)??;
    let gamma = take_g2(&mut rest, KeyPart::Gamma).ok_or(wrong_length)??;
    let delta = take_g2(&mut rest, KeyPart::Delta).ok_or(wrong_length)??;
    let written = rest
        .split_off(..COUNT_BYTES)
        .and_then(|written| written.first_chunk());
    if written.map(|written| u64::from_le_bytes(*written)) != u64::try_from(count).ok() {
        return Err(AdmitError::WrongInputCount);
    }
    let bases = (0..count)
        .map(|number| take_g1(&mut rest, KeyPart::InputBase(number)).ok_or(wrong_length)?)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(VerifyingKey {
        alpha,
        beta,
        gamma,
        delta,
        bases,
    })
}

fn take_g1(rest: &mut &[u8], part: KeyPart) -> Option<Result<Affine<Fp>, AdmitError>> {
    let (bytes, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(g1(bytes).map_err(|error| AdmitError::Point(part, error)))
}

fn take_g2(rest: &mut &[u8], part: KeyPart) -> Option<Result<Affine<Fp2>, AdmitError>> {
    let (bytes, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(g2(bytes).map_err(|error| AdmitError::Point(part, error)))
}

/// The proof (alpha, beta, -IC) satisfies the equation for every key with equal gamma and delta,
/// and (alpha, beta, IC) for opposite ones. Neither may pass, however the key came about.
fn refuses_forgeries(key: &VerifyingKey, prepared: &PreparedKey) -> Result<(), AdmitError> {
    let inputs: Vec<Fr> = (1u64..)
        .take(prepared.public_inputs())
        .map(Fr::from)
        .collect();
    let one = Fr::from(1u8);
    let sum = prepared.combine(core::iter::once(&one).chain(&inputs));
    // At infinity only for whoever knows the key's trapdoor.
    let sum = sum.to_affine().ok_or(AdmitError::AcceptsForgery)?;
    for c in [sum.negated(), sum] {
        let forged = CheckedProof {
            a: key.alpha,
            b: key.beta,
            c,
        };
        if satisfies(prepared, inputs.clone(), forged) != Err(VerifyError::Rejected) {
            return Err(AdmitError::AcceptsForgery);
        }
    }
    Ok(())
}
