//! The sextic extension over the quadratic one: v^3 = 9 + u.

use core::ops::{Add, Neg, Sub};

#[cfg(test)]
use ark_bn254::Fq6;

use super::{Coordinate, Fp2};

/// c0 + c1 v + c2 v^2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fp6 {
    pub(crate) c0: Fp2,
    pub(crate) c1: Fp2,
    pub(crate) c2: Fp2,
}

impl Fp6 {
    pub(crate) const ZERO: Self = Self::new(Fp2::ZERO, Fp2::ZERO, Fp2::ZERO);
    pub(crate) const ONE: Self = Self::new(Fp2::ONE, Fp2::ZERO, Fp2::ZERO);

    pub(crate) const fn new(c0: Fp2, c1: Fp2, c2: Fp2) -> Self {
        Self { c0, c1, c2 }
    }

    /// The arkworks element.
    #[cfg(test)]
    pub(crate) fn from_ark(element: Fq6) -> Self {
        let [c0, c1, c2] = [element.c0, element.c1, element.c2].map(Fp2::from_ark);
        Self::new(c0, c1, c2)
    }

    /// The element as arkworks has it.
    #[cfg(test)]
    pub(crate) fn to_ark(self) -> Fq6 {
        Fq6::new(self.c0.to_ark(), self.c1.to_ark(), self.c2.to_ark())
    }

    pub(crate) fn tidy(&self) -> Self {
        Self::new(self.c0.tidy(), self.c1.tidy(), self.c2.tidy())
    }

    /// The product of tidy numbers, tidy.
    #[inline(never)]
    pub(crate) fn times(&self, other: &Self) -> Self {
        let (a, b) = (self, other);
        let low = a.c0.times(&b.c0);
        let middle = a.c1.times(&b.c1);
        let high = a.c2.times(&b.c2);
        let v1 = (a.c0 + a.c1).times(&(b.c0 + b.c1)) - low - middle;
        let v2 = (a.c0 + a.c2).times(&(b.c0 + b.c2)) - low - high;
        let v3 = (a.c1 + a.c2).times(&(b.c1 + b.c2)) - middle - high;
        Self::new(
            (low + v3.nine_plus_u()).tidy(),
            (v1 + high.nine_plus_u()).tidy(),
            (v2 + middle).tidy(),
        )
    }

    /// The product of a tidy number with `c0 + c1 v`, both tidy. Coordinates come out as what up
    /// to three tidy numbers add up to.
    ///
    /// `c1_nonresidue` is c1 times 9 + u, which all products with the same line share.
    #[inline(never)]
    pub(super) fn times_sparse(&self, c0: &Fp2, c1: &Fp2, c1_nonresidue: &Fp2) -> Self {
        let low = self.c0.times(c0);
        let high = self.c1.times(c1);
        Self::new(
            low + self.c2.times(c1_nonresidue),
            (self.c0 + self.c1).times(&(*c0 + *c1)) - low - high,
            high + self.c2.times(c0),
        )
    }

    /// Times v, not tidied: limbs of the first coordinate are ten times as long.
    #[inline(always)]
    pub(super) fn times_v(&self) -> Self {
        Self::new(self.c2.nine_plus_u(), self.c0, self.c1)
    }

    /// Every coordinate times a number of the quadratic extension.
    pub(super) fn scale(&self, factor: &Fp2) -> Self {
        Self::new(
            self.c0.times(factor),
            self.c1.times(factor),
            self.c2.times(factor),
        )
    }

    /// The inverse, or `None` for zero.
    pub(super) fn inverse(&self) -> Option<Self> {
        let Self { c0, c1, c2 } = self;
        let t0 = (c0.square() - c1.times(c2).nine_plus_u()).tidy();
        let t1 = (c2.square().nine_plus_u() - c0.times(c1)).tidy();
        let t2 = (c1.square() - c0.times(c2)).tidy();
        let cross = c2.times(&t1) + c1.times(&t2);
        let norm = c0.times(&t0) + cross.nine_plus_u();
        norm.tidy()
            .inverse()
            .map(|inverse| Self::new(t0, t1, t2).scale(&inverse))
    }
}

impl Add for Fp6 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.c0 + other.c0, self.c1 + other.c1, self.c2 + other.c2)
    }
}

impl Sub for Fp6 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.c0 - other.c0, self.c1 - other.c1, self.c2 - other.c2)
    }
}

impl Neg for Fp6 {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(-self.c0, -self.c1, -self.c2)
    }
}
