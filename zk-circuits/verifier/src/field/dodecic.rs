//! The extension of degree twelve, where pairings live: w^2 = v.

#[cfg(test)]
use ark_bn254::Fq12;
use ark_bn254::{Fq12Config, Fq6Config};
use ark_ff::fields::{Fp12Config, Fp6Config};

use super::{Coordinate, Fp2, Fp6};

/// c0 + c1 w.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fp12 {
    pub(crate) c0: Fp6,
    pub(crate) c1: Fp6,
}

impl Fp12 {
    pub(crate) const ONE: Self = Self::new(Fp6::ONE, Fp6::ZERO);

    pub(crate) const fn new(c0: Fp6, c1: Fp6) -> Self {
        Self { c0, c1 }
    }

    /// The arkworks element.
    #[cfg(test)]
    pub(crate) fn from_ark(element: Fq12) -> Self {
        Self::new(Fp6::from_ark(element.c0), Fp6::from_ark(element.c1))
    }

    /// The element as arkworks has it.
    #[cfg(test)]
    pub(crate) fn to_ark(self) -> Fq12 {
        Fq12::new(self.c0.to_ark(), self.c1.to_ark())
    }

    /// Whether both are the same element.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        let difference = [self.c0 - other.c0, self.c1 - other.c1];
        difference
            .iter()
            .flat_map(|half| [half.c0, half.c1, half.c2])
            .all(|coordinate| coordinate.is_zero())
    }

    #[inline(never)]
    pub(crate) fn times(&self, other: &Self) -> Self {
        let low = self.c0.times(&other.c0);
        let high = self.c1.times(&other.c1);
        let sums = ((self.c0 + self.c1).tidy(), (other.c0 + other.c1).tidy());
        let middle = sums.0.times(&sums.1);
        Self::new((low + high.times_v()).tidy(), (middle - low - high).tidy())
    }

    #[inline(never)]
    pub(crate) fn square(&self) -> Self {
        let product = self.c0.times(&self.c1);
        let sums = (
            (self.c0 + self.c1).tidy(),
            (self.c0 + self.c1.times_v()).tidy(),
        );
        let square = sums.0.times(&sums.1);
        Self::new(
            (square - product - product.times_v()).tidy(),
            (product + product).tidy(),
        )
    }

    /// Times a line 1 + c3 w + c4 v w with tidy coefficients.
    #[inline(never)]
    pub(crate) fn times_line(&self, c3: &Fp2, c4: &Fp2) -> Self {
        let c4_nonresidue = c4.nonresidue();
        let low = self.c1.times_sparse(c3, c4, &c4_nonresidue);
        let high = self.c0.times_sparse(c3, c4, &c4_nonresidue);
        Self::new((self.c0 + low.times_v()).tidy(), (self.c1 + high).tidy())
    }

    /// c0 - c1 w: the inverse, for elements whose norm over the sextic extension is one.
    pub(crate) fn conjugate(&self) -> Self {
        Self::new(self.c0, -self.c1)
    }

    /// The inverse, or `None` for zero.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let norm = self.c0.times(&self.c0) - self.c1.times(&self.c1).times_v();
        let inverse = norm.tidy().inverse()?;
        Some(Self::new(self.c0.times(&inverse), -self.c1.times(&inverse)))
    }

    /// The element to the power of the modulus, this often.
    pub(crate) fn frobenius<const TIMES: usize>(&self) -> Self {
        let [first, second, outer] = const { coefficients(TIMES) };
        let power = |coordinate: &Fp2| match TIMES % 2 {
            0 => *coordinate,
            _ => coordinate.conjugate(),
        };
        let half = |half: &Fp6| {
            Fp6::new(
                power(&half.c0),
                power(&half.c1).times(&first),
                power(&half.c2).times(&second),
            )
        };
        Self::new(half(&self.c0), half(&self.c1).scale(&outer))
    }

    /// The square of an element of the cyclotomic subgroup, after Granger and Scott: three squares
    /// in the extension of degree four.
    #[inline(never)]
    pub(crate) fn cyclotomic_square(&self) -> Self {
        let (z0, z4, z3) = (self.c0.c0, self.c0.c1, self.c0.c2);
        let (z2, z1, z5) = (self.c1.c0, self.c1.c1, self.c1.c2);
        let (t0, t1) = quartic_square(&z0, &z1);
        let (t2, t3) = quartic_square(&z2, &z3);
        let (t4, t5) = quartic_square(&z4, &z5);
        let t5 = t5.nonresidue();
        // 3 t - 2 z and 3 t + 2 z.
        let even = |t: Fp2, z: Fp2| ((t - z) + (t - z) + t).tidy();
        let odd = |t: Fp2, z: Fp2| ((t + z) + (t + z) + t).tidy();
        Self::new(
            Fp6::new(even(t0, z0), even(t2, z4), even(t4, z3)),
            Fp6::new(odd(t5, z2), odd(t1, z1), odd(t3, z5)),
        )
    }
}

/// (a + b y)^2 with y^2 = 9 + u, for tidy numbers: a^2 + (9 + u) b^2 and 2 a b.
#[inline(always)]
fn quartic_square(a: &Fp2, b: &Fp2) -> (Fp2, Fp2) {
    let (a_square, b_square) = (a.square(), b.square());
    (
        (a_square + b_square.nine_plus_u()).tidy(),
        (*a + *a).times(b),
    )
}

/// What v, v^2 and w are multiplied by when they are raised to the power of the modulus this often.
#[allow(clippy::indexing_slicing)] // At compile time.
const fn coefficients(times: usize) -> [Fp2; 3] {
    [
        Fp2::from_ark(Fq6Config::FROBENIUS_COEFF_FP6_C1[times % 6]),
        Fp2::from_ark(Fq6Config::FROBENIUS_COEFF_FP6_C2[times % 6]),
        Fp2::from_ark(Fq12Config::FROBENIUS_COEFF_FP12_C1[times % 12]),
    ]
}
