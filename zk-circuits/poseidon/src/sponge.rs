//! A sponge of width 12 and rate 11 for inputs of a fixed, tagged length.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

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

/// A domain tag as a field element: the little-endian number that its ASCII bytes spell.
pub(crate) fn tag(bytes: &[u8]) -> Fr {
    bytes.iter().rev().fold(Fr::ZERO, |number, byte| {
        number * Fr::from(256u16) + Fr::from(*byte)
    })
}
