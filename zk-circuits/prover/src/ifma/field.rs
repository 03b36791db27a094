//! Arithmetic modulo a prime p on five limbs of 52 bits, eight lanes at once.
//!
//! An element x is kept as some number congruent to `x R`, R = 2^260, that is not below p but below
//! a small multiple of it; p is that of BN254's fields, R is 84.6 p. Every [`Element`] has limbs
//! below 2^52; comments say below which multiple of p it is.
//!
//! Multiplication: the halves of limb products add up in ten columns, at most nine halves in each
//! of one product. Five Montgomery steps, each adding the multiple of p that makes the lowest
//! column vanish, leave five columns. Products of numbers below `a p` and `b p` come out below
//! `(a b / 84.6 + 1) p`.

// Limbs are addressed by numbers that are known when the loops are unrolled.
#![allow(clippy::indexing_slicing)]

use std::marker::PhantomData;

use neurostore_lanes::{Lanes, LANES, LIMB_BITS, LIMB_MASK};

use super::prime::{split, Number, Prime, LIMBS, WORDS};

/// Eight elements in memory, limb by limb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Stored([[u64; LANES]; LIMBS]);

impl Stored {
    /// Out of the words of up to eight elements; zero where there are no more.
    pub(super) fn of(elements: impl IntoIterator<Item = [u64; WORDS]>) -> Self {
        let mut stored = Self([[0; LANES]; LIMBS]);
        for (lane, words) in elements.into_iter().enumerate() {
            stored.set(lane, words);
        }
        stored
    }

    /// Puts the words of an element into a lane.
    #[inline(always)]
    pub(super) fn set(&mut self, lane: usize, words: [u64; WORDS]) {
        for (limbs, limb) in self.0.iter_mut().zip(split(words)) {
            if let Some(to) = limbs.get_mut(lane) {
                *to = limb;
            }
        }
    }

    /// The words of the element in a lane.
    #[inline(always)]
    pub(super) fn get(&self, lane: usize) -> [u64; WORDS] {
        let [a, b, c, d, e] = self
            .0
            .each_ref()
            .map(|limbs| limbs.get(lane).copied().unwrap_or(0));
        [
            a | b << 52,
            b >> 12 | c << 40,
            c >> 24 | d << 28,
            d >> 36 | e << 16,
        ]
    }
}

/// Eight elements, limbs below 2^52.
#[derive(Clone, Copy)]
pub(super) struct Element<L, P>([L; LIMBS], PhantomData<P>);

impl<L: Lanes, P: Prime> Element<L, P> {
    /// Out of limbs as they stand.
    #[cfg(test)]
    pub(super) fn of_limbs(limbs: [L; LIMBS]) -> Self {
        Self(limbs, PhantomData)
    }

    /// The highest limb.
    #[cfg(test)]
    pub(super) fn top(self) -> L {
        let [_, _, _, _, top] = self.0;
        top
    }

    /// Zero in all lanes.
    #[inline(always)]
    pub(super) fn zero(proof: L::Proof) -> Self {
        Self([L::splat(proof, 0); LIMBS], PhantomData)
    }

    /// One in all lanes. Below `p`.
    #[inline(always)]
    pub(super) fn one(proof: L::Proof) -> Self {
        Self(splat(proof, &P::ONE), PhantomData)
    }

    /// Out of memory.
    #[inline(always)]
    pub(super) fn load(proof: L::Proof, Stored([a, b, c, d, e]): &Stored) -> Self {
        let limbs = [
            L::load(proof, a),
            L::load(proof, b),
            L::load(proof, c),
            L::load(proof, d),
            L::load(proof, e),
        ];
        Self(limbs, PhantomData)
    }

    /// To memory.
    #[inline(always)]
    pub(super) fn store(self) -> Stored {
        let [a, b, c, d, e] = self.0;
        Stored([a.store(), b.store(), c.store(), d.store(), e.store()])
    }

