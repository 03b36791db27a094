//! Keys and proofs, honest and hostile, against secrets that the tests know.

mod admission;
mod batch;
mod trapdoor;
mod verification;
