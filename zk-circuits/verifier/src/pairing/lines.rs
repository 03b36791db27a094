//! The lines that Miller's loop multiplies by.
//!
//! Points stay affine, and the steps of all of them share one inversion (Lauter, Montgomery and
//! Naehrig, "An Analysis of Affine Coordinates for Pairing Computation", eprint 2010/363).

use alloc::vec::Vec;

use ark_bn254::Config;
use ark_ec::bn::BnConfig;

use crate::{
    curve::{power_of_modulus, Affine},
    field::{invert_all, Coordinate, Fp, Fp2},
};

/// Lines of a point: one for each doubling, one for each addition, two for the steps at the end.
pub(crate) const LINES: usize = count();

/// A line through points of the twist, y - slope x = -offset. At a point P of the base field's
/// curve it is, divided by P's y, 1 - slope (x / y) w + offset (1 / y) v w.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) slope_negated: Fp2,
    pub(crate) offset: Fp2,
}

/// What happens to a point between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Double,
    Add,
    Subtract,
    /// Adds psi of the point.
    AddFirstPower,
    /// Subtracts psi of psi of the point.
    SubtractSecondPower,
}

/// The steps of the loop, 6 x + 2 in digits of -1, 0 and 1 for the curve's parameter x.
pub(super) fn steps() -> impl Iterator<Item = Step> {
    let digits = Config::ATE_LOOP_COUNT.iter().rev().skip(1);
    let steps = digits.flat_map(|digit| {
        let then = match digit {
            0 => None,
            1 => Some(Step::Add),
            _ => Some(Step::Subtract),
        };
        core::iter::once(Step::Double).chain(then)
    });
    steps.chain([Step::AddFirstPower, Step::SubtractSecondPower])
}

#[allow(clippy::indexing_slicing)] // At compile time.
const fn count() -> usize {
    let digits = Config::ATE_LOOP_COUNT;
    let mut lines = 2;
    let mut digit = 0;
    while digit + 1 < digits.len() {
        lines += if digits[digit] == 0 { 1 } else { 2 };
        digit += 1;
    }
    lines
}

/// A multiple of a point of the twist, on its way through the loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    start: Affine<Fp2>,
    at: Affine<Fp2>,
}

impl Walk {
    pub(super) fn from(start: Affine<Fp2>) -> Self {
        Self { start, at: start }
    }

    /// The slope of the next line as a fraction, and the x of the point that is added.
    fn fraction(&self, step: Step) -> (Fp2, Fp2, Fp2) {
        let other = match step {
            Step::Double => {
                let square = self.at.x.square();
                let numerator = (square + square + square).tidy();
                return (numerator, self.at.y + self.at.y, self.at.x);
            }
            Step::Add => self.start,
            Step::Subtract => self.start.negated(),
            Step::AddFirstPower => power_of_modulus(&self.start),
            Step::SubtractSecondPower => power_of_modulus(&power_of_modulus(&self.start)).negated(),
        };
        (self.at.y - other.y, self.at.x - other.x, other.x)
    }
}

/// Takes a step with every walk, and gives the line of each. All share one inversion.
pub(super) fn advance(walks: &mut [Walk], step: Step) -> Vec<Line> {
    let fractions: Vec<_> = walks.iter().map(|walk| walk.fraction(step)).collect();
    let mut norms: Vec<Fp> = fractions
        .iter()
        .map(|(_, denominator, _)| denominator.norm())
        .collect();
    invert_all(&mut norms);
    let walks = walks.iter_mut().zip(fractions).zip(norms);
    walks
        .map(|((walk, (numerator, denominator, other_x)), inverse)| {
            let slope = numerator.times(&denominator.conjugate()).scale(&inverse);
            let offset = (slope.times(&walk.at.x) - walk.at.y).tidy();
            let x = (slope.square() - walk.at.x - other_x).tidy();
            walk.at = Affine::new(x, (offset - slope.times(&x)).tidy());
            Line {
                slope_negated: -slope,
                offset,
            }
        })
        .collect()
}
