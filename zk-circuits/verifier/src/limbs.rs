//! Base field elements as bytes: their four limbs in Montgomery form, as they stand in memory.

use ark_bn254::Fq;
use ark_ff::BigInt;

/// Bytes of a base field element.
pub(crate) const ELEMENT_BYTES: usize = 32;

/// The element that [`write_element`] wrote. No arithmetic, no check.
pub(crate) fn element(bytes: &[u8; ELEMENT_BYTES]) -> Fq {
    Fq::new_unchecked(BigInt(words(bytes)))
}

/// Writes an element as it stands in memory.
pub(crate) fn write_element(bytes: &mut [u8; ELEMENT_BYTES], element: &Fq) {
    let (words, _) = bytes.as_chunks_mut::<8>();
    for (word, limb) in words.iter_mut().zip(element.0 .0) {
        *word = limb.to_le_bytes();
    }
}

/// Little-endian words of 64 bits.
pub(crate) fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (limb, word) in limbs.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    limbs
}
