//! Between elements in memory and lanes.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use neurostore_primitives::LEAF_BYTES;

use neurostore_lanes::{Lanes, LANES, LIMB_BITS, LIMB_MASK};

use super::{
    arithmetic::Columns,
    constants::{join, split_sixteenfold, LIMBS, SIXTEENTH},
};
use crate::{lazy::Lazy, leaf::ELEMENT_BITS};

/// One element of each of eight states: limb after limb, each with its eight lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed([[u64; LANES]; LIMBS]);

impl Packed {
    /// Zero in all lanes.
    pub(super) const ZERO: Self = Self([[0; LANES]; LIMBS]);

    /// Puts an element into one lane: its number with R = 2^256 times 16, below 16 r.
    pub(super) fn set(&mut self, lane: usize, element: &Fr) {
        for (limbs, limb) in self.0.iter_mut().zip(split_sixteenfold(element.0 .0)) {
            if let Some(to) = limbs.get_mut(lane) {
                *to = limb;
            }
        }
    }

    /// The elements of all lanes, where they are settled.
    pub(super) fn elements(&self) -> [Fr; LANES] {
        let mut elements = [Fr::ZERO; LANES];
        for (lane, element) in elements.iter_mut().enumerate() {
            let limbs = self.0.map(|limbs| limbs.get(lane).copied().unwrap_or(0));
            // Below (0.1890 * 1.001 * 1 + 1) r.
            *element = Lazy::from_words(join(limbs))
                .times(Lazy::new(&SIXTEENTH))
                .reduce_once();
        }
        elements
    }

    /// Loads the limbs, which are below 2^52.
    #[inline(always)]
    pub(super) fn load<L: Lanes>(&self, proof: L::Proof) -> Columns<L> {
        let [a, b, c, d, e] = &self.0;
        Columns([
            L::load(proof, a).claim(LIMB_MASK),
            L::load(proof, b).claim(LIMB_MASK),
            L::load(proof, c).claim(LIMB_MASK),
            L::load(proof, d).claim(LIMB_MASK),
            L::load(proof, e).claim(LIMB_MASK),
        ])
    }

    /// Settles and stores.
    #[inline(always)]
    pub(super) fn store<L: Lanes>(proof: L::Proof, element: Columns<L>) -> Self {
        let Columns([a, b, c, d, e]) = element.settle(proof).columns();
        Self([a.store(), b.store(), c.store(), d.store(), e.store()])
    }
}

/// Bits of an element in its highest limb.
const TOP_BITS: u32 = 44;
/// Words of a leaf, and zeros for the last element to end in.
const WORDS: usize = LEAF_BYTES / 8 + 3;

/// Eight leaves: word after word, each with its eight lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaves([[u64; LANES]; WORDS]);

impl Leaves {
    /// Up to eight leaves, zeros in the lanes that are left.
    pub(super) fn new(leaves: &[[u8; LEAF_BYTES]]) -> Self {
        let mut words = [[0; LANES]; WORDS];
        for (lane, leaf) in leaves.iter().enumerate() {
            let (from, _) = leaf.as_chunks::<8>();
            for (word, bytes) in words.iter_mut().zip(from) {
                if let Some(to) = word.get_mut(lane) {
                    *to = u64::from_le_bytes(*bytes);
                }
            }
        }
        Self(words)
    }

    /// The element at a position, a plain number below 2^252.
    #[inline(always)]
    pub(super) fn element<L: Lanes>(&self, proof: L::Proof, position: usize) -> Columns<L> {
        let start = position * ELEMENT_BITS;
        let limb = LIMB_BITS as usize;
        let a: L = self.window(proof, start);
        let b: L = self.window(proof, start + limb);
        let c: L = self.window(proof, start + 2 * limb);
        let d: L = self.window(proof, start + 3 * limb);
        let e: L = self.window(proof, start + 4 * limb);
        Columns([a.low(), b.low(), c.low(), d.low(), e.masked::<TOP_BITS>()])
    }

    /// The 64 bits that start at this one.
    #[inline(always)]
    fn window<L: Lanes>(&self, proof: L::Proof, start: usize) -> L {
        let (word, bit) = (start / 64, start % 64);
        match self.0.get(word..).and_then(|words| words.first_chunk()) {
            Some([low, high]) => {
                let (low, high) = (L::load(proof, low), L::load(proof, high));
                low.window(proof, high, bit as u64)
            }
            None => L::splat(proof, 0),
        }
    }
}
