//! Adding pairs of points: the third point of the chord through each, turned over.
//!
//! All pairs of a batch share one inversion of field elements for each lane: going forth, every
//! lane multiplies up the differences of its x-coordinates; the product is inverted; going back,
//! the inverse of each difference is split off.

use std::marker::PhantomData;

use ark_bn254::{g1, g2, Fq, Fq2};
use ark_ec::{short_weierstrass::Affine, AffineRepr};
use ark_ff::{AdditiveGroup, Field};

use neurostore_lanes::{Ifma, Lanes, Work, LANES};

use super::{
    coordinate::{Coordinate, Extended, Lines},
    field::Element,
    kept::{from_kept, to_kept},
    prime::Base,
};
use crate::msm::{look_up, Adder, Pair};

/// Eight additions in G1 at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InG1(pub(crate) Ifma);

impl Adder for InG1 {
    type Curve = g1::Config;
    type Point = Lines<1>;

    fn enter(self, point: &Affine<g1::Config>) -> Lines<1> {
        if point.is_zero() {
            return Lines::default();
        }
        Lines([join(to_kept(&point.x), to_kept(&point.y))])
    }

    fn leave(self, point: &Lines<1>) -> Affine<g1::Config> {
        if *point == Lines::default() {
            return Affine::identity();
        }
        let Lines([line]) = point;
        let [x, y] = elements(line);
        Affine::new_unchecked(x, y)
    }

    fn add(self, known: &[Lines<1>], computed: &mut Vec<Lines<1>>, pairs: &[Pair]) -> bool {
        self.0.run(Chords::<1, InG1> {
            known,
            computed,
            pairs,
            curve: PhantomData,
        })
    }
}

/// Eight additions in G2 at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InG2(pub(crate) Ifma);

impl Adder for InG2 {
    type Curve = g2::Config;
    type Point = Lines<2>;

    fn enter(self, point: &Affine<g2::Config>) -> Lines<2> {
        if point.is_zero() {
            return Lines::default();
        }
        let line = |element: &Fq2| join(to_kept(&element.c0), to_kept(&element.c1));
        Lines([line(&point.x), line(&point.y)])
    }

    fn leave(self, point: &Lines<2>) -> Affine<g2::Config> {
        if *point == Lines::default() {
            return Affine::identity();
        }
        let element = |line| {
            let [c0, c1] = elements(line);
            Fq2::new(c0, c1)
        };
        let Lines([x, y]) = point;
        Affine::new_unchecked(element(x), element(y))
    }

    fn add(self, known: &[Lines<2>], computed: &mut Vec<Lines<2>>, pairs: &[Pair]) -> bool {
        self.0.run(Chords::<2, InG2> {
            known,
            computed,
            pairs,
            curve: PhantomData,
        })
    }
}

/// Two elements in a line.
fn join([a, b, c, d]: [u64; 4], [e, f, g, h]: [u64; 4]) -> [u64; LANES] {
    [a, b, c, d, e, f, g, h]
}

/// The elements in a line.
fn elements([a, b, c, d, e, f, g, h]: &[u64; LANES]) -> [Fq; 2] {
    [[*a, *b, *c, *d], [*e, *f, *g, *h]].map(from_kept)
}

/// The coordinates of the points of a curve.
trait Coordinates<const N: usize> {
    type In<L: Lanes>: Coordinate<L, N>;
}

impl Coordinates<1> for InG1 {
    type In<L: Lanes> = Element<L, Base>;
}

impl Coordinates<2> for InG2 {
    type In<L: Lanes> = Extended<L>;
}

struct Chords<'a, const N: usize, C> {
    known: &'a [Lines<N>],
    computed: &'a mut Vec<Lines<N>>,
    pairs: &'a [Pair],
    curve: PhantomData<C>,
}

/// Groups of pairs that are worked on together. Each step of one waits for the step before it,
/// so that one group alone would leave the multiplier idle half of the time.
const ABREAST: usize = 2;
/// How many pairs of groups ahead of their turn points are asked for.
const AHEAD: usize = 4;

/// What is kept of a group between forth and back.
#[derive(Clone, Copy)]
struct Kept<C> {
    /// The product of all differences before.
    before: C,
    difference: C,
}

