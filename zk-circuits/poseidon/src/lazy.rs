//! Field arithmetic that puts off reductions, for the inner loop of the permutation.
//!
//! A value is four limbs in Montgomery form, not below the modulus r but below a small multiple
//! of it. With R = 2^256 and r = 0.1890 R, a Montgomery product without its final subtraction is
//! below `(0.1890 x y + 1) r` for factors below `x r` and `y r`, and its intermediate values fit
//! as long as `y r + r < R`, that is `y < 4.28`. Every use states the bounds that it relies on.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, MontConfig, PrimeField};

/// A value below some multiple of the modulus.
#[derive(Clone, Copy)]
pub(crate) struct Lazy([u64; 4]);

const MODULUS: [u64; 4] = Fr::MODULUS.0;
/// -1 / r modulo 2^64.
const INVERSE: u64 = <FrConfig as MontConfig<4>>::INV;
/// floor(2^(64 + 250) / r): a quotient by r out of the bits above 2^250.
pub(crate) const RECIPROCAL: u64 = 0x1529_1d18_988e_8129;

/// The low and high word of `a + b * c + d`, which always fit.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let wide = (u128::from(b).wrapping_mul(u128::from(c)))
        .wrapping_add(u128::from(a))
        .wrapping_add(u128::from(d));
    (wide as u64, (wide >> 64) as u64)
}

/// The sum of two words and a carry, and the next carry.
#[inline(always)]
fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

/// The difference of two words and a borrow, and the next borrow.
#[inline(always)]
fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

impl Lazy {
    /// A field element: below 1 r.
    #[inline(always)]
    pub(crate) fn new(element: &Fr) -> Self {
        Self(element.0 .0)
    }

    /// A number below 2^256 that is an element in Montgomery form: below 5.28 r.
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    #[inline(always)]
    pub(crate) fn from_words(words: [u64; 4]) -> Self {
        Self(words)
    }

    /// The field element. For values below 3 r.
    #[inline(always)]
    pub(crate) fn reduce(self) -> Fr {
        Fr::new_unchecked(BigInt(subtract_if_above(subtract_if_above(
            subtract_if_above(self.0),
        ))))
    }

    /// The field element. For values below 2 r.
    #[inline(always)]
    pub(crate) fn reduce_once(self) -> Fr {
        Fr::new_unchecked(BigInt(subtract_if_above(self.0)))
    }

    /// The sum: bounds add. For sums below R, which is 5.28 r.
    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (c0, carry) = a0.overflowing_add(b0);
        let (c1, carry) = add_carry(a1, b1, carry);
        let (c2, carry) = add_carry(a2, b2, carry);
        let (c3, _) = add_carry(a3, b3, carry);
        Self([c0, c1, c2, c3])
    }

    /// The product: below `(0.1890 x y + 1) r`. For `other` below 4.28 r.
    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        let product = step([0; 4], a0, other.0);
        let product = step(product, a1, other.0);
        let product = step(product, a2, other.0);
        Self(step(product, a3, other.0))
    }

    /// The fifth power. Of a value below 3.8 r it is below 3.61 r; of one below 2 r, below 1.6 r.
    #[inline(always)]
    pub(crate) fn fifth_power(self) -> Self {
        let square = self.times(self);
        square.times(square).times(self)
    }
}

/// One word of a Montgomery product: `(product + a * b + m * r) / 2^64`, with the `m` that makes
/// it whole. Stays below b + r.
#[inline(always)]
fn step(product: [u64; 4], a: u64, b: [u64; 4]) -> [u64; 4] {
    let ([t0, t1, t2, t3], [b0, b1, b2, b3], [r0, r1, r2, r3]) = (product, b, MODULUS);
    let (low, high) = multiply_add(t0, a, b0, 0);
    let m = low.wrapping_mul(INVERSE);
    let (_, carry) = multiply_add(low, m, r0, 0);
    let (low, high) = multiply_add(t1, a, b1, high);
    let (c0, carry) = multiply_add(low, m, r1, carry);
    let (low, high) = multiply_add(t2, a, b2, high);
    let (c1, carry) = multiply_add(low, m, r2, carry);
    let (low, high) = multiply_add(t3, a, b3, high);
    let (c2, carry) = multiply_add(low, m, r3, carry);
    [c0, c1, c2, high.wrapping_add(carry)]
}

#[inline(always)]
fn subtract_if_above(value: [u64; 4]) -> [u64; 4] {
    let ([a0, a1, a2, a3], [r0, r1, r2, r3]) = (value, MODULUS);
    let (c0, borrow) = a0.overflowing_sub(r0);
    let (c1, borrow) = sub_borrow(a1, r1, borrow);
    let (c2, borrow) = sub_borrow(a2, r2, borrow);
    let (c3, borrow) = sub_borrow(a3, r3, borrow);
    if borrow {
        value
    } else {
        [c0, c1, c2, c3]
    }
}

