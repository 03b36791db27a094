//! Many inverses for the price of one (Montgomery, "Speeding the Pollard and Elliptic Curve Methods of
//! Factorization", 1987).

use alloc::vec::Vec;

use super::{Coordinate, Fp};

/// Replaces every number by its inverse, and zero by zero.
pub(crate) fn invert_all(numbers: &mut [Fp]) {
    let mut product = Fp::ONE;
    let before: Vec<Fp> = numbers
        .iter()
        .map(|number| {
            let before = product;
            product = before.times(number);
            before
        })
        .collect();
    let Some(mut inverse) = product.inverse() else {
        // Never for what the pairing inverts; bytes that were never checked may get here.
        for number in numbers {
            *number = number.inverse().unwrap_or(Fp::ZERO);
        }
        return;
    };
    for (number, before) in numbers.iter_mut().zip(before).rev() {
        let own = inverse.times(&before);
        inverse = inverse.times(number);
        *number = own;
    }
}
