//! Eight computations side by side, in lanes (`neurostore-lanes`).
//!
//! | module | |
//! |---|---|
//! | `prime` | the primes, and constants of theirs |
//! | `field` | arithmetic modulo a prime on limbs of 52 bits, and its bounds |
//! | `coordinate` | coordinates of points: the field, and its quadratic extension |
//! | `kept` | elements between arkworks and lanes |
//! | `chord` | adding pairs of points |
//! | `transform` | Fourier transforms |
//! | `quotient` | the quotient of an assignment |
//!
//! The CPU begins one 512-bit multiply-add per cycle: a product of field elements takes 95 for
//! eight lanes, a tenth of what eight products take one by one.

#[cfg(test)]
mod bounds;
mod chord;
mod coordinate;
mod field;
mod kept;
mod prime;
mod quotient;
mod transform;

pub(crate) use chord::{InG1, InG2};
pub(crate) use quotient::Quotients;
