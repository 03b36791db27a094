//! What is computed in lanes, from memory to memory.

use neurostore_lanes::{Lanes, Work};

use super::{
    arithmetic::Columns,
    constants::{Number, TABLES_12, TABLES_4, TO_MONTGOMERY},
    exchange::{Leaves, Packed},
    permutation::permute,
};
use crate::{leaf::LEAF_ELEMENTS, sponge::RATE};

/// Permutes eight states of width 4.
pub(super) struct Permute4(pub(super) [Packed; 4]);

impl Work for Permute4 {
    type Output = [Packed; 4];

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> [Packed; 4] {
        let mut state = load::<L, _>(proof, &self.0);
        permute(proof, &mut state, &TABLES_4);
        store(proof, &state)
    }
}

/// Permutes eight states of width 12.
pub(super) struct Permute12(pub(super) [Packed; 12]);

impl Work for Permute12 {
    type Output = [Packed; 12];

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> [Packed; 12] {
        let mut state = load::<L, _>(proof, &self.0);
        permute(proof, &mut state, &TABLES_12);
        store(proof, &state)
    }
}

/// Compresses eight times four children.
pub(super) struct Compress(pub(super) [Packed; 4]);

impl Work for Compress {
    type Output = Packed;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> Packed {
        let mut state = load::<L, _>(proof, &self.0);
        let [child, ..] = state;
        permute(proof, &mut state, &TABLES_4);
        let [digest, ..] = state;
        Packed::store(proof, digest.plus(child))
    }
}

/// Digests eight leaves, with the sponge starting at `tag`.
pub(super) struct Digest<'a> {
    pub(super) leaves: &'a Leaves,
    pub(super) tag: &'a Number,
}

impl Work for Digest<'_> {
    type Output = Packed;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> Packed {
        let mut state = [Columns::<L>::zero(proof); RATE + 1];
        if let Some(capacity) = state.last_mut() {
            *capacity = capacity.plus_number(proof, self.tag);
        }
        for block in 0..LEAF_ELEMENTS / RATE {
            for (position, slot) in state.iter_mut().enumerate() {
                *slot = slot.settle(proof).columns();
                if position < RATE {
                    let element = self.leaves.element(proof, block * RATE + position);
                    *slot = slot.plus(element.carry().times_fixed(proof, &TO_MONTGOMERY));
                }
            }
            permute(proof, &mut state, &TABLES_12);
        }
        let [digest, ..] = state;
        Packed::store(proof, digest)
    }
}

#[inline(always)]
fn load<L: Lanes, const T: usize>(proof: L::Proof, packed: &[Packed; T]) -> [Columns<L>; T] {
    let mut state = [Columns::zero(proof); T];
    for (element, packed) in state.iter_mut().zip(packed) {
        *element = packed.load(proof);
    }
    state
}

#[inline(always)]
fn store<L: Lanes, const T: usize>(proof: L::Proof, state: &[Columns<L>; T]) -> [Packed; T] {
    let mut packed = [Packed::ZERO; T];
    for (packed, element) in packed.iter_mut().zip(state) {
        *packed = Packed::store(proof, *element);
    }
    packed
}
