//! Points of a curve y^2 = x^3 + b, over the base field or its quadratic extension.
//!
//! All additions are complete: equal, opposite and missing points give what they should, whoever
//! chose them.

use crate::field::{Coordinate, Fp};

/// A point that is not at infinity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine<F> {
    pub(crate) x: F,
    pub(crate) y: F,
}

/// A point (x / z^2, y / z^3); at infinity where z is zero. Coordinates are tidy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jacobian<F> {
    pub(crate) x: F,
    pub(crate) y: F,
    pub(crate) z: F,
}

impl<F: Coordinate> Affine<F> {
    pub(crate) const fn new(x: F, y: F) -> Self {
        Self { x, y }
    }

    pub(crate) fn negated(&self) -> Self {
        Self::new(self.x, -self.y)
    }

    /// Whether both are the same point.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        (self.x - other.x).is_zero() && (self.y - other.y).is_zero()
    }
}

impl<F: Coordinate> From<Affine<F>> for Jacobian<F> {
    fn from(point: Affine<F>) -> Self {
        Self {
            x: point.x,
            y: point.y,
            z: F::ONE,
        }
    }
}

impl<F: Coordinate> Jacobian<F> {
    /// The point at infinity.
    pub(crate) const IDENTITY: Self = Self {
        x: F::ONE,
        y: F::ONE,
        z: F::ZERO,
    };

    pub(crate) fn is_identity(&self) -> bool {
        self.z.is_zero()
    }

    pub(crate) fn doubled(&self) -> Self {
        let x_square = self.x.square();
        let y_square = self.y.square();
        let product = self.x.times(&y_square);
        let slope = (x_square + x_square + x_square).tidy();
        let four = product + product + product + product;
        let x = (slope.square() - four - four).tidy();
        let four_squares = {
            let square = y_square.square();
            let twice = square + square;
            twice + twice
        };
        Self {
            x,
            y: (slope.times(&(four - x).tidy()) - four_squares - four_squares).tidy(),
            z: (self.y + self.y).times(&self.z),
        }
    }

    pub(crate) fn plus_affine(&self, other: &Affine<F>) -> Self {
        if self.is_identity() {
            return (*other).into();
        }
        let z_square = self.z.square();
        let x = other.x.times(&z_square);
        let y = other.y.times(&self.z).times(&z_square);
        self.chord(&self.x, &self.y, &x, &y, &self.z)
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if self.is_identity() {
            return *other;
        }
        if other.is_identity() {
            return *self;
        }
        let z_square = self.z.square();
        let other_z_square = other.z.square();
        self.chord(
            &self.x.times(&other_z_square),
            &self.y.times(&other.z).times(&other_z_square),
            &other.x.times(&z_square),
            &other.y.times(&self.z).times(&z_square),
            &self.z.times(&other.z),
        )
    }

    /// The sum of (x1, y1) and (x2, y2), coordinates over the same z; the first is this point.
    fn chord(&self, x1: &F, y1: &F, x2: &F, y2: &F, z: &F) -> Self {
        let run = (*x2 - *x1).tidy();
        let rise = (*y2 - *y1).tidy();
        if run.is_zero() {
            return if rise.is_zero() {
                self.doubled()
            } else {
                Self::IDENTITY
            };
        }
        let run_square = run.square();
        let run_cube = run_square.times(&run);
        let base = x1.times(&run_square);
        let x = (rise.square() - run_cube - base - base).tidy();
        Self {
            x,
            y: (rise.times(&(base - x)) - y1.times(&run_cube)).tidy(),
            z: z.times(&run),
        }
    }

    /// Whether both are the same point.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        if self.is_identity() || other.is_identity() {
            return self.is_identity() && other.is_identity();
        }
        let z_square = self.z.square();
        let other_z_square = other.z.square();
        let x = self.x.times(&other_z_square) - other.x.times(&z_square);
        let y =
            self.y.times(&other.z).times(&other_z_square) - other.y.times(&self.z).times(&z_square);
        x.is_zero() && y.is_zero()
    }
}

impl Jacobian<Fp> {
    /// The same point, or `None` for the one at infinity.
    pub(crate) fn to_affine(self) -> Option<Affine<Fp>> {
        let inverse = self.z.inverse()?;
        let square = inverse.square();
        Some(Affine::new(
            self.x.times(&square),
            self.y.times(&square).times(&inverse),
        ))
    }
}
