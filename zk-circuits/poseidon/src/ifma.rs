//! Eight permutations side by side, in lanes (`neurostore-lanes`).
//!
//! | module | |
//! |---|---|
//! | `constants` | moduli, residues, round constants in limbs of 52 bits |
//! | `arithmetic` | field arithmetic and its bounds |
//! | `permutation` | the permutations and their bounds |
//! | `exchange` | between elements in memory and lanes |
//! | `works` | what is computed in lanes, from memory to memory |
//!
//! The CPU begins one 512-bit multiply-add per cycle, so that their number bounds the speed:
//!
//! | | multiply-adds |
//! |---|---|
//! | product, square, product with a fixed factor | 100, 80, 60 |
//! | settling a number | 10 |
//! | permutation of width 12: 153 S-boxes, 684 diagonal products, 165 settled | 82,470 |
//! | permutation of width 4: 88 S-boxes, 224 diagonal products, 92 settled | 37,240 |
//!
//! An external round leaves 12 settled elements, the internal rounds one each and 12 before them.

mod arithmetic;
mod constants;
mod exchange;
mod permutation;
#[cfg(test)]
mod tests;
mod works;

use ark_bn254::Fr;
use neurostore_primitives::LEAF_BYTES;

use neurostore_lanes::{Ifma, LANES};

use self::{
    constants::{montgomery, Number},
    exchange::{Leaves, Packed},
    works::{Compress, Digest, Permute12, Permute4},
};
use crate::leaf::LEAF_CAPACITY;

/// Where the capacity of the leaf sponge starts.
static TAG: Number = montgomery(&LEAF_CAPACITY);

/// Permutes states of width 4.
pub(crate) fn permute4(ifma: Ifma, states: &mut [[Fr; 4]]) {
    for lot in states.chunks_mut(LANES) {
        let permuted = ifma.run(Permute4(pack(lot)));
        unpack(&permuted, lot);
    }
}

/// Permutes states of width 12.
pub(crate) fn permute12(ifma: Ifma, states: &mut [[Fr; 12]]) {
    for lot in states.chunks_mut(LANES) {
        let permuted = ifma.run(Permute12(pack(lot)));
        unpack(&permuted, lot);
    }
}

/// The digests of nodes out of their children.
pub(crate) fn compress(ifma: Ifma, nodes: &[[Fr; 4]]) -> Vec<Fr> {
    let digests = nodes.chunks(LANES).flat_map(|lot| {
        let digests = ifma.run(Compress(pack(lot))).elements();
        digests.into_iter().take(lot.len())
    });
    digests.collect()
}

/// The digests of leaves.
pub(crate) fn leaf_digests(ifma: Ifma, leaves: &[[u8; LEAF_BYTES]]) -> Vec<Fr> {
    let digests = leaves.chunks(LANES).flat_map(|lot| {
        let digest = Digest {
            leaves: &Leaves::new(lot),
            tag: &TAG,
        };
        ifma.run(digest).elements().into_iter().take(lot.len())
    });
    digests.collect()
}

/// Up to eight states, lane by lane.
fn pack<const T: usize>(states: &[[Fr; T]]) -> [Packed; T] {
    let mut packed = [Packed::ZERO; T];
    for (lane, state) in states.iter().enumerate() {
        for (packed, element) in packed.iter_mut().zip(state) {
            packed.set(lane, element);
        }
    }
    packed
}

/// The states out of their lanes.
fn unpack<const T: usize>(packed: &[Packed; T], states: &mut [[Fr; T]]) {
    for (position, packed) in packed.iter().enumerate() {
        for (state, element) in states.iter_mut().zip(packed.elements()) {
            if let Some(to) = state.get_mut(position) {
                *to = element;
            }
        }
    }
}
