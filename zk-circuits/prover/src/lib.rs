#![doc = include_str!("../README.md")]
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
