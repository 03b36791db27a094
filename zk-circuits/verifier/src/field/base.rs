//! The base field.

// Loops over arrays with constant bounds, which the compiler unrolls: no index can be out of
// range, and iterators would hide the columns.
#![allow(clippy::indexing_slicing)]

use core::ops::{Add, Neg, Sub};

use ark_bn254::Fq;
use ark_ff::{BigInt, Field, PrimeField};

use super::Coordinate;

/// Bits of a limb.
pub(super) const BITS: u32 = 29;
pub(super) const LIMBS: usize = 9;
/// Columns of a product.
const COLUMNS: usize = 2 * LIMBS - 1;
/// The low bits of a limb.
pub(super) const MASK: i64 = (1 << BITS) - 1;
/// Half of a limb's unit, for rounding to the nearest.
const HALF: i64 = 1 << (BITS - 1);

/// The modulus, in limbs of both signs.
pub(super) const MODULUS: [i64; LIMBS] = [
    -126026425, 17064119, -59595953, 47522513, -175777416, 47923393, 10936641, 240920116, 3171406,
];
/// 2^-29 modulo the modulus: what a unit of the lowest column is worth one column further up.
const FOLD: [i64; LIMBS] = [
    -143091041, 100647901, 225173058, -51293469, -118815392, 249042403, 23471826, 193702671, 448452,
];
/// The negative inverse of the modulus modulo 2^29.
const INVERSE: i64 = 75916169;
/// 2^40 over the modulus, counted in units of the highest limb.
const QUOTIENT: i64 = 346695;
const QUOTIENT_BITS: u32 = 40;

/// An element of the base field: the sum of limb i times 2^(29 i), modulo the modulus, is 2^261
/// times the element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fp(pub(super) [i64; LIMBS]);

/// A product that has not been reduced yet, in columns.
///
/// Columns of one product of tidy numbers are below 9 * 2^56.1; the reduction takes columns of up
/// to 2^62.7 and adds up to 2^60.2 to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product([i64; COLUMNS]);

/// Calls a method once for each limb, with the limb's number known to the compiler: a loop it would
/// not unroll.
macro_rules! each_limb {
    ($product:ident.$method:ident($($argument:expr),*)) => {
        $product.$method::<0>($($argument),*);
        $product.$method::<1>($($argument),*);
        $product.$method::<2>($($argument),*);
        $product.$method::<3>($($argument),*);
        $product.$method::<4>($($argument),*);
        $product.$method::<5>($($argument),*);
        $product.$method::<6>($($argument),*);
        $product.$method::<7>($($argument),*);
        $product.$method::<8>($($argument),*);
    };
}

impl Fp {
    /// The arkworks element.
    pub(crate) const fn from_ark(element: Fq) -> Self {
        // There it is multiplied by 2^256, here by 2^261.
        let [a, b, c, d] = element.0 .0;
        Self::split([
            a << 5,
            (b << 5) | (a >> 59),
            (c << 5) | (b >> 59),
            (d << 5) | (c >> 59),
            d >> 59,
        ])
    }

    /// The number of up to 320 bits in these words, cut into limbs and made tidy.
    #[allow(clippy::cast_possible_wrap)]
    const fn split(words: [u64; 5]) -> Self {
        let mut limbs = [0; LIMBS];
        let mut limb = 0;
        while limb < LIMBS {
            let bit = limb * BITS as usize;
            let (word, shift) = (bit / 64, bit % 64);
            let low = words[word] >> shift;
            let high = if shift > 64 - BITS as usize {
                words[word + 1] << (64 - shift)
            } else {
                0
            };
            limbs[limb] = (low | high) as i64 & MASK;
            limb += 1;
        }
        Self(limbs).settle()
    }

    /// The element as arkworks has it.
    #[cfg(test)]
    pub(crate) fn to_ark(self) -> Fq {
        // 2^256 in our form takes 2^261 out and puts 2^256 in.
        const SHIFT: Fp = Fp::split([0, 0, 0, 0, 1]);
        Fq::new_unchecked(BigInt(self.times(&SHIFT).canonical()))
    }

    /// Reads [`Fp::to_words`] back. Any four words are some element.
    pub(crate) const fn from_words([a, b, c, d]: [u64; 4]) -> Self {
        Self::split([a, b, c, d, 0])
    }

    /// The one way in which storage has the element: no arithmetic is needed to read it back.
    pub(crate) fn to_words(self) -> [u64; 4] {
        self.canonical()
    }

    /// The element for a plain number, or `None` where that is not below the modulus.
    pub(crate) fn from_plain(words: [u64; 4]) -> Option<Self> {
        /// 2^522, which our form takes for 2^261.
        const SHIFT: Fp = Fp::from_words([
            0xe1a2a074659bac10,
            0x639855865406005a,
            0xff54c5802d3e2632,
            0x2a11a68c34ea65a6,
        ]);
        (BigInt(words) < Fq::MODULUS).then(|| Self::from_words(words).times(&SHIFT))
    }

