//! What the base field and its extension have in common.

use core::ops::{Add, Neg, Sub};

/// What curves are made over: the base field and its quadratic extension.
pub(crate) trait Coordinate:
    Copy + Add<Output = Self> + Sub<Output = Self> + Neg<Output = Self>
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The same number, tidy.
    fn tidy(&self) -> Self;
    /// The product.
    fn times(&self, other: &Self) -> Self;
    /// The product with itself.
    fn square(&self) -> Self;
    /// Whether it is zero, however it is written.
    fn is_zero(&self) -> bool;
}
