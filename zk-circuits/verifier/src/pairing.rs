//! The optimal ate pairing: Miller's loop over many pairs at once, and the final exponentiation.

mod exponentiation;
mod lines;
mod miller;
#[cfg(test)]
mod tests;

pub(crate) use exponentiation::{final_exponentiation, power};
pub(crate) use lines::{Line, LINES};
pub(crate) use miller::{lines_of, miller_loop, Scaled};
