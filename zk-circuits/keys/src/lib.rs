#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cache;
mod development;
mod file;
mod layout;
mod names;
mod proving_key;

pub use cache::{development_proving_key, KeySource};
pub use development::{development_keys, seed, DevelopmentKeyError, DevelopmentKeys};
pub use file::{read_proving_key, write_proving_key, KeyFileError};
pub use names::{ceremony_file_name, ceremony_verifying_file_name, file_name, proving_key_file};
pub use proving_key::{ProvingKey, Query, Reduction};
