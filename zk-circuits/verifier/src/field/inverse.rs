//! Inverses in the base field.

// Loops over arrays with constant bounds, as in the products.
#![allow(clippy::indexing_slicing)]

use super::{
    base::{BITS, LIMBS, MASK, MODULUS},
    Coordinate, Fp,
};

/// Rounds of [`BITS`] divisions each. 590 divisions suffice for numbers of up to 256 bits, whatever
/// they are (Pieter Wuille's bound for the variant that starts at one half): 21 rounds are 609.
const ROUNDS: usize = 21;
/// The inverse of the modulus modulo 2^29.
const MODULUS_INVERSE: i64 = 460954743;

/// What a round does to a pair of numbers, times 2^29.
struct Transition {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

impl Fp {
    /// The inverse, or `None` for zero.
    ///
    /// Bernstein and Yang, "Fast constant-time gcd computation and modular inversion": divisions
    /// by two, decided by the lowest bits only, 29 at a time. Those are gathered in a matrix of
    /// small numbers, which is then applied to the long ones. No step depends on the number but
    /// by masks, which spares the wrong guesses that the usual algorithm is slow by.
    pub(crate) fn inverse(&self) -> Option<Self> {
        /// 2^783: the number is 2^261 times the element, so what comes out lacks 2^522.
        const SHIFT: Fp = Fp::from_words([
            0x26d80b944e2312b2,
            0xfdde6f9885af210e,
            0xb923065cad1d1ada,
            0x26c2d286a668ff5a,
        ]);
        let mut g = self.canonical_limbs();
        if g == [0; LIMBS] {
            return None;
        }
        let mut f = Self(MODULUS).carried().0;
        let mut d = [0; LIMBS];
        let mut e = [0; LIMBS];
        e[0] = 1;
        let mut zeta = -1;
        let mut round = 0;
        while round < ROUNDS {
            let transition = divide(&mut zeta, f[0], g[0]);
            transition.apply_modulo(&mut d, &mut e);
            transition.apply(&mut f, &mut g);
            round += 1;
        }
        // f is 1 or -1, and d its quotient by the number.
        let inverse = Self(d);
        let inverse = if f[LIMBS - 1] < 0 { -inverse } else { inverse };
        Some(inverse.tidy().times(&SHIFT))
    }
}

/// A round of divisions, from the lowest bits of f and g.
fn divide(zeta: &mut i64, mut f: i64, mut g: i64) -> Transition {
    let (mut u, mut v, mut q, mut r) = (1i64, 0i64, 0i64, 1i64);
    let mut step = 0;
    while step < BITS {
        let negative = *zeta >> 63;
        let odd = (g & 1).wrapping_neg();
        let signed = |number: i64| (number ^ negative).wrapping_sub(negative) & odd;
        g = g.wrapping_add(signed(f));
        q = q.wrapping_add(signed(u));
        r = r.wrapping_add(signed(v));
        let swap = negative & odd;
        *zeta = (*zeta ^ swap).wrapping_sub(1);
        f = f.wrapping_add(g & swap);
        u = u.wrapping_add(q & swap) << 1;
        v = v.wrapping_add(r & swap) << 1;
        g >>= 1;
        step += 1;
    }
    Transition { u, v, q, r }
}

impl Transition {
    /// Applies the round to f and g, which it makes divisible by 2^29.
    fn apply(&self, f: &mut [i64; LIMBS], g: &mut [i64; LIMBS]) {
        let Self { u, v, q, r } = *self;
        let mut carries = (sum(u, f[0], v, g[0]) >> BITS, sum(q, f[0], r, g[0]) >> BITS);
        let mut limb = 1;
        while limb < LIMBS {
            carries.0 = carries.0.wrapping_add(sum(u, f[limb], v, g[limb]));
            carries.1 = carries.1.wrapping_add(sum(q, f[limb], r, g[limb]));
            f[limb - 1] = carries.0 & MASK;
            g[limb - 1] = carries.1 & MASK;
            carries.0 >>= BITS;
            carries.1 >>= BITS;
            limb += 1;
        }
        f[LIMBS - 1] = carries.0;
        g[LIMBS - 1] = carries.1;
    }

    /// Applies the round to d and e, modulo the modulus: multiples of that are added to make them
    /// divisible by 2^29. Both stay between minus twice and once the modulus.
    fn apply_modulo(&self, d: &mut [i64; LIMBS], e: &mut [i64; LIMBS]) {
        let Self { u, v, q, r } = *self;
        let (d_sign, e_sign) = (d[LIMBS - 1] >> 63, e[LIMBS - 1] >> 63);
        let multiple = |a: i64, b: i64, low: i64| {
            let lift = (a & d_sign).wrapping_add(b & e_sign);
            lift.wrapping_sub(low.wrapping_mul(MODULUS_INVERSE).wrapping_add(lift) & MASK)
        };
        let lows = (sum(u, d[0], v, e[0]), sum(q, d[0], r, e[0]));
        let multiples = (multiple(u, v, lows.0), multiple(q, r, lows.1));
        let mut carries = (
            lows.0.wrapping_add(multiples.0.wrapping_mul(MODULUS[0])) >> BITS,
            lows.1.wrapping_add(multiples.1.wrapping_mul(MODULUS[0])) >> BITS,
        );
        let mut limb = 1;
        while limb < LIMBS {
            let modulus = MODULUS[limb];
            carries.0 = carries
                .0
                .wrapping_add(sum(u, d[limb], v, e[limb]))
                .wrapping_add(multiples.0.wrapping_mul(modulus));
            carries.1 = carries
                .1
                .wrapping_add(sum(q, d[limb], r, e[limb]))
                .wrapping_add(multiples.1.wrapping_mul(modulus));
            d[limb - 1] = carries.0 & MASK;
            e[limb - 1] = carries.1 & MASK;
            carries.0 >>= BITS;
            carries.1 >>= BITS;
            limb += 1;
        }
        d[LIMBS - 1] = carries.0;
        e[LIMBS - 1] = carries.1;
    }
}

/// a x + b y, for |a| + |b| up to 2^29 and limbs of 29 bits: below 2^59.
#[inline(always)]
fn sum(a: i64, x: i64, b: i64, y: i64) -> i64 {
    a.wrapping_mul(x).wrapping_add(b.wrapping_mul(y))
}
