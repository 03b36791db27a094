//! Arithmetic modulo r on five limbs of 52 bits, eight lanes at once.
//!
//! An element x is kept as some number congruent to `x R`, R = 2^260, that is not below r but below
//! a small multiple of it: R is 84.6 r. It takes two shapes:
//!
//! - [`Columns`]: five sums of 64 bits that have not passed on their carries. They are what comes
//!   out of a multiplication, and adding them is five additions.
//! - [`Digits`]: a number below 2^260 in limbs of which the low 52 bits count. They are what a
//!   multiplication takes.
//!
//! Multiplication, with a and b below `x r` and `y r`:
//! 1. 25 low and 25 high halves of limb products add up in ten columns, at most nine halves in
//!    each: below 2^55.2. A square doubles the sum of 20 halves and adds ten.
//! 2. The lowest four columns pass on their carries. Each limb that is left is replaced by its
//!    multiple of a residue of 2^-208 to 2^-52: 40 halves, four multiples below `2^52 r`, and
//!    208 bits are gone. The columns are below 2^56.
//! 3. A Montgomery step makes the lowest limb zero with a multiple of r below `2^52 r`. The low
//!    half that makes it so is never computed: the carry out of it is one, unless the limb was
//!    zero before.
//!
//! The result is below `(x y / 84.6 + 5) r` in columns below 2^56.4.

// No loops: the compiler does not unroll all of them, and those that it leaves cost a tenth of the
// speed.

use neurostore_lanes::{Lanes, LIMB_MASK};

use super::constants::{
    Factor, Number, FOLDS, LIMBS, MODULUS, NEGATIVE_INVERSE, NEGATIVE_MODULUS, QUOTIENT,
};

/// An element in limbs that have not passed on their carries.
#[derive(Clone, Copy)]
pub(super) struct Columns<L>(pub(super) [L; LIMBS]);

/// An element below 2^260 in limbs of which the low 52 bits count.
#[derive(Clone, Copy)]
pub(super) struct Digits<L>([L; LIMBS]);

/// The highest limb of a settled element: it is below `(1 + 2^-10) r`, see [`Columns::settle`].
pub(super) const SETTLED_TOP: u64 = MODULUS[4] + (MODULUS[4] >> 10);

impl<L: Lanes> Columns<L> {
    /// Zero.
    #[inline(always)]
    pub(super) fn zero(proof: L::Proof) -> Self {
        Self([L::splat(proof, 0); LIMBS])
    }

    /// The same number in all lanes.
    #[inline(always)]
    pub(super) fn splat(proof: L::Proof, number: &Number) -> Self {
        let [a, b, c, d, e] = number;
        Self([
            L::splat(proof, *a),
            L::splat(proof, *b),
            L::splat(proof, *c),
            L::splat(proof, *d),
            L::splat(proof, *e),
        ])
    }

    /// The sum, column by column.
    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            a0.plus(b0),
            a1.plus(b1),
            a2.plus(b2),
            a3.plus(b3),
            a4.plus(b4),
        ])
    }

    /// The sum with a constant.
    #[inline(always)]
    pub(super) fn plus_number(self, proof: L::Proof, number: &Number) -> Self {
        self.plus(Self::splat(proof, number))
    }

    /// Passes on the carries. For numbers below 2^260.
    #[inline(always)]
    pub(super) fn carry(self) -> Digits<L> {
        let [a, b, c, d, top] = pass_on(self.0);
        Digits([
            a.carried(),
            b.carried(),
            c.carried(),
            d.carried(),
            top.whole(),
        ])
    }

    /// Reduces below `(1 + 2^-10) r`. For numbers below 2^268.
    ///
    /// The highest column and the carry of the one below it are the bits from 2^208 on, or up to
    /// two less, as the carries of the other columns are ignored. Their product with
    /// floor(2^280 / r) gives the quotient by r: never too large, and too small by less than
    /// 1 + 2^-11. Subtracting the multiple of r is adding that of 2^260 - r and dropping what
    /// passes 2^260. A test goes through all quotients.
    #[inline(always)]
    pub(super) fn settle(self, proof: L::Proof) -> Digits<L> {
        let [c0, c1, c2, c3, c4] = self.0;
        let top = c4.plus(c3.right::<52>());
        let quotient = L::splat(proof, 0)
            .add_high(top.right::<20>().whole(), L::splat(proof, QUOTIENT))
            .whole();
        let Columns([n0, n1, n2, n3, n4]) = Columns::<L>::splat(proof, &NEGATIVE_MODULUS);
        let limbs = pass_on([
            c0.add_low(quotient, n0),
            c1.add_low(quotient, n1).add_high(quotient, n0),
            c2.add_low(quotient, n2).add_high(quotient, n1),
            c3.add_low(quotient, n3).add_high(quotient, n2),
            c4.add_low(quotient, n4).add_high(quotient, n3),
        ]);
        let [a, b, c, d, top] = limbs;
        Digits([
            a.carried(),
            b.carried(),
            c.carried(),
            d.carried(),
            top.carried().claim(SETTLED_TOP),
        ])
    }
}

