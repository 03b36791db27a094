//! Keys and proofs, honest and hostile, against secrets that the tests know.

#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

mod admission;
mod batch;
mod mutated;
mod mutations;
mod trapdoor;
mod verification;
