//! Constants in limbs of 52 bits, worked out while compiling.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, Field, MontConfig, PrimeField};

use crate::{
    lazy::RECIPROCAL,
    parameters::{Parameters, FULL_ROUNDS, PARTIAL_ROUNDS_12, PARTIAL_ROUNDS_4, WIDTH_12, WIDTH_4},
};
use neurostore_lanes::{LIMB_BITS, LIMB_MASK};

/// Limbs of an element.
pub(super) const LIMBS: usize = 5;

/// A number below 2^260, its lowest 52 bits first.
pub(super) type Number = [u64; LIMBS];

/// A fixed factor c as the residues of `c * 2^(52 (i + 1))` for the limbs `i` of what it
/// multiplies: the product then has six columns, and one Montgomery step takes it down to five.
pub(super) type Factor = [Number; LIMBS];

const MODULUS_WORDS: [u64; 4] = Fr::MODULUS.0;

/// The modulus r, between 2^253 and 2^254.
pub(super) const MODULUS: Number = split(MODULUS_WORDS);
/// -1 / r modulo 2^52.
pub(super) const NEGATIVE_INVERSE: u64 = <FrConfig as MontConfig<4>>::INV & LIMB_MASK;
/// 2^260 - r.
pub(super) const NEGATIVE_MODULUS: Number = complement(MODULUS);
/// floor(2^280 / r): from the bits above 2^228 of a number to its quotient by r.
pub(super) const QUOTIENT: u64 = RECIPROCAL >> 34;

/// The residues of 2^-208, 2^-156, 2^-104 and 2^-52: what the four lowest limbs of a product
/// amount to, 208 bits up.
pub(super) const FOLDS: [Number; LIMBS - 1] = {
    let one = Fr::ONE.0 .0;
    [
        scaled(one, -256 - 208),
        scaled(one, -256 - 156),
        scaled(one, -256 - 104),
        scaled(one, -256 - 52),
    ]
};

/// 1/16: from R = 2^260 back to arkworks' R = 2^256.
pub(super) const SIXTEENTH: Fr = Fr::new_unchecked(BigInt(residue(Fr::ONE.0 .0, -4)));

/// The factor that takes a number to Montgomery form with R = 2^260.
pub(super) const TO_MONTGOMERY: Factor = factor(Fr::ONE.0 .0, 260);

/// The constants of a permutation in the forms that the lanes compute with.
pub(super) struct Tables<const T: usize, const P: usize> {
    /// Before the opening full rounds.
    pub(super) opening: [[Number; T]; FULL_ROUNDS / 2],
    /// Before the partial rounds.
    pub(super) partial: [Number; P],
    /// Before the closing full rounds.
    pub(super) closing: [[Number; T]; FULL_ROUNDS / 2],
    /// The internal matrix less the matrix of ones.
    pub(super) diagonal: [Factor; T],
}

/// Of width 4.
pub(super) static TABLES_4: Tables<4, PARTIAL_ROUNDS_4> = tables(&WIDTH_4);
/// Of width 12.
pub(super) static TABLES_12: Tables<12, PARTIAL_ROUNDS_12> = tables(&WIDTH_12);

// Loops over indices and plain operators, for want of iterators in constant evaluation: a mistake
// fails the build.
#[allow(clippy::indexing_slicing)]
const fn tables<const T: usize, const P: usize>(parameters: &Parameters<T, P>) -> Tables<T, P> {
    let mut tables = Tables {
        opening: [[[0; LIMBS]; T]; FULL_ROUNDS / 2],
        partial: [[0; LIMBS]; P],
        closing: [[[0; LIMBS]; T]; FULL_ROUNDS / 2],
        diagonal: [[[0; LIMBS]; LIMBS]; T],
    };
    let mut element = 0;
    while element < T {
        let mut round = 0;
        while round < FULL_ROUNDS / 2 {
            tables.opening[round][element] = montgomery(&parameters.opening[round][element]);
            tables.closing[round][element] = montgomery(&parameters.closing[round][element]);
            round += 1;
        }
        tables.diagonal[element] = factor(parameters.diagonal[element].0 .0, 0);
        element += 1;
    }
    let mut round = 0;
    while round < P {
        tables.partial[round] = montgomery(&parameters.partial[round]);
        round += 1;
    }
    tables
}