    /// Element i of vector j to element j of vector i.
    #[inline(always)]
    pub(super) fn transpose(elements: [Self; LANES]) -> [Self; LANES] {
        let mut transposed = elements;
        for limb in 0..LIMBS {
            let [a, b, c, d, e, f, g, h] = elements;
            let rows = [
                a.0[limb], b.0[limb], c.0[limb], d.0[limb], e.0[limb], f.0[limb], g.0[limb],
                h.0[limb],
            ];
            for (to, column) in transposed.iter_mut().zip(L::transpose(rows)) {
                to.0[limb] = column;
            }
        }
        transposed
    }

    /// Out of words, lane by lane.
    #[inline(always)]
    pub(super) fn unpack([a, b, c, d]: [L; WORDS]) -> Self {
        let limbs = [
            a.low(),
            a.right::<52>().or(b.left::<12>()).low(),
            b.right::<40>().or(c.left::<24>()).low(),
            c.right::<28>().or(d.left::<36>()).low(),
            d.right::<16>(),
        ];
        Self(limbs, PhantomData)
    }

    /// To words. For elements below 2^256, which is `5.29 p`.
    #[inline(always)]
    pub(super) fn pack(self) -> [L; WORDS] {
        let [a, b, c, d, e] = self.0;
        [
            a.or(b.left::<52>()),
            b.right::<12>().or(c.left::<40>()),
            c.right::<24>().or(d.left::<28>()),
            d.right::<36>().or(e.left::<16>()),
        ]
    }

    /// The sum.
    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        let mut limbs = self.0;
        for (limb, other) in limbs.iter_mut().zip(other.0) {
            *limb = limb.plus(other);
        }
        Self::carried(limbs)
    }

    /// The difference, plus `4 p`. For an `other` below `3.9 p`.
    #[inline(always)]
    pub(super) fn minus(self, proof: L::Proof, other: Self) -> Self {
        let mut limbs = self.0;
        for (i, limb) in limbs.iter_mut().enumerate() {
            *limb = limb.plus(L::splat(proof, P::FOURFOLD[i])).minus(other.0[i]);
        }
        Self::carried(limbs)
    }

    /// The opposite: `2 p` less an element below `1.9 p`.
    #[inline(always)]
    pub(super) fn opposite(self, proof: L::Proof) -> Self {
        let mut limbs = self.0;
        for (limb, twofold) in limbs.iter_mut().zip(P::TWOFOLD) {
            *limb = L::splat(proof, twofold).minus(*limb);
        }
        Self::carried(limbs)
    }

    /// `other` in the lanes whose bits are set.
    #[inline(always)]
    pub(super) fn replaced(self, lanes: u8, other: Self) -> Self {
        let mut limbs = self.0;
        for (limb, other) in limbs.iter_mut().zip(other.0) {
            *limb = limb.replaced(lanes, other);
        }
        Self(limbs, PhantomData)
    }

    /// Reduces an element below `7.9 p` to one below `1.1 p`.
    ///
    /// The number is `t 2^208` and less than 2^208 more, with t the highest limb, and 2^260 is
    /// 84.64 p: so `84 t / 2^52` is not above the quotient by p, and below it by less than 0.06.
    #[inline(always)]
    pub(super) fn settled(self, proof: L::Proof) -> Self {
        let quotient = L::splat(proof, 0).add_high(self.0[4], L::splat(proof, QUOTIENT));
        let mut limbs = self.0;
        // Each limb is lent 2^53 by the next, so that none becomes negative; what is lent to the
        // highest is cut off again.
        for (i, limb) in limbs.iter_mut().enumerate() {
            *limb = limb
                .plus(L::splat(proof, LOANS[i]))
                .minus(quotient.look_up(&P::MULTIPLES[i]));
        }
        let Self([a, b, c, d, e], _) = Self::carried(limbs);
        Self([a, b, c, d, e.low()], PhantomData)
    }

    /// The product.
    #[inline(always)]
    pub(super) fn times(self, proof: L::Proof, other: Self) -> Self {
        let mut columns = [L::splat(proof, 0); 2 * LIMBS];
        add_product(&mut columns, self.0, other.0);
        reduce(proof, columns)
    }

    /// The sum of two products: one reduction for both.
    #[inline(always)]
    pub(super) fn times_plus(self, proof: L::Proof, other: Self, c: Self, d: Self) -> Self {
        let mut columns = [L::splat(proof, 0); 2 * LIMBS];
        add_product(&mut columns, self.0, other.0);
        add_product(&mut columns, c.0, d.0);
        reduce(proof, columns)
    }

    /// The square: 30 multiplications instead of 50 before the reduction.
    #[inline(always)]
    pub(super) fn square(self, proof: L::Proof) -> Self {
        let limbs = self.0;
        let mut columns = [L::splat(proof, 0); 2 * LIMBS];
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                columns[i + j] = columns[i + j].add_low(limbs[i], limbs[j]);
                columns[i + j + 1] = columns[i + j + 1].add_high(limbs[i], limbs[j]);
            }
        }
        for i in 0..LIMBS {
            let (even, odd) = (columns[2 * i], columns[2 * i + 1]);
            columns[2 * i] = even.plus(even).add_low(limbs[i], limbs[i]);
            columns[2 * i + 1] = odd.plus(odd).add_high(limbs[i], limbs[i]);
        }
        reduce(proof, columns)
    }

    /// Passes on carries. For numbers below 2^260.
    #[inline(always)]
    fn carried([a, b, c, d, e]: [L; LIMBS]) -> Self {
        let b = b.plus(a.right::<52>());
        let c = c.plus(b.right::<52>());
        let d = d.plus(c.right::<52>());
        let e = e.plus(d.right::<52>());
        Self([a.low(), b.low(), c.low(), d.low(), e], PhantomData)
    }
}

