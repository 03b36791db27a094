//! Proving that sampled leaves are still there.
//!
//! A [`Prover`] is loaded once per process and circuit. It computes the values of the circuit
//! natively, needs no matrices, adds points by its own method (in lanes where the CPU has
//! AVX-512 IFMA), works on low-priority threads that leave one core to the rest of the machine,
//! and verifies every proof before it gives it away.
#![deny(unsafe_code)]

mod backend;
mod groth16;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod load;
mod msm;
mod prove;
mod quotient;
mod threads;

pub use backend::Backend;
#[cfg(target_arch = "x86_64")]
pub use ifma::Ifma;
pub use load::{LoadError, Options, Prover};
pub use neurostore_circuit::SampleWitness;
pub use neurostore_keys::{DevelopmentKeyError, KeyFileError};
pub use prove::{ProveError, Proven};
pub use threads::NICENESS;