    /// The element as a plain number below the modulus.
    pub(crate) fn to_plain(self) -> [u64; 4] {
        self.times(&Self([1, 0, 0, 0, 0, 0, 0, 0, 0])).canonical()
    }

    /// The product of factors that are each at most the sum of two tidy numbers, not reduced.
    #[inline(never)]
    pub(super) fn product(&self, other: &Self) -> Product {
        let mut product = Product([0; COLUMNS]);
        each_limb!(product.add_row(self, other));
        product
    }

    /// The product of a number with itself, in fewer multiplications.
    #[inline(never)]
    fn product_with_itself(&self) -> Product {
        let mut product = Product([0; COLUMNS]);
        each_limb!(product.add_square_row(self));
        product
    }

    /// The same number with a value of at most 0.6 times the modulus and tidy limbs, from limbs of
    /// up to 2^35 and a value of up to 512 times the modulus.
    ///
    /// The quotient by the modulus is guessed from the highest limb: that is off by at most 2^6
    /// units of 2^21.6 for what the lower limbs carry, and a little for the rounded constant.
    #[inline(never)]
    const fn settle(&self) -> Self {
        let mut limbs = self.0;
        let guess = limbs[LIMBS - 1].wrapping_mul(QUOTIENT);
        let quotient = guess.wrapping_add(1 << (QUOTIENT_BITS - 1)) >> QUOTIENT_BITS;
        let mut limb = 0;
        while limb < LIMBS {
            limbs[limb] = limbs[limb].wrapping_sub(quotient.wrapping_mul(MODULUS[limb]));
            limb += 1;
        }
        // Every limb passes its own carry on, none waits for the one below: what arrives is at
        // most 2^9, which is what tidy limbs have room for.
        let mut tidy = limbs;
        let mut limb = 0;
        while limb < LIMBS - 1 {
            let carry = limbs[limb].wrapping_add(HALF) >> BITS;
            tidy[limb] = tidy[limb].wrapping_sub(carry << BITS);
            tidy[limb + 1] = tidy[limb + 1].wrapping_add(carry);
            limb += 1;
        }
        Self(tidy)
    }

    /// The number below the modulus with the same residue, in limbs of 29 bits.
    pub(super) fn canonical_limbs(&self) -> [i64; LIMBS] {
        let settled = self.settle().carried();
        if settled.0[LIMBS - 1] < 0 {
            (settled + Self(MODULUS)).carried().0
        } else {
            settled.0
        }
    }

    /// The same in 64-bit words.
    #[allow(clippy::cast_sign_loss)]
    fn canonical(&self) -> [u64; 4] {
        let limbs = self.canonical_limbs();
        let mut words = [0u64; 5];
        let mut limb = 0;
        while limb < LIMBS {
            let bit = limb * BITS as usize;
            let (word, shift) = (bit / 64, bit % 64);
            words[word] |= (limbs[limb] as u64) << shift;
            if shift > 64 - BITS as usize {
                words[word + 1] |= (limbs[limb] as u64) >> (64 - shift);
            }
            limb += 1;
        }
        let [a, b, c, d, _] = words;
        [a, b, c, d]
    }

    /// The largest tidy number with limbs of these signs: what bounds have to hold for.
    #[cfg(test)]
    pub(super) fn extreme(negative: impl Fn(usize) -> bool) -> Self {
        let limb = |limb| {
            let highest = limb == LIMBS - 1;
            let bound = if highest {
                10 * MODULUS[limb]
            } else {
                HALF + (1 << 9)
            };
            if negative(limb) {
                -bound
            } else {
                bound
            }
        };
        Self(core::array::from_fn(limb))
    }

    /// All limbs but the highest brought into 0..2^29, so that its sign is that of the number.
    pub(super) fn carried(&self) -> Self {
        let mut limbs = self.0;
        let mut limb = 0;
        while limb < LIMBS - 1 {
            limbs[limb + 1] = limbs[limb + 1].wrapping_add(limbs[limb] >> BITS);
            limbs[limb] &= MASK;
            limb += 1;
        }
        Self(limbs)
    }
}

/// Folds what one column has in its low bits into those above it, and carries the rest.
#[inline(always)]
fn fold<const COLUMN: usize>(columns: &mut [i64; COLUMNS + 1]) {
    let low = short(columns[COLUMN] & MASK);
    columns[COLUMN + 1] = columns[COLUMN + 1].wrapping_add(columns[COLUMN] >> BITS);
    let mut limb = 0;
    while limb < LIMBS {
        let column = COLUMN + 1 + limb;
        columns[column] = columns[column].wrapping_add(low.wrapping_mul(FOLD[limb]));
        limb += 1;
    }
}

