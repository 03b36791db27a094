//! The quadratic extension: u^2 = -1.

use core::ops::{Add, Neg, Sub};

use ark_bn254::Fq2;

use super::{base::Product, Coordinate, Fp};

/// c0 + c1 u.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fp2 {
    pub(crate) c0: Fp,
    pub(crate) c1: Fp,
}

impl Fp2 {
    pub(crate) const fn new(c0: Fp, c1: Fp) -> Self {
        Self { c0, c1 }
    }

    /// The arkworks element.
    pub(crate) const fn from_ark(element: Fq2) -> Self {
        Self::new(Fp::from_ark(element.c0), Fp::from_ark(element.c1))
    }

    /// The element as arkworks has it.
    #[cfg(test)]
    pub(crate) fn to_ark(self) -> Fq2 {
        Fq2::new(self.c0.to_ark(), self.c1.to_ark())
    }

    /// Both coordinates times a number of the base field.
    pub(crate) fn scale(&self, factor: &Fp) -> Self {
        Self::new(self.c0.times(factor), self.c1.times(factor))
    }

    /// Times 9 + u, from a number of up to eight tidy ones; tidy.
    pub(crate) fn nonresidue(&self) -> Self {
        self.nine_plus_u().tidy()
    }

    /// Times 9 + u, with limbs ten times as long, to be added up and tidied.
    #[inline(always)]
    pub(super) fn nine_plus_u(&self) -> Self {
        Self::new(nine(self.c0) - self.c1, nine(self.c1) + self.c0)
    }

    /// c0 - c1 u, which is the number to the power of the modulus.
    pub(crate) fn conjugate(&self) -> Self {
        Self::new(self.c0, -self.c1)
    }

    /// c0^2 + c1^2, which is the number times its conjugate.
    pub(crate) fn norm(&self) -> Fp {
        self.c0.square() + self.c1.square()
    }

    /// The inverse, or `None` for zero.
    pub(crate) fn inverse(&self) -> Option<Self> {
        self.norm()
            .inverse()
            .map(|inverse| self.conjugate().scale(&inverse))
    }
}

#[inline(always)]
fn nine(number: Fp) -> Fp {
    let twice = number + number;
    let four = twice + twice;
    four + four + number
}

impl Coordinate for Fp2 {
    const ZERO: Self = Self::new(Fp::ZERO, Fp::ZERO);
    const ONE: Self = Self::new(Fp::ONE, Fp::ZERO);

    fn tidy(&self) -> Self {
        Self::new(self.c0.tidy(), self.c1.tidy())
    }

    /// Three products and two reductions. The columns of the middle product wrap around; what is
    /// left of it after the others are taken away does not.
    #[inline(never)]
    fn times(&self, other: &Self) -> Self {
        let mut low = self.c0.product(&other.c0);
        let high = self.c1.product(&other.c1);
        let mut middle = (self.c0 + self.c1).product(&(other.c0 + other.c1));
        Product::combine(&mut low, &high, &mut middle);
        Self::new(low.reduce(), middle.reduce())
    }

    /// (c0 + c1)(c0 - c1) + 2 c0 c1 u, for a tidy number.
    #[inline(never)]
    fn square(&self) -> Self {
        let difference = (self.c0 + self.c1).times(&(self.c0 - self.c1));
        Self::new(difference, (self.c0 + self.c0).times(&self.c1))
    }

    fn is_zero(&self) -> bool {
        self.c0.is_zero() && self.c1.is_zero()
    }
}

impl Add for Fp2 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.c0 + other.c0, self.c1 + other.c1)
    }
}

impl Sub for Fp2 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.c0 - other.c0, self.c1 - other.c1)
    }
}

impl Neg for Fp2 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::new(-self.c0, -self.c1)
    }
}