impl<L: Lanes> Digits<L> {
    /// The digits as columns, each below 2^52.
    #[inline(always)]
    pub(super) fn columns(self) -> Columns<L> {
        let [a, b, c, d, e] = self.0;
        Columns([a.low(), b.low(), c.low(), d.low(), e.low()])
    }

    /// The product: 100 multiplications.
    #[inline(always)]
    pub(super) fn times(self, proof: L::Proof, other: Self) -> Columns<L> {
        let (zero, b) = (L::splat(proof, 0), other.0);
        let [a0, a1, a2, a3, a4] = self.0;
        let [c0, c1, c2, c3, c4, c5] = add_multiple([zero; 6], a0, b);
        let [c1, c2, c3, c4, c5, c6] = add_multiple([c1, c2, c3, c4, c5, zero], a1, b);
        let [c2, c3, c4, c5, c6, c7] = add_multiple([c2, c3, c4, c5, c6, zero], a2, b);
        let [c3, c4, c5, c6, c7, c8] = add_multiple([c3, c4, c5, c6, c7, zero], a3, b);
        let [c4, c5, c6, c7, c8, c9] = add_multiple([c4, c5, c6, c7, c8, zero], a4, b);
        reduce(proof, [c0, c1, c2, c3], [c4, c5, c6, c7, c8, c9])
    }

    /// The square: 80 multiplications.
    #[inline(always)]
    pub(super) fn square(self, proof: L::Proof) -> Columns<L> {
        let zero = L::splat(proof, 0);
        let [a, b, c, d, e] = self.0;
        let (c1, c2) = (zero.add_low(a, b), zero.add_low(a, c));
        let (c3, c4) = (zero.add_low(a, d), zero.add_low(a, e));
        let (c2, c3) = (c2.add_high(a, b), c3.add_high(a, c));
        let (c4, c5) = (c4.add_high(a, d), zero.add_high(a, e));
        let (c3, c4, c5) = (c3.add_low(b, c), c4.add_low(b, d), c5.add_low(b, e));
        let (c4, c5, c6) = (c4.add_high(b, c), c5.add_high(b, d), zero.add_high(b, e));
        let (c5, c6, c7) = (c5.add_low(c, d), c6.add_low(c, e), zero.add_low(d, e));
        let (c6, c7, c8) = (c6.add_high(c, d), c7.add_high(c, e), zero.add_high(d, e));

        let (c0, c1) = (zero.add_low(a, a), c1.plus(c1).add_high(a, a));
        let (c2, c3) = (c2.plus(c2).add_low(b, b), c3.plus(c3).add_high(b, b));
        let (c4, c5) = (c4.plus(c4).add_low(c, c), c5.plus(c5).add_high(c, c));
        let (c6, c7) = (c6.plus(c6).add_low(d, d), c7.plus(c7).add_high(d, d));
        let (c8, c9) = (c8.plus(c8).add_low(e, e), zero.add_high(e, e));
        reduce(proof, [c0, c1, c2, c3], [c4, c5, c6, c7, c8, c9])
    }

