//! Leaves: 1 KiB as 33 field elements, and their digest.

use ark_bn254::Fr;
use ark_ff::BigInt;
use neurostore_primitives::LEAF_BYTES;

use crate::sponge::{tag, Sponge};

/// Field elements of a leaf: 252 bits each, three times the sponge's rate.
pub const LEAF_ELEMENTS: usize = 33;
/// Domain of leaf digests. The length of a leaf is fixed, so the tag names none.
pub const LEAF_TAG: &[u8; 17] = b"neurostore/leaf/1";
/// Where the capacity of the leaf sponge starts.
pub(crate) const LEAF_CAPACITY: Fr = tag(LEAF_TAG);

/// Bits of an element.
pub(crate) const ELEMENT_BITS: usize = 252;
/// Words of a leaf, and zeros for the last element to end in.
const WORDS: usize = LEAF_BYTES / 8 + 3;

/// Splits a leaf into field elements: the leaf is one little-endian number of 8192 bits, and
/// element `i` holds its bits `252 * i .. 252 * (i + 1)`. The last element has 128 bits.
pub fn leaf_elements(leaf: &[u8; LEAF_BYTES]) -> [Fr; LEAF_ELEMENTS] {
    leaf_words(leaf).map(|words| Fr::new(BigInt(words)))
}

/// The elements as plain numbers, lowest words first.
fn leaf_words(leaf: &[u8; LEAF_BYTES]) -> [[u64; 4]; LEAF_ELEMENTS] {
    let mut words = [0; WORDS];
    for (word, bytes) in words.iter_mut().zip(leaf.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let mut elements = [[0; 4]; LEAF_ELEMENTS];
    for (position, element) in elements.iter_mut().enumerate() {
        let start = position * ELEMENT_BITS;
        let (word, bit) = (start / 64, start % 64);
        // An element reaches into five words at most.
        let from = words.get(word..).and_then(|words| words.first_chunk());
        if let Some([a, b, c, d, e]) = from {
            // Two shifts, as one by 64 is not allowed.
            let window = |low: u64, high: u64| low >> bit | high << 1 << (63 - bit);
            let top = window(*d, *e) & (u64::MAX >> 4);
            *element = [window(*a, *b), window(*b, *c), window(*c, *d), top];
        }
    }
    elements
}

/// The digest of a leaf.
pub fn leaf_digest(leaf: &[u8; LEAF_BYTES]) -> Fr {
    let mut sponge = Sponge::new(LEAF_CAPACITY);
    leaf_elements(leaf)
        .iter()
        .for_each(|element| sponge.absorb(element));
    sponge.squeeze()
}

/// Where the capacity of the leaf sponge starts.
pub fn leaf_tag() -> Fr {
    LEAF_CAPACITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
    use proptest::prelude::*;

    /// The definition, bit by bit.
    fn elements_by_bits(leaf: &[u8; LEAF_BYTES]) -> Vec<Fr> {
        let bits: Vec<bool> = leaf
            .iter()
            .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1))
            .collect();
        bits.chunks(252)
            .map(|chunk| Fr::from_bigint(BigInteger::from_bits_le(chunk)).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn elements_are_the_leaf_in_pieces_of_252_bits(
            bytes in proptest::collection::vec(any::<u8>(), LEAF_BYTES)
        ) {
            let leaf: [u8; LEAF_BYTES] = bytes.try_into().unwrap();
            prop_assert_eq!(leaf_elements(&leaf).to_vec(), elements_by_bits(&leaf));
        }
    }

    #[test]
    fn a_leaf_of_ones_fills_every_element() {
        let elements = leaf_elements(&[0xff; LEAF_BYTES]);
        let full = Fr::from(2u8).pow([252]) - Fr::from(1u8);
        assert!(elements[..32].iter().all(|element| *element == full));
        assert_eq!(elements[32], Fr::from(u128::MAX));
    }

    #[test]
    fn a_flipped_bit_anywhere_changes_the_digest() {
        let leaf = [0x5a; LEAF_BYTES];
        let digest = leaf_digest(&leaf);
        for bit in (0..LEAF_BYTES * 8).step_by(97) {
            let mut other = leaf;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(leaf_digest(&other), digest, "bit {bit}");
        }
    }

    #[test]
    fn the_digest_is_three_permutations_from_the_tag() {
        let leaf: [u8; LEAF_BYTES] = core::array::from_fn(|i| u8::try_from(i % 251).unwrap());
        let mut state = [Fr::ZERO; 12];
        state[11] = Fr::from_le_bytes_mod_order(b"neurostore/leaf/1");
        for block in leaf_elements(&leaf).chunks(11) {
            block
                .iter()
                .enumerate()
                .for_each(|(i, element)| state[i] += element);
            state = taceo_poseidon2::bn254::t12::permutation(&state);
        }
        assert_eq!(leaf_digest(&leaf), state[0]);
    }
}
