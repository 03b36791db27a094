//! Development keys, and the form in which provers keep proving keys on disk.
//!
//! Every key this crate makes is drawn from a public seed. Whoever reads the seed knows the
//! trapdoor and can prove anything: such keys are for development chains, live chains refuse
//! them. What they give is a network that runs after a clone, with keys that everyone can
//! recompute and compare.
#![forbid(unsafe_code)]

mod development;
mod file;
mod forgery;
mod layout;
mod proving_key;

pub use development::{development_keys, seed, DevelopmentKeys, SetupError};
pub use file::{
    development_proving_key, file_name, read_proving_key, write_proving_key, KeyFileError,
    KeySource,
};
pub use forgery::Forger;
pub use proving_key::{ProvingKey, Query, Reduction};
