//! Coordinates of points, eight side by side: numbers of the field or of its quadratic extension.
//!
//! Bounds are multiples of p, of each component: what is read of memory is below 1.1, what
//! [`Coordinate::times`] and [`Coordinate::square`] give is below 1.9.

use ark_bn254::{Fq, Fq2};
use ark_ff::{AdditiveGroup, Field};

use neurostore_lanes::{Lanes, LANES};

use super::{
    field::Element,
    kept::{from_kept, to_kept},
    prime::{Base, WORDS},
};

/// A point in memory, in whole cache lines: the words of x, then those of y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Lines<const N: usize>(pub(super) [[u64; LANES]; N]);

impl<const N: usize> Lines<N> {
    /// No point of the curve, and so the one at infinity.
    pub(super) const INFINITY: &'static Self = &Self([[0; LANES]; N]);
}

impl<const N: usize> Default for Lines<N> {
    fn default() -> Self {
        Self([[0; LANES]; N])
    }
}

/// Coordinates of the points of one curve.
pub(super) trait Coordinate<L: Lanes, const N: usize>: Copy {
    /// The field they are of.
    type Scalar: Field;

    /// One.
    fn one(proof: L::Proof) -> Self;

    /// The x-coordinates of points.
    fn read_x(proof: L::Proof, points: [&Lines<N>; LANES]) -> Self;

    /// Both coordinates of points.
    fn read(proof: L::Proof, points: [&Lines<N>; LANES]) -> [Self; 2];

    /// Points of their coordinates, settled.
    fn write(coordinates: [Self; 2]) -> [Lines<N>; LANES];

    /// The sum.
    fn plus(self, other: Self) -> Self;

    /// The difference, plus 4: for an `other` below 3.9.
    fn minus(self, proof: L::Proof, other: Self) -> Self;

    /// In the lanes whose bits are set the opposite, at most 2. Of what is below 1.9.
    fn opposite_in(self, proof: L::Proof, lanes: u8) -> Self;

    /// Makes what is below 7.9 settled: below 1.1.
    fn settled(self, proof: L::Proof) -> Self;

    /// The product of what is below 6.1 with what is below 1.9.
    fn times(self, proof: L::Proof, other: Self) -> Self;

    /// The square of what is below 1.9.
    fn square(self, proof: L::Proof) -> Self;

    /// All lanes of a product, one by one.
    fn to_scalars(self) -> [Self::Scalar; LANES];

    /// All lanes out of their elements.
    fn from_scalars(proof: L::Proof, scalars: &[Self::Scalar; LANES]) -> Self;
}

impl<L: Lanes> Coordinate<L, 1> for Element<L, Base> {
    type Scalar = Fq;

    #[inline(always)]
    fn one(proof: L::Proof) -> Self {
        Element::one(proof)
    }

    #[inline(always)]
    fn read_x(proof: L::Proof, points: [&Lines<1>; LANES]) -> Self {
        let [x, _] = Self::read(proof, points);
        x
    }

    #[inline(always)]
    fn read(proof: L::Proof, points: [&Lines<1>; LANES]) -> [Self; 2] {
        let [a, b, c, d, e, f, g, h] = points;
        unpack(
            proof,
            [
                &a.0[0], &b.0[0], &c.0[0], &d.0[0], &e.0[0], &f.0[0], &g.0[0], &h.0[0],
            ],
        )
    }

    #[inline(always)]
    fn write(coordinates: [Self; 2]) -> [Lines<1>; LANES] {
        let mut points = [Lines::default(); LANES];
        for (Lines([to]), line) in points.iter_mut().zip(pack(coordinates)) {
            *to = line.store();
        }
        points
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Element::plus(self, other)
    }

    #[inline(always)]
    fn minus(self, proof: L::Proof, other: Self) -> Self {
        Element::minus(self, proof, other)
    }

    #[inline(always)]
    fn opposite_in(self, proof: L::Proof, lanes: u8) -> Self {
        self.replaced(lanes, self.opposite(proof))
    }

    #[inline(always)]
    fn settled(self, proof: L::Proof) -> Self {
        Element::settled(self, proof)
    }

    #[inline(always)]
    fn times(self, proof: L::Proof, other: Self) -> Self {
        // Below 6.1 * 1.9 / 84.6 + 1.
        Element::times(self, proof, other)
    }

    #[inline(always)]
    fn square(self, proof: L::Proof) -> Self {
        Element::square(self, proof)
    }

    #[inline(always)]
    fn to_scalars(self) -> [Fq; LANES] {
        let [a, b, c, d] = self.pack().map(L::store);
        let words = a.iter().zip(b).zip(c).zip(d);
        let mut scalars = [Fq::ZERO; LANES];
        for (scalar, (((a, b), c), d)) in scalars.iter_mut().zip(words) {
            *scalar = from_kept([*a, b, c, d]);
        }
        scalars
    }

    #[inline(always)]
    fn from_scalars(proof: L::Proof, scalars: &[Fq; LANES]) -> Self {
        let mut words = [[0; LANES]; WORDS];
        for (lane, scalar) in scalars.iter().enumerate() {
            for (words, word) in words.iter_mut().zip(to_kept(scalar)) {
                if let Some(to) = words.get_mut(lane) {
                    *to = word;
                }
            }
        }
        Element::unpack(words.map(|words| L::load(proof, &words)))
    }
}

