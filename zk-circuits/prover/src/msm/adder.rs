//! Adding many pairs of points at once.

use std::marker::PhantomData;

use ark_bn254::{Fq, Fq2, Fr};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr, CurveGroup,
};
use ark_ff::Field;

/// A point among those that are known and those that were computed, counted through; or its
/// opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference(u32);

impl Reference {
    /// There are never more points than 31 bits can count: keys are far smaller, and what is
    /// computed of one block is fewer than what it is computed of.
    pub(crate) fn new(index: usize, opposite: bool) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX) << 1 | u32::from(opposite))
    }

    /// The number of the point.
    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether its opposite is meant.
    #[inline(always)]
    pub(crate) fn is_opposite(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Two points to be added.
pub(crate) type Pair = [Reference; 2];

/// A way to add many pairs of points of one curve.
pub(crate) trait Adder: Copy + Send + Sync + std::fmt::Debug {
    /// The curve.
    type Curve: SWCurveConfig<BaseField: Words, ScalarField = Fr>;
    /// A point in the form that is worked with. Its default is the point at infinity, which takes
    /// part in no addition.
    type Point: Copy + Default + PartialEq + Send + Sync + std::fmt::Debug;

    /// Brings a point into this form.
    fn enter(self, point: &Affine<Self::Curve>) -> Self::Point;

    /// Brings a point back.
    fn leave(self, point: &Self::Point) -> Affine<Self::Curve>;

    /// Appends the sum of each pair to `computed`. References count through `known` and then
    /// `computed`; none is at infinity. Returns false, with `computed` as it was, where two points
    /// of a pair have the same x-coordinate: those are no chords but tangents or nothing.
    fn add(self, known: &[Self::Point], computed: &mut Vec<Self::Point>, pairs: &[Pair]) -> bool;
}

/// The point that a reference means. What it cannot mean is the point at infinity.
#[inline(always)]
pub(crate) fn look_up<'a, P>(
    known: &'a [P],
    computed: &'a [P],
    reference: Reference,
) -> Option<&'a P> {
    let index = reference.index();
    match index.checked_sub(known.len()) {
        None => known.get(index),
        Some(index) => computed.get(index),
    }
}

/// Adds pairs whatever they are: slow, and only where [`Adder::add`] cannot.
pub(crate) fn add_exactly<A: Adder>(
    adder: A,
    known: &[A::Point],
    computed: &mut Vec<A::Point>,
    pairs: &[Pair],
) {
    for pair in pairs {
        let [first, second] = pair.map(|reference| {
            let point = look_up(known, computed, reference)
                .copied()
                .unwrap_or_default();
            let point = adder.leave(&point);
            if reference.is_opposite() {
                -point
            } else {
                point
            }
        });
        computed.push(adder.enter(&(first + second).into_affine()));
    }
}

/// A field element as the words it is stored in.
pub(crate) trait Words: Field {
    /// As many words.
    type Array: Copy + Default + PartialEq + Send + Sync + std::fmt::Debug;

    /// The words of the Montgomery representation.
    fn to_words(&self) -> Self::Array;

    /// The element of reduced words.
    fn from_words(words: &Self::Array) -> Self;

    /// The product.
    fn times(&self, other: &Self) -> Self;
}

impl Words for Fq {
    type Array = [u64; 4];

    fn to_words(&self) -> [u64; 4] {
        self.0 .0
    }

    fn from_words(words: &[u64; 4]) -> Self {
        Self::new_unchecked(ark_ff::BigInt(*words))
    }

    fn times(&self, other: &Self) -> Self {
        *self * other
    }
}

impl Words for Fq2 {
    type Array = [[u64; 4]; 2];

    fn to_words(&self) -> [[u64; 4]; 2] {
        [self.c0.to_words(), self.c1.to_words()]
    }

    fn from_words([c0, c1]: &[[u64; 4]; 2]) -> Self {
        Self::new(Fq::from_words(c0), Fq::from_words(c1))
    }

    /// Three products in the field instead of the four of arkworks, which are slower here although
    /// they share their reductions.
    fn times(&self, other: &Self) -> Self {
        let (real, imaginary) = (self.c0 * other.c0, self.c1 * other.c1);
        let both = (self.c0 + self.c1) * (other.c0 + other.c1);
        Self::new(real - imaginary, both - real - imaginary)
    }
}

/// A point in memory, in as few cache lines as it fits into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Coordinates<W>(W, W);

/// One pair after the other, with the arithmetic of arkworks.
pub(crate) struct Portable<P>(PhantomData<fn() -> P>);

impl<P> std::fmt::Debug for Portable<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Portable")
    }
}

impl<P> Default for Portable<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<P> Clone for Portable<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Portable<P> {}

impl<P: SWCurveConfig<BaseField: Words, ScalarField = Fr>> Adder for Portable<P> {
    type Curve = P;
    type Point = Coordinates<<P::BaseField as Words>::Array>;

    fn enter(self, point: &Affine<P>) -> Self::Point {
        if point.is_zero() {
            return Self::Point::default();
        }
        Coordinates(point.x.to_words(), point.y.to_words())
    }

    fn leave(self, point: &Self::Point) -> Affine<P> {
        if *point == Self::Point::default() {
            return Affine::identity();
        }
        let Coordinates(x, y) = point;
        Affine::new_unchecked(P::BaseField::from_words(x), P::BaseField::from_words(y))
    }

    fn add(self, known: &[Self::Point], computed: &mut Vec<Self::Point>, pairs: &[Pair]) -> bool {
        // Gathered first: points lie anywhere in memory, and many are fetched at once only as
        // long as nothing is computed with them.
        let mut gathered = Vec::with_capacity(pairs.len());
        for [first, second] in pairs {
            let point = |reference| {
                look_up(known, computed, reference)
                    .copied()
                    .unwrap_or_default()
            };
            gathered.push((point(*first), point(*second)));
        }
        let mut product = P::BaseField::ONE;
        let mut forth = Vec::with_capacity(pairs.len());
        for (Coordinates(x1, _), Coordinates(x2, _)) in &gathered {
            let difference = P::BaseField::from_words(x2) - P::BaseField::from_words(x1);
            forth.push((product, difference));
            product = product.times(&difference);
        }
        let Some(mut inverse) = product.inverse() else {
            return false;
        };
        let first = computed.len();
        computed.resize(first.saturating_add(pairs.len()), Self::Point::default());
        let sums = computed.iter_mut().skip(first);
        let back = gathered.iter().zip(pairs).zip(forth).zip(sums).rev();
        for ((((one, other), [first, second]), (before, difference)), sum) in back {
            let point = |Coordinates(x, y): &Self::Point, reference: &Reference| {
                let y = P::BaseField::from_words(y);
                let y = if reference.is_opposite() { -y } else { y };
                (P::BaseField::from_words(x), y)
            };
            let ((x1, y1), (x2, y2)) = (point(one, first), point(other, second));
            let slope = (y2 - y1).times(&before.times(&inverse));
            inverse = inverse.times(&difference);
            let x = slope.square() - x1 - x2;
            let y = slope.times(&(x1 - x)) - y1;
            *sum = Coordinates(x.to_words(), y.to_words());
        }
        true
    }
}
