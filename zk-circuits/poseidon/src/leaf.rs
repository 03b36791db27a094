//! Leaves: 1 KiB as 33 field elements, and their digest.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt};
use neurostore_primitives::LEAF_BYTES;

use crate::sponge::{tag, Sponge};

/// Field elements of a leaf: 252 bits each, three times the sponge's rate.
pub const LEAF_ELEMENTS: usize = 33;
/// Domain of leaf digests. The length of a leaf is fixed, so the tag names none.
pub const LEAF_TAG: &[u8] = b"neurostore/leaf/1";

/// Elements start every 63 nibbles: the byte of the first nibble is `63 * (i / 2)` for even `i`
/// and 31 bytes on, in its upper half, for odd `i`.
const PAIR_BYTES: usize = 63;
const ODD_OFFSET: usize = 31;

/// Splits a leaf into field elements: the leaf is one little-endian number of 8192 bits, and
/// element `i` holds its bits `252 * i .. 252 * (i + 1)`. The last element has 128 bits.
pub fn leaf_elements(leaf: &[u8; LEAF_BYTES]) -> [Fr; LEAF_ELEMENTS] {
    let mut elements = [Fr::ZERO; LEAF_ELEMENTS];
    let pairs = leaf.chunks(PAIR_BYTES);
    for (bytes, pair) in pairs.zip(elements.chunks_mut(2)) {
        let mut halves = pair.iter_mut();
        if let Some(even) = halves.next() {
            let [a, b, c, d] = limbs(bytes);
            *even = Fr::new(BigInt([a, b, c, d & (u64::MAX >> 4)]));
        }
        if let Some(odd) = halves.next() {
            let [a, b, c, d] = limbs(bytes.get(ODD_OFFSET..).unwrap_or_default());
            let shift = |low: u64, high: u64| low >> 4 | high << 60;
            *odd = Fr::new(BigInt([shift(a, b), shift(b, c), shift(c, d), d >> 4]));
        }
    }
    elements
}

/// The first 32 bytes as limbs, zeros where there are fewer.
fn limbs(bytes: &[u8]) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks(8)) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        *limb = u64::from_le_bytes(word);
    }
    limbs
}

/// The digest of a leaf.
pub fn leaf_digest(leaf: &[u8; LEAF_BYTES]) -> Fr {
    let mut sponge = Sponge::new(leaf_tag());
    leaf_elements(leaf)
        .iter()
        .for_each(|element| sponge.absorb(element));
    sponge.squeeze()
}

/// Where the capacity of the leaf sponge starts.
pub fn leaf_tag() -> Fr {
    tag(LEAF_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, PrimeField};
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

    use ark_ff::Field;

    #[test]
    fn the_digest_is_three_permutations_from_the_tag() {
        let leaf: [u8; LEAF_BYTES] = core::array::from_fn(|i| (i % 251) as u8);
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