/// The sum of up to twelve values below 5 r, reduced below 1.1 r.
///
/// The bits above 2^250 give the quotient by r, or one less: what they leave out is below
/// 0.09 r.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn sum(values: &[Lazy]) -> Lazy {
    let [mut s0, mut s1, mut s2, mut s3, mut s4] = [0u64; 5];
    for Lazy([a0, a1, a2, a3]) in values {
        let (c0, carry) = s0.overflowing_add(*a0);
        let (c1, carry) = add_carry(s1, *a1, carry);
        let (c2, carry) = add_carry(s2, *a2, carry);
        let (c3, carry) = add_carry(s3, *a3, carry);
        (s0, s1, s2, s3) = (c0, c1, c2, c3);
        s4 = s4.wrapping_add(u64::from(carry));
    }
    let top = s4 << 6 | s3 >> 58;
    let quotient = (u128::from(top).wrapping_mul(u128::from(RECIPROCAL)) >> 64) as u64;
    let [r0, r1, r2, r3] = MODULUS;
    let (q0, high) = multiply_add(0, quotient, r0, 0);
    let (q1, high) = multiply_add(0, quotient, r1, high);
    let (q2, high) = multiply_add(0, quotient, r2, high);
    let (q3, _) = multiply_add(0, quotient, r3, high);
    let (c0, borrow) = s0.overflowing_sub(q0);
    let (c1, borrow) = sub_borrow(s1, q1, borrow);
    let (c2, borrow) = sub_borrow(s2, q2, borrow);
    let (c3, _) = sub_borrow(s3, q3, borrow);
    Lazy([c0, c1, c2, c3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, UniformRand};
    use proptest::prelude::*;

    /// The element plus `multiples` times the modulus.
    fn lazy(element: Fr, multiples: usize) -> Lazy {
        let mut value = element.0;
        for _ in 0..multiples {
            assert!(!value.add_with_carry(&Fr::MODULUS));
        }
        Lazy(value.0)
    }

    /// The element, and how often the modulus is in the value.
    fn settle(value: Lazy) -> (Fr, usize) {
        let (mut value, mut multiples) = (BigInt(value.0), 0);
        while value >= Fr::MODULUS {
            value.sub_with_borrow(&Fr::MODULUS);
            multiples += 1;
        }
        (Fr::new_unchecked(value), multiples)
    }

    /// Elements at both ends of the field and in between.
    fn element() -> impl Strategy<Value = Fr> {
        (0..4u8, any::<u64>()).prop_map(|(kind, seed)| match kind {
            0 => Fr::new_unchecked(BigInt([seed % 3, 0, 0, 0])),
            1 => {
                let mut largest = Fr::MODULUS;
                largest.sub_with_borrow(&BigInt([1 + seed % 3, 0, 0, 0]));
                Fr::new_unchecked(largest)
            }
            _ => Fr::rand(&mut <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(seed)),
        })
    }

    proptest! {
        #[test]
        fn a_product_of_values_up_to_their_bounds_is_right_and_small(
            a in element(), b in element(), left in 0..4usize, right in 0..3usize,
        ) {
            let (product, multiples) = settle(lazy(a, left).times(lazy(b, right)));
            prop_assert_eq!(product, a * b);
            // Factors below 5 r and 4 r: below (0.1890 * 20 + 1) r.
            prop_assert!(multiples < 5);
        }

        #[test]
        fn a_fifth_power_stays_below_the_bound_it_names(a in element(), multiples in 0..3usize) {
            let (power, multiples) = settle(lazy(a, multiples).fifth_power());
            prop_assert_eq!(power, a * a * a * a * a);
            prop_assert!(multiples < 4);
        }

        #[test]
        fn a_fifth_power_of_two_elements_needs_one_reduction(a in element(), b in element()) {
            let sum = a + b;
            let power = Lazy::new(&a).plus(Lazy::new(&b)).fifth_power();
            prop_assert_eq!(power.reduce_once(), sum * sum * sum * sum * sum);
        }

        #[test]
        fn a_sum_of_twelve_values_is_right_and_hardly_above_the_modulus(
            values in proptest::collection::vec((element(), 0..4usize), 1..=12),
        ) {
            let lazies: Vec<_> = values.iter().map(|(a, multiples)| lazy(*a, *multiples)).collect();
            let (total, multiples) = settle(sum(&lazies));
            prop_assert_eq!(total, values.iter().map(|(a, _)| *a).sum::<Fr>());
            prop_assert!(multiples < 2);
        }
    }
}