impl<const N: usize, C: Coordinates<N>> Work for Chords<'_, N, C> {
    type Output = bool;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> bool {
        let Some(last) = self.pairs.last() else {
            return true;
        };
        // The last group is filled up with a pair that is added for nothing.
        let whole = self.pairs.len().next_multiple_of(LANES);
        let before = self.computed.len();
        self.computed
            .resize(before.saturating_add(whole), Lines::default());
        let (computed, sums) = self.computed.split_at_mut(before);
        let groups = self.pairs.chunks(LANES);
        let groups: Vec<_> = groups
            .map(|pairs| Group::of(self.known, computed, pairs, last))
            .collect();
        let one = C::In::<L>::one(proof);
        let mut products = [one; ABREAST];
        let mut kept = Vec::with_capacity(groups.len());
        for (number, group) in groups.iter().enumerate() {
            if let Some(group) = groups.get(number.saturating_add(AHEAD)) {
                group.prefetch::<L>(proof);
            }
            let first = C::In::<L>::read_x(proof, group.first);
            let second = C::In::<L>::read_x(proof, group.second);
            // Below 1.1 + 4.
            let difference = second.minus(proof, first);
            let [product, ..] = &mut products;
            kept.push(Kept {
                before: *product,
                difference,
            });
            *product = difference.times(proof, *product);
            products.rotate_left(1);
        }
        let Some(mut inverses) = invert::<L, C::In<L>, N>(proof, products) else {
            self.computed.truncate(before);
            return false;
        };
        let back = groups.iter().zip(kept).zip(sums.as_chunks_mut().0).rev();
        for ((group, kept), to) in back {
            inverses.rotate_right(1);
            let [inverse, ..] = &mut inverses;
            let inverted = kept.before.times(proof, *inverse);
            *inverse = kept.difference.times(proof, *inverse);

            let [x1, y1] = C::In::<L>::read(proof, group.first);
            let [x2, y2] = C::In::<L>::read(proof, group.second);
            let [opposite1, opposite2] = group.opposite;
            let y1 = y1.opposite_in(proof, opposite1);
            let y2 = y2.opposite_in(proof, opposite2);
            // Below (2 + 4) * 1.9.
            let slope = y2.minus(proof, y1).times(proof, inverted);
            // Below 1.9 + 4, as x1 + x2 are below 2.2.
            let x = slope.square(proof).minus(proof, x1.plus(x2)).settled(proof);
            // Below 1.9 + 4, as y1 is at most 2; the first factor is below 1.1 + 4.
            let y = x1.minus(proof, x).times(proof, slope);
            let y = y.minus(proof, y1).settled(proof);
            *to = C::In::<L>::write([x, y]);
        }
        self.computed
            .truncate(before.saturating_add(self.pairs.len()));
        true
    }
}

/// The inverses of all lanes, or `None` where one has none.
#[inline(always)]
fn invert<L: Lanes, C: Coordinate<L, N>, const N: usize>(
    proof: L::Proof,
    products: [C; ABREAST],
) -> Option<[C; ABREAST]> {
    let mut scalars = products.map(C::to_scalars);
    let mut flat: Vec<_> = scalars.as_flattened().to_vec();
    if flat.contains(&C::Scalar::ZERO) {
        return None;
    }
    ark_ff::fields::serial_batch_inversion_and_mul(&mut flat, &C::Scalar::ONE);
    for (to, from) in scalars.as_flattened_mut().iter_mut().zip(flat) {
        *to = from;
    }
    Some(scalars.map(|scalars| C::from_scalars(proof, &scalars)))
}

/// Eight pairs.
#[derive(Clone, Copy)]
struct Group<'a, const N: usize> {
    first: [&'a Lines<N>; LANES],
    second: [&'a Lines<N>; LANES],
    /// Which lanes mean the opposite: of the first points, and of the second.
    opposite: [u8; 2],
}

impl<'a, const N: usize> Group<'a, N> {
    /// Up to eight pairs, filled up with another.
    fn of(known: &'a [Lines<N>], computed: &'a [Lines<N>], pairs: &[Pair], filler: &Pair) -> Self {
        let mut group = Self {
            first: [Lines::INFINITY; LANES],
            second: [Lines::INFINITY; LANES],
            opposite: [0; 2],
        };
        let pairs = pairs.iter().chain(std::iter::repeat(filler));
        let lanes = group.first.iter_mut().zip(&mut group.second).enumerate();
        for ((lane, (first, second)), pair) in lanes.zip(pairs) {
            let [a, b] = *pair;
            // Only a reference to nothing, which is never made, would leave the point at infinity.
            *first = look_up(known, computed, a).unwrap_or(Lines::INFINITY);
            *second = look_up(known, computed, b).unwrap_or(Lines::INFINITY);
            for (bits, reference) in group.opposite.iter_mut().zip(pair) {
                *bits |= u8::from(reference.is_opposite()) << lane;
            }
        }
        group
    }

    #[inline(always)]
    fn prefetch<L: Lanes>(&self, proof: L::Proof) {
        for Lines(lines) in self.first.iter().chain(&self.second) {
            for line in lines {
                L::prefetch(proof, line);
            }
        }
    }
}