/// A factor of less than 2^31 in magnitude, as all are; said so that native compilers multiply
/// once instead of emulating 64-bit products in vectors.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn short(factor: i64) -> i64 {
    if cfg!(target_family = "wasm") {
        factor
    } else {
        i64::from(factor as i32)
    }
}

impl Product {
    /// Adds one limb of the first factor times the other.
    #[inline(always)]
    fn add_row<const ROW: usize>(&mut self, a: &Fp, b: &Fp) {
        let factor = short(a.0[ROW]);
        let mut limb = 0;
        while limb < LIMBS {
            let product = factor.wrapping_mul(short(b.0[limb]));
            self.0[ROW + limb] = self.0[ROW + limb].wrapping_add(product);
            limb += 1;
        }
    }

    /// Adds the square of one limb and twice its products with those above it.
    #[inline(always)]
    fn add_square_row<const ROW: usize>(&mut self, a: &Fp) {
        let factor = short(a.0[ROW]);
        self.0[2 * ROW] = self.0[2 * ROW].wrapping_add(factor.wrapping_mul(factor));
        let double = short(factor.wrapping_mul(2));
        let mut limb = ROW + 1;
        while limb < LIMBS {
            let product = double.wrapping_mul(short(a.0[limb]));
            self.0[ROW + limb] = self.0[ROW + limb].wrapping_add(product);
            limb += 1;
        }
    }

    /// Takes low - high and middle - low - high, each in place of what is not needed any more.
    #[inline(always)]
    pub(super) fn combine(low: &mut Self, high: &Self, middle: &mut Self) {
        let mut column = 0;
        while column < COLUMNS {
            let (a, b) = (low.0[column], high.0[column]);
            low.0[column] = a.wrapping_sub(b);
            middle.0[column] = middle.0[column].wrapping_sub(a).wrapping_sub(b);
            column += 1;
        }
    }

    /// The tidy number for these columns over 2^261: Montgomery's reduction.
    ///
    /// Eight times the lowest column is folded into those above it, which costs no multiplication
    /// for the multiple; the ninth time a multiple of the modulus is added, which leaves a value
    /// between T / 2^261 and T / 2^261 + 2.1 times the modulus for columns that are T together.
    #[inline(never)]
    pub(super) fn reduce(&self) -> Fp {
        self.check();
        let mut columns = [0i64; COLUMNS + 1];
        let mut column = 0;
        while column < COLUMNS {
            columns[column] = self.0[column];
            column += 1;
        }
        fold::<0>(&mut columns);
        fold::<1>(&mut columns);
        fold::<2>(&mut columns);
        fold::<3>(&mut columns);
        fold::<4>(&mut columns);
        fold::<5>(&mut columns);
        fold::<6>(&mut columns);
        fold::<7>(&mut columns);
        let lowest = columns[LIMBS - 1] & MASK;
        let multiple = short(lowest.wrapping_mul(INVERSE) & MASK);
        let mut limb = 0;
        while limb < LIMBS {
            let column = LIMBS - 1 + limb;
            columns[column] = columns[column].wrapping_add(multiple.wrapping_mul(MODULUS[limb]));
            limb += 1;
        }
        let mut carry = columns[LIMBS - 1] >> BITS;
        let mut reduced = Fp([0; LIMBS]);
        let mut limb = 0;
        while limb < LIMBS - 1 {
            let value = columns[LIMBS + limb].wrapping_add(carry);
            carry = value.wrapping_add(HALF) >> BITS;
            reduced.0[limb] = value.wrapping_sub(carry << BITS);
            limb += 1;
        }
        reduced.0[LIMBS - 1] = columns[COLUMNS].wrapping_add(carry);
        reduced
    }

    /// In unit tests: the columns leave room for what the reduction adds.
    #[inline(always)]
    fn check(&self) {
        #[cfg(test)]
        assert!(
            self.0.iter().all(|column| column.unsigned_abs() < 3 << 61),
            "columns overflow"
        );
    }
}

impl Coordinate for Fp {
    const ZERO: Self = Self([0; LIMBS]);
    const ONE: Self = Self::from_ark(Fq::ONE);

    fn tidy(&self) -> Self {
        self.settle()
    }

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        self.product(other).reduce()
    }

    #[inline(always)]
    fn square(&self) -> Self {
        self.product_with_itself().reduce()
    }

    fn is_zero(&self) -> bool {
        self.canonical() == [0; 4]
    }
}

impl Add for Fp {
    type Output = Self;

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        let mut limb = 0;
        while limb < LIMBS {
            self.0[limb] = self.0[limb].wrapping_add(other.0[limb]);
            limb += 1;
        }
        self
    }
}

impl Sub for Fp {
    type Output = Self;

    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        let mut limb = 0;
        while limb < LIMBS {
            self.0[limb] = self.0[limb].wrapping_sub(other.0[limb]);
            limb += 1;
        }
        self
    }
}

impl Neg for Fp {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self([0; LIMBS]) - self
    }
}
