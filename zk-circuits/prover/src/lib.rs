//! Proving that sampled leaves are still there.
//!
//! A [`Prover`] is loaded once per process and circuit. It computes the values of the circuit
//! natively, needs no matrices, works on a pool that leaves one core to the rest of the machine,
//! and verifies every proof before it gives it away.
#![forbid(unsafe_code)]

mod groth16;
mod load;
mod prove;
mod quotient;

pub use load::{LoadError, Prover};
pub use neurostore_circuit::SampleWitness;
pub use neurostore_setup::{KeyFileError, SetupError};
pub use prove::{ProveError, Proven};