/// The element with R = 2^260, out of arkworks' form with R = 2^256.
pub(super) const fn montgomery(element: &Fr) -> Number {
    scaled(element.0 .0, 4)
}

/// The factor `c * 2^power`, from c in arkworks' form.
#[allow(clippy::indexing_slicing)]
const fn factor(words: [u64; 4], power: i32) -> Factor {
    let mut factor = [[0; LIMBS]; LIMBS];
    let mut shift = power - 256;
    let mut limb = 0;
    while limb < LIMBS {
        shift += 52;
        factor[limb] = scaled(words, shift);
        limb += 1;
    }
    factor
}

const fn scaled(words: [u64; 4], power: i32) -> Number {
    split(residue(words, power))
}

/// The residue of `words * 2^power`, for words below the modulus.
const fn residue(words: [u64; 4], power: i32) -> [u64; 4] {
    let mut residue = words;
    let mut power = power;
    while power > 0 {
        residue = doubled(residue);
        power -= 1;
    }
    while power < 0 {
        residue = halved(residue);
        power += 1;
    }
    residue
}

const fn doubled(words: [u64; 4]) -> [u64; 4] {
    let [a, b, c, d] = words;
    let twice = [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63];
    let (w0, borrow) = sub_borrow(twice[0], MODULUS_WORDS[0], false);
    let (w1, borrow) = sub_borrow(twice[1], MODULUS_WORDS[1], borrow);
    let (w2, borrow) = sub_borrow(twice[2], MODULUS_WORDS[2], borrow);
    let (w3, borrow) = sub_borrow(twice[3], MODULUS_WORDS[3], borrow);
    if borrow {
        twice
    } else {
        [w0, w1, w2, w3]
    }
}

const fn halved(words: [u64; 4]) -> [u64; 4] {
    let odd = words[0] & 1;
    let (a, carry) = add_carry(words[0], MODULUS_WORDS[0] * odd, false);
    let (b, carry) = add_carry(words[1], MODULUS_WORDS[1] * odd, carry);
    let (c, carry) = add_carry(words[2], MODULUS_WORDS[2] * odd, carry);
    // The sum of two numbers below 2^254.
    let (d, _) = add_carry(words[3], MODULUS_WORDS[3] * odd, carry);
    [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1]
}

const fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry as u64);
    (sum, first | second)
}

const fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow as u64);
    (difference, first | second)
}

/// Words of 64 bits as limbs of 52.
pub(super) const fn split(words: [u64; 4]) -> Number {
    let [a, b, c, d] = words;
    [
        a & LIMB_MASK,
        (a >> 52 | b << 12) & LIMB_MASK,
        (b >> 40 | c << 24) & LIMB_MASK,
        (c >> 28 | d << 36) & LIMB_MASK,
        d >> 16,
    ]
}

/// Sixteen times a number below 2^256 as limbs.
pub(super) const fn split_sixteenfold(words: [u64; 4]) -> Number {
    let [a, b, c, d] = words;
    [
        a << 4 & LIMB_MASK,
        (a >> 48 | b << 16) & LIMB_MASK,
        (b >> 36 | c << 28) & LIMB_MASK,
        (c >> 24 | d << 40) & LIMB_MASK,
        d >> 12,
    ]
}

/// The words of limbs below 2^256.
pub(super) const fn join(limbs: Number) -> [u64; 4] {
    let [a, b, c, d, e] = limbs;
    [
        a | b << 52,
        b >> 12 | c << 40,
        c >> 24 | d << 28,
        d >> 36 | e << 16,
    ]
}

/// 2^260 less a number that is not zero.
const fn complement(number: Number) -> Number {
    let [a, b, c, d, e] = number;
    // The limbs of r above the lowest are not zero, so the one that is borrowed fits.
    [
        (1 << LIMB_BITS) - a,
        LIMB_MASK - b,
        LIMB_MASK - c,
        LIMB_MASK - d,
        LIMB_MASK - e,
    ]
}