/// A number of the quadratic extension by the square root of -1.
#[derive(Clone, Copy)]
pub(super) struct Extended<L>([Element<L, Base>; 2]);

#[cfg(test)]
impl<L: Lanes> Extended<L> {
    /// Out of both parts.
    pub(super) fn of(real: Element<L, Base>, imaginary: Element<L, Base>) -> Self {
        Self([real, imaginary])
    }
}

impl<L: Lanes> Coordinate<L, 2> for Extended<L> {
    type Scalar = Fq2;

    #[inline(always)]
    fn one(proof: L::Proof) -> Self {
        let one = Element::one(proof);
        Self([one, Element::zero(proof)])
    }

    #[inline(always)]
    fn read_x(proof: L::Proof, points: [&Lines<2>; LANES]) -> Self {
        let [a, b, c, d, e, f, g, h] = points;
        Self(unpack(
            proof,
            [
                &a.0[0], &b.0[0], &c.0[0], &d.0[0], &e.0[0], &f.0[0], &g.0[0], &h.0[0],
            ],
        ))
    }

    #[inline(always)]
    fn read(proof: L::Proof, points: [&Lines<2>; LANES]) -> [Self; 2] {
        let [a, b, c, d, e, f, g, h] = points;
        let y = [
            &a.0[1], &b.0[1], &c.0[1], &d.0[1], &e.0[1], &f.0[1], &g.0[1], &h.0[1],
        ];
        [Self::read_x(proof, points), Self(unpack(proof, y))]
    }

    #[inline(always)]
    fn write([x, y]: [Self; 2]) -> [Lines<2>; LANES] {
        let mut points = [Lines::default(); LANES];
        for (to, (x, y)) in points.iter_mut().zip(pack(x.0).into_iter().zip(pack(y.0))) {
            *to = Lines([x.store(), y.store()]);
        }
        points
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a.plus(c), b.plus(d)])
    }

    #[inline(always)]
    fn minus(self, proof: L::Proof, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a.minus(proof, c), b.minus(proof, d)])
    }

    #[inline(always)]
    fn opposite_in(self, proof: L::Proof, lanes: u8) -> Self {
        let [a, b] = self.0;
        Self([a.opposite_in(proof, lanes), b.opposite_in(proof, lanes)])
    }

    #[inline(always)]
    fn settled(self, proof: L::Proof) -> Self {
        let [a, b] = self.0;
        Self([a.settled(proof), b.settled(proof)])
    }

    /// Two sums of two products. Their own reductions cost less than what three products instead
    /// of four would save.
    #[inline(always)]
    fn times(self, proof: L::Proof, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        // Below 2 * 6.1 * 2 / 84.6 + 1.
        Self([
            a.times_plus(proof, c, b, d.opposite(proof)),
            a.times_plus(proof, d, b, c),
        ])
    }

    /// (a + b)(a - b) and 2 a b.
    #[inline(always)]
    fn square(self, proof: L::Proof) -> Self {
        let [a, b] = self.0;
        // Below 3.8 * 5.9 / 84.6 + 1, and 3.8 * 1.9 / 84.6 + 1.
        Self([
            a.plus(b).times(proof, a.minus(proof, b)),
            a.plus(a).times(proof, b),
        ])
    }

    #[inline(always)]
    fn to_scalars(self) -> [Fq2; LANES] {
        let [a, b] = self.0.map(Coordinate::to_scalars);
        let mut scalars = [Fq2::ZERO; LANES];
        for (scalar, (a, b)) in scalars.iter_mut().zip(a.into_iter().zip(b)) {
            *scalar = Fq2::new(a, b);
        }
        scalars
    }

    #[inline(always)]
    fn from_scalars(proof: L::Proof, scalars: &[Fq2; LANES]) -> Self {
        Self([
            Element::from_scalars(proof, &scalars.map(|scalar| scalar.c0)),
            Element::from_scalars(proof, &scalars.map(|scalar| scalar.c1)),
        ])
    }
}

/// Two elements of each of eight lines.
#[inline(always)]
fn unpack<L: Lanes>(proof: L::Proof, lines: [&[u64; LANES]; LANES]) -> [Element<L, Base>; 2] {
    let [a, b, c, d, e, f, g, h] = lines;
    let [a, b, c, d, e, f, g, h] = L::transpose([
        L::load(proof, a),
        L::load(proof, b),
        L::load(proof, c),
        L::load(proof, d),
        L::load(proof, e),
        L::load(proof, f),
        L::load(proof, g),
        L::load(proof, h),
    ]);
    [Element::unpack([a, b, c, d]), Element::unpack([e, f, g, h])]
}

/// Eight lines of two elements each.
#[inline(always)]
fn pack<L: Lanes>([x, y]: [Element<L, Base>; 2]) -> [L; LANES] {
    let ([a, b, c, d], [e, f, g, h]) = (x.pack(), y.pack());
    L::transpose([a, b, c, d, e, f, g, h])
}