/// The same number in all lanes.
#[inline(always)]
fn splat<L: Lanes>(proof: L::Proof, [a, b, c, d, e]: &Number) -> [L; LIMBS] {
    [
        L::splat(proof, *a),
        L::splat(proof, *b),
        L::splat(proof, *c),
        L::splat(proof, *d),
        L::splat(proof, *e),
    ]
}

/// Adds the halves of the products of limbs to ten columns.
#[inline(always)]
fn add_product<L: Lanes>(columns: &mut [L; 2 * LIMBS], a: [L; LIMBS], b: [L; LIMBS]) {
    for i in 0..LIMBS {
        for j in 0..LIMBS {
            columns[i + j] = columns[i + j].add_low(a[i], b[j]);
        }
        for j in 0..LIMBS {
            columns[i + j + 1] = columns[i + j + 1].add_high(a[i], b[j]);
        }
    }
}

/// Divides ten columns by R.
#[inline(always)]
fn reduce<L: Lanes, P: Prime>(proof: L::Proof, mut columns: [L; 2 * LIMBS]) -> Element<L, P> {
    let modulus = splat(proof, &P::MODULUS);
    for i in 0..LIMBS {
        let multiple =
            L::splat(proof, 0).add_low(columns[i].carried(), L::splat(proof, P::NEGATIVE_INVERSE));
        for j in 0..LIMBS {
            columns[i + j + 1] = columns[i + j + 1].add_high(multiple, modulus[j]);
        }
        for j in 1..LIMBS {
            columns[i + j] = columns[i + j].add_low(multiple, modulus[j]);
        }
        // The low half that makes the column vanish needs no multiplication: what it carries
        // is one, unless the low 52 bits of the column were zero as they stood.
        let carry = columns[i].plus(L::splat(proof, LIMB_MASK)).right::<52>();
        columns[i + 1] = columns[i + 1].plus(carry);
    }
    let [_, _, _, _, _, upper @ ..] = columns;
    Element::carried(upper)
}

