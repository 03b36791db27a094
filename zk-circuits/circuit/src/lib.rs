//! The proof-of-spacetime circuit: gadgets, each beside its native twin.
//!
//! Gadgets are written once against [`Builder`]. [`Constraints`] makes matrices of them and
//! [`Assignment`] makes values, so the two can never disagree about the order of variables, and
//! a prover computes its witness without ever building a matrix. The twins are the functions of
//! [`neurostore_poseidon`]; tests hold both to the same results.
#![forbid(unsafe_code)]

mod assignment;
mod builder;
mod constraints;
mod permutation;
mod sample;
mod spacetime;

pub use assignment::Assignment;
pub use builder::Builder;
pub use constraints::{evaluate, Constraint, Constraints, Row, INSTANCE_COLUMNS};
pub use permutation::{compress, permute12, permute4, sponge};
pub use sample::{SampleWitness, INDEX_BITS};
pub use spacetime::{assign, constraints, SpacetimeCircuit};
