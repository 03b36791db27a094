//! The primes of BN254, and what arithmetic modulo them needs to have at hand.

// Limbs are addressed by numbers that are known when the program is compiled.
#![allow(clippy::indexing_slicing)]

use ark_bn254::{FqConfig, FrConfig};
use ark_ff::MontConfig;

use neurostore_lanes::{LANES, LIMB_BITS, LIMB_MASK};

/// Limbs of an element.
pub(super) const LIMBS: usize = 5;
/// Words of an element in memory, where it is below 2^256.
pub(super) const WORDS: usize = 4;

/// A number in limbs.
pub(super) type Number = [u64; LIMBS];

/// A prime.
pub(super) trait Prime: Copy {
    /// The prime.
    const MODULUS: Number;
    /// What times the prime is -1 modulo 2^52.
    const NEGATIVE_INVERSE: u64;
    /// The first eight multiples of the prime, limb by limb.
    const MULTIPLES: [[u64; LANES]; LIMBS];
    /// Twice the prime, with limbs so large that those of any element below `1.9 p` can be
    /// subtracted from them one by one.
    const TWOFOLD: Number;
    /// Four times the prime, likewise for elements below `3.9 p`.
    const FOURFOLD: Number;
    /// One, as it is kept.
    const ONE: Number;
}

/// The prime that coordinates of points count by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base;

impl Prime for Base {
    const MODULUS: Number = split(FqConfig::MODULUS.0);
    const NEGATIVE_INVERSE: u64 = FqConfig::INV & LIMB_MASK;
    const MULTIPLES: [[u64; LANES]; LIMBS] = multiples(&Self::MODULUS);
    const TWOFOLD: Number = spread(times(&Self::MODULUS, 2));
    const FOURFOLD: Number = spread(times(&Self::MODULUS, 4));
    const ONE: Number = sixteenfold(FqConfig::R.0, &Self::MODULUS);
}

/// The prime that scalars count by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order;

impl Prime for Order {
    const MODULUS: Number = split(FrConfig::MODULUS.0);
    const NEGATIVE_INVERSE: u64 = FrConfig::INV & LIMB_MASK;
    const MULTIPLES: [[u64; LANES]; LIMBS] = multiples(&Self::MODULUS);
    const TWOFOLD: Number = spread(times(&Self::MODULUS, 2));
    const FOURFOLD: Number = spread(times(&Self::MODULUS, 4));
    const ONE: Number = sixteenfold(FrConfig::R.0, &Self::MODULUS);
}

/// Words as limbs.
pub(super) const fn split([a, b, c, d]: [u64; WORDS]) -> Number {
    [
        a & LIMB_MASK,
        (a >> 52 | b << 12) & LIMB_MASK,
        (b >> 40 | c << 24) & LIMB_MASK,
        (c >> 28 | d << 36) & LIMB_MASK,
        d >> 16,
    ]
}

/// A small multiple of a number, which must be below 2^260.
const fn times(number: &Number, factor: u64) -> Number {
    let mut product = [0; LIMBS];
    let (mut carry, mut i) = (0, 0);
    while i < LIMBS {
        let limb = number[i] * factor + carry;
        product[i] = limb & LIMB_MASK;
        carry = limb >> LIMB_BITS;
        i += 1;
    }
    assert!(carry == 0);
    product
}

/// The same number with 2^53 more in each limb but the highest, taken from the next one.
const fn spread(number: Number) -> Number {
    let [a, b, c, d, e] = number;
    let more = 1 << (LIMB_BITS + 1);
    [a + more, b + more - 2, c + more - 2, d + more - 2, e - 2]
}

const fn multiples(number: &Number) -> [[u64; LANES]; LIMBS] {
    let mut multiples = [[0; LANES]; LIMBS];
    let mut factor = 0;
    while factor < LANES {
        let product = times(number, factor as u64);
        let mut i = 0;
        while i < LIMBS {
            multiples[i][factor] = product[i];
            i += 1;
        }
        factor += 1;
    }
    multiples
}

/// Sixteen times some words, modulo a prime of 254 bits: from R = 2^256 to R = 2^260.
const fn sixteenfold(words: [u64; WORDS], modulus: &Number) -> Number {
    let mut number = split(words);
    let mut doubled = 0;
    while doubled < 4 {
        number = times(&number, 2);
        if !is_less(&number, modulus) {
            number = difference(&number, modulus);
        }
        doubled += 1;
    }
    number
}

const fn is_less(a: &Number, b: &Number) -> bool {
    let mut i = LIMBS;
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return a[i] < b[i];
        }
    }
    false
}

const fn difference(a: &Number, b: &Number) -> Number {
    let mut result = [0; LIMBS];
    let (mut borrow, mut i) = (0, 0);
    while i < LIMBS {
        let limb = a[i] + (1 << LIMB_BITS) - b[i] - borrow;
        result[i] = limb & LIMB_MASK;
        borrow = 1 - (limb >> LIMB_BITS);
        i += 1;
    }
    result
}
