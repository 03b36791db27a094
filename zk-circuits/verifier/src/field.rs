//! The fields of BN254, in a form that is fast in plain WASM.
//!
//! WASM multiplies 64-bit words to 64-bit words: the upper half of a product is lost. A number of
//! four 64-bit limbs, as arkworks has it, pays for that with four multiplications and a chain of
//! carries for each one. Here a number is nine signed limbs of 29 bits: products of limbs leave
//! room to add up whole columns without a carry, differences need no borrow, and an element of
//! the quadratic extension is reduced twice instead of three times. Measured in wasmtime that is
//! 1.6 times as fast for the base field and 2.6 times for the quadratic extension.
//!
//! Sums and differences are left as they come out. What keeps that sound are bounds, stated where
//! they are used and asserted on every product by this crate's unit tests:
//! - *tidy*: limbs of at most 2^28 + 2^9, a value of at most 10 times the modulus. Every product
//!   and [`Fp::tidy`] give this;
//! - factors may be the sum or difference of two tidy numbers.
//!
//! arkworks is the reference of the tests, and still does what is done once per key.

mod base;
mod batch;
mod coordinate;
mod dodecic;
mod inverse;
mod quadratic;
mod root;
mod sextic;
#[cfg(test)]
mod tests;

pub(crate) use base::Fp;
pub(crate) use batch::invert_all;
pub(crate) use coordinate::Coordinate;
pub(crate) use dodecic::Fp12;
pub(crate) use quadratic::Fp2;
pub(crate) use sextic::Fp6;
