//! Why proofs are refused.

use neurostore_primitives::PROOF_BYTES;

use crate::points::PointError;

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

/// Why a batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// The item at this position cannot be put to the test: its inputs are refused.
    Item(usize, VerifyError),
    /// The pairing equation has no value. Cannot happen for admitted keys and decoded proofs.
    Degenerate,
    /// Everything is well formed, and at least one proof does not prove its statement.
    Rejected,
}

impl core::fmt::Display for BatchError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Item(position, error) => write!(f, "item {position}: {error}"),
            Self::Degenerate => f.write_str("the pairing equation has no value"),
            Self::Rejected => f.write_str("at least one proof does not prove its statement"),
        }
    }
}

impl core::error::Error for BatchError {}

/// The pairing equation has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Degenerate;