/// What is lent to each limb, less what it lends: 2^53 is two of the next.
const LOANS: Number = [
    2 << LIMB_BITS,
    (2 << LIMB_BITS) - 2,
    (2 << LIMB_BITS) - 2,
    (2 << LIMB_BITS) - 2,
    (2 << LIMB_BITS) - 2,
];

/// 2^260 over p, rounded down.
const QUOTIENT: u64 = 84;

/// The highest limb of what is below some tenths of the coordinates' prime.
#[cfg(test)]
pub(super) fn top_of_tenths(tenths: u64) -> u64 {
    super::prime::Base::MODULUS[LIMBS - 1] / 10 * tenths + tenths
}

#[cfg(test)]
mod tests {
    use super::{
        super::{coordinate::Coordinate, prime::Base},
        *,
    };
    use ark_bn254::Fq;
    use ark_ff::{AdditiveGroup, Field, UniformRand};
    use neurostore_lanes::{Ifma, Work};

    /// What elements do in lanes, beside what arkworks does.
    struct Compare([Fq; LANES], [Fq; LANES]);

    impl Work for Compare {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes>(self, proof: L::Proof) {
            let of = |elements: &[Fq; LANES]| -> Element<L, Base> {
                Coordinate::from_scalars(proof, elements)
            };
            let (a, b) = (of(&self.0), of(&self.1));
            let pairs: [(Fq, Fq); LANES] = std::array::from_fn(|i| (self.0[i], self.1[i]));
            let expect = |result: Element<L, Base>, compute: fn((Fq, Fq)) -> Fq| {
                assert_eq!(Coordinate::to_scalars(result), pairs.map(compute));
            };
            expect(a.plus(b).settled(proof), |(a, b)| a + b);
            expect(a.minus(proof, b).settled(proof), |(a, b)| a - b);
            expect(a.opposite(proof).settled(proof), |(a, _)| -a);
            expect(a.times(proof, b), |(a, b)| a * b);
            expect(a.square(proof), |(a, _)| a.square());
            expect(a.times_plus(proof, b, b, b), |(a, b)| a * b + b * b);
            expect(a.minus(proof, b).times(proof, b), |(a, b)| (a - b) * b);
            expect(a.replaced(0xff, b), |(_, b)| b);
            expect(Element::one(proof).times(proof, a), |(a, _)| a);
        }
    }

    #[test]
    fn lanes_compute_what_arkworks_computes() {
        let Some(ifma) = Ifma::detect() else { return };
        let mut rng = ark_std::test_rng();
        let edges = [
            Fq::ZERO,
            Fq::ONE,
            -Fq::ONE,
            Fq::from(2u8),
            -Fq::from(2u8),
            Fq::from(u64::MAX),
            Fq::new_unchecked(ark_ff::BigInt([u64::MAX, u64::MAX, u64::MAX, 0])),
            -Fq::from(1u64 << 52),
        ];
        for shift in 0..LANES {
            let mut turned = edges;
            turned.rotate_left(shift);
            ifma.run(Compare(edges, turned));
        }
        for _ in 0..200 {
            let random = || std::array::from_fn(|_| Fq::rand(&mut rng));
            let mut random = random;
            ifma.run(Compare(random(), random()));
        }
    }

    #[test]
    fn every_quotient_of_a_settled_number_is_right() {
        // Multiples of the prime and their neighbours: where the quotient changes.
        let top = |tenths| top_of_tenths(tenths);
        for limb in (0..=top(79)).step_by(1 << 32).chain([top(79)]) {
            let quotient =
                u64::try_from((u128::from(limb) * u128::from(QUOTIENT)) >> LIMB_BITS).unwrap();
            let least = u128::from(Base::MODULUS[4]) * u128::from(quotient);
            assert!(quotient < 8 && least <= u128::from(limb));
            // What is left is below 1.1 p.
            assert!(u128::from(limb) + 1 - least <= u128::from(top(11)));
        }
    }
}
