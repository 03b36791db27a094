#![doc = include_str!("../README.md")]
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
