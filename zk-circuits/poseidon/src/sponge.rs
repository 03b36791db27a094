//! A sponge of width 12 and rate 11 for inputs of a fixed, tagged length.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt};

use crate::permutation::permute12;

/// Elements absorbed by one permutation.
pub const RATE: usize = 11;

/// The sponge: eleven elements of rate, then one of capacity that starts at a domain tag.
///
/// There is no padding rule beside zeros, so every tag must stand for one input length.
pub(crate) struct Sponge {
    state: [Fr; RATE + 1],
    absorbed: usize,
}

impl Sponge {
    pub(crate) fn new(tag: Fr) -> Self {
        let mut state = [Fr::ZERO; RATE + 1];
        if let Some(capacity) = state.last_mut() {
            *capacity = tag;
        }
        Self { state, absorbed: 0 }
    }

    pub(crate) fn absorb(&mut self, element: &Fr) {
        if self.absorbed == RATE {
            permute12(&mut self.state);
            self.absorbed = 0;
        }
        if let Some(slot) = self.state.get_mut(self.absorbed) {
            *slot += element;
        }
        self.absorbed = self.absorbed.saturating_add(1);
    }

    /// Permutes what is left, zeros where the last block is short, and gives the first element.
    pub(crate) fn squeeze(mut self) -> Fr {
        permute12(&mut self.state);
        let [digest, ..] = self.state;
        digest
    }
}

/// A domain tag as a field element: the little-endian number that its ASCII bytes spell. Thirty-one
/// bytes are always below the modulus.
// A loop over indices, for want of iterators in constant evaluation.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
pub(crate) const fn tag<const N: usize>(bytes: &[u8; N]) -> Fr {
    const { assert!(N < 32) };
    let mut limbs = [0; 4];
    let mut position = 0;
    while position < N {
        limbs[position / 8] |= (bytes[position] as u64) << (position % 8 * 8);
        position += 1;
    }
    Fr::new(BigInt(limbs))
}
