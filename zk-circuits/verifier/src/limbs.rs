//! Numbers as bytes.

use crate::field::Fp;

/// Bytes of a base field element.
pub(crate) const ELEMENT_BYTES: usize = 32;

/// The element that [`write_element`] wrote. No arithmetic, no check.
pub(crate) fn element(bytes: &[u8; ELEMENT_BYTES]) -> Fp {
    Fp::from_words(words(bytes))
}

/// An element as it is stored. There is one way to write each.
pub(crate) fn write_element(bytes: &mut [u8; ELEMENT_BYTES], element: &Fp) {
    let (words, _) = bytes.as_chunks_mut::<8>();
    for (word, limb) in words.iter_mut().zip(element.to_words()) {
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