    /// The product with a fixed factor, below `6 r` in columns below 2^55.6: 60 multiplications.
    ///
    /// Five multiples below `2^52 r` and one Montgomery step.
    #[inline(always)]
    pub(super) fn times_fixed(self, proof: L::Proof, factor: &Factor) -> Columns<L> {
        let [a, b, c, d, e] = self.0;
        let [r0, r1, r2, r3, r4] = factor;
        let columns = [L::splat(proof, 0); 6];
        let columns = add_multiple(columns, a, Columns::splat(proof, r0).0);
        let columns = add_multiple(columns, b, Columns::splat(proof, r1).0);
        let columns = add_multiple(columns, c, Columns::splat(proof, r2).0);
        let columns = add_multiple(columns, d, Columns::splat(proof, r3).0);
        let columns = add_multiple(columns, e, Columns::splat(proof, r4).0);
        montgomery_step(proof, columns)
    }
}

/// Adds what is above the low 52 bits of each limb to the next.
#[inline(always)]
fn pass_on<L: Lanes>(limbs: [L; LIMBS]) -> [L; LIMBS] {
    let [a, b, c, d, e] = limbs;
    let b = b.plus(a.right::<52>());
    let c = c.plus(b.right::<52>());
    let d = d.plus(c.right::<52>());
    let e = e.plus(d.right::<52>());
    [a, b, c, d, e]
}

/// Adds a digit times a number: ten multiplications.
#[inline(always)]
fn add_multiple<L: Lanes>(columns: [L; 6], digit: L, number: [L; LIMBS]) -> [L; 6] {
    let [c0, c1, c2, c3, c4, c5] = columns;
    let [n0, n1, n2, n3, n4] = number;
    let (c0, c1) = (c0.add_low(digit, n0), c1.add_low(digit, n1));
    let (c2, c3) = (c2.add_low(digit, n2), c3.add_low(digit, n3));
    let c4 = c4.add_low(digit, n4);
    let (c1, c2) = (c1.add_high(digit, n0), c2.add_high(digit, n1));
    let (c3, c4) = (c3.add_high(digit, n2), c4.add_high(digit, n3));
    let c5 = c5.add_high(digit, n4);
    [c0, c1, c2, c3, c4, c5]
}

/// Divides ten columns by R: 50 multiplications.
#[inline(always)]
fn reduce<L: Lanes>(proof: L::Proof, lower: [L; 4], upper: [L; 6]) -> Columns<L> {
    let ([a, b, c, d], [e, rest @ ..]) = (lower, upper);
    let [a, b, c, d, e] = pass_on([a, b, c, d, e]);
    let [f0, f1, f2, f3] = &FOLDS;
    let [c5, c6, c7, c8, c9] = rest;
    let columns = [e, c5, c6, c7, c8, c9];
    let columns = add_multiple(columns, a.carried(), Columns::splat(proof, f0).0);
    let columns = add_multiple(columns, b.carried(), Columns::splat(proof, f1).0);
    let columns = add_multiple(columns, c.carried(), Columns::splat(proof, f2).0);
    let columns = add_multiple(columns, d.carried(), Columns::splat(proof, f3).0);
    montgomery_step(proof, columns)
}

/// Divides six columns by 2^52: ten multiplications.
#[inline(always)]
fn montgomery_step<L: Lanes>(proof: L::Proof, columns: [L; 6]) -> Columns<L> {
    let [lowest, c1, c2, c3, c4, c5] = columns;
    let multiple = L::splat(proof, 0)
        .add_low(lowest.carried(), L::splat(proof, NEGATIVE_INVERSE))
        .whole();
    // The carry out of the lowest column: its own, and one more unless its low 52 bits are zero.
    let c1 = c1.plus(lowest.plus(L::splat(proof, LIMB_MASK)).right::<52>());
    let Columns([m0, m1, m2, m3, m4]) = Columns::splat(proof, &MODULUS);
    let (c1, c2) = (c1.add_high(multiple, m0), c2.add_high(multiple, m1));
    let (c3, c4) = (c3.add_high(multiple, m2), c4.add_high(multiple, m3));
    let c5 = c5.add_high(multiple, m4);
    let (c1, c2) = (c1.add_low(multiple, m1), c2.add_low(multiple, m2));
    let (c3, c4) = (c3.add_low(multiple, m3), c4.add_low(multiple, m4));
    Columns([c1, c2, c3, c4, c5])
}
