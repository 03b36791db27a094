#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod groth16;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod load;
mod msm;
mod prove;
mod quotient;
mod threads;

pub use load::{LoadError, Options, Prover};
pub use neurostore_circuit::SampleWitness;
pub use neurostore_keys::{DevelopmentKeyError, KeyFileError};
pub use neurostore_lanes::Backend;
#[cfg(target_arch = "x86_64")]
pub use neurostore_lanes::Ifma;
pub use prove::{ProveError, Proven};
pub use threads::NICENESS;
