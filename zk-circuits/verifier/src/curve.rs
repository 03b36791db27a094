//! The two curves and their endomorphisms.

mod g1;
mod g2;
mod jacobian;
#[cfg(test)]
mod tests;

pub(crate) use g1::{endomorphism, sum_of_multiples};
pub(crate) use g2::{in_subgroup, power_of_modulus};
pub(crate) use jacobian::{Affine, Jacobian};
