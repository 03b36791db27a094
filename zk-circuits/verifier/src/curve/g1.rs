//! The curve over the base field.

use alloc::vec::Vec;

use ark_bn254::g1;
use ark_ec::scalar_mul::glv::GLVConfig;

use super::{Affine, Jacobian};
use crate::field::{Coordinate, Fp};

/// A cube root of one: (x, y) with x times it is the lambda-fold of (x, y).
#[allow(clippy::indexing_slicing)] // At compile time.
const BETA: Fp = Fp::from_ark(<g1::Config as GLVConfig>::ENDO_COEFFS[0]);

/// The lambda-fold of a point, for the price of one multiplication.
pub(crate) fn endomorphism(point: &Affine<Fp>) -> Affine<Fp> {
    Affine::new(point.x.times(&BETA), point.y)
}

/// The sum of multiples of points. All share the 64 doublings.
pub(crate) fn sum_of_multiples(terms: &[(Affine<Fp>, u64)]) -> Jacobian<Fp> {
    let digits: Vec<SignedDigits> = terms
        .iter()
        .map(|(_, factor)| SignedDigits::of(*factor))
        .collect();
    let mut sum: Option<Jacobian<Fp>> = None;
    for position in (0..=u64::BITS).rev() {
        sum = sum.map(|sum| sum.doubled());
        for ((point, _), digits) in terms.iter().zip(&digits) {
            let point = match digits.at(position) {
                Digit::Zero => continue,
                Digit::Plus => *point,
                Digit::Minus => point.negated(),
            };
            sum = Some(sum.map_or_else(|| point.into(), |sum| sum.plus_affine(&point)));
        }
    }
    sum.unwrap_or(Jacobian::IDENTITY)
}

/// A number written with the digits -1, 0 and 1, of which two thirds are zero, the non-adjacent form:
/// the difference of two sets of powers of two.
#[derive(Clone, Copy, Debug)]
struct SignedDigits {
    plus: u128,
    minus: u128,
}

enum Digit {
    Minus,
    Zero,
    Plus,
}

impl SignedDigits {
    /// The number is 3 n / 2 - n / 2; bits that both have cancel.
    fn of(number: u64) -> Self {
        let number = u128::from(number);
        let triple = number.wrapping_mul(3);
        Self {
            plus: (triple & !number) >> 1,
            minus: (number & !triple) >> 1,
        }
    }

    fn at(&self, position: u32) -> Digit {
        if self.plus >> position & 1 == 1 {
            Digit::Plus
        } else if self.minus >> position & 1 == 1 {
            Digit::Minus
        } else {
            Digit::Zero
        }
    }
}
