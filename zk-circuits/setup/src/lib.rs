//! Keys of the circuits: how they come about, and the form in which provers keep them on disk.
//!
//! Every key this crate makes itself is drawn from a public seed. Whoever reads the seed knows the
//! trapdoor and can prove anything: such keys are for development chains, live chains refuse
//! them. What they give is a network that runs after a clone, with keys that everyone can
//! recompute and compare.
//!
//! Live chains take the keys of a ceremony, whose trapdoor nobody knows as long as one participant
//! was honest: [`ceremony`] is the way there.
#![forbid(unsafe_code)]

pub mod ceremony;
mod circuits;
mod development;
mod file;
mod forgery;
mod layout;
mod proving_key;

pub use circuits::{circuit_constraints, UnknownCircuit};
pub use development::{development_keys, seed, DevelopmentKeys, SetupError};
pub use file::{
    ceremony_file_name, ceremony_verifying_file_name, development_proving_key, file_name,
    read_proving_key, write_proving_key, KeyFileError, KeySource,
};
pub use forgery::Forger;
pub use proving_key::{ProvingKey, Query, Reduction};
