//! Round constants and matrices of the two Poseidon2 instances.
//!
//! Parameters of Horizen Labs for BN254: S-box x^5, eight full rounds, 56 partial rounds at width 4
//! and 57 at width 12. The constants come out of a Grain register that is seeded with just these
//! numbers; `examples/generate_parameters` writes the two files of limbs, and a test draws them
//! again.

mod width12;
mod width4;

use ark_bn254::Fr;
use ark_ff::BigInt;

/// Full rounds, half of them before and half after the partial rounds.
pub const FULL_ROUNDS: usize = 8;
/// Partial rounds at width 4.
pub const PARTIAL_ROUNDS_4: usize = 56;
/// Partial rounds at width 12.
pub const PARTIAL_ROUNDS_12: usize = 57;

/// The constants of one instance of width `T` with `P` partial rounds.
#[derive(Debug)]
pub struct Parameters<const T: usize, const P: usize> {
    /// Added before each of the four opening full rounds.
    pub opening: [[Fr; T]; FULL_ROUNDS / 2],
    /// Added to the first element before each partial round.
    pub partial: [Fr; P],
    /// Added before each of the four closing full rounds.
    pub closing: [[Fr; T]; FULL_ROUNDS / 2],
    /// Diagonal of the internal matrix less one: the matrix is this diagonal plus all ones.
    pub diagonal: [Fr; T],
}

/// The instance of width 4, for tree nodes.
pub static WIDTH_4: Parameters<4, PARTIAL_ROUNDS_4> =
    parameters(&width4::EXTERNAL, &width4::INTERNAL, &width4::DIAGONAL);
/// The instance of width 12, for leaves and statements.
pub static WIDTH_12: Parameters<12, PARTIAL_ROUNDS_12> =
    parameters(&width12::EXTERNAL, &width12::INTERNAL, &width12::DIAGONAL);

const fn parameters<const T: usize, const P: usize>(
    external: &[[[u64; 4]; T]; FULL_ROUNDS],
    internal: &[[u64; 4]; P],
    diagonal: &[[u64; 4]; T],
) -> Parameters<T, P> {
    let (opening, closing) = external.split_at(FULL_ROUNDS / 2);
    Parameters {
        opening: rounds(opening),
        partial: elements(internal),
        closing: rounds(closing),
        diagonal: elements(diagonal),
    }
}

// Loops over indices, for want of iterators in constant evaluation: a mistake fails the build.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
const fn rounds<const T: usize>(limbs: &[[[u64; 4]; T]]) -> [[Fr; T]; FULL_ROUNDS / 2] {
    let mut rounds = [[Fr::new_unchecked(BigInt([0; 4])); T]; FULL_ROUNDS / 2];
    let mut round = 0;
    while round < FULL_ROUNDS / 2 {
        rounds[round] = elements(&limbs[round]);
        round += 1;
    }
    rounds
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
pub(crate) const fn elements<const N: usize>(limbs: &[[u64; 4]; N]) -> [Fr; N] {
    let mut elements = [Fr::new_unchecked(BigInt([0; 4])); N];
    let mut index = 0;
    while index < N {
        elements[index] = Fr::new(BigInt(limbs[index]));
        index += 1;
    }
    elements
}
