#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        clippy::unwrap_used
    )
)]

extern crate alloc;

mod admission;
mod batch;
mod curve;
mod development;
mod equation;
mod error;
mod field;
mod limbs;
mod origin;
mod pairing;
mod points;
mod prepared;
mod proof;
mod transcript;
#[cfg(test)]
#[path = "../tests/hostile/trapdoor.rs"]
mod trapdoor;
mod verification;

pub use admission::{admit, AdmitError, KeyPart, MAX_KEY_BYTES};
pub use batch::{find_rejected, verify_batch};
pub use development::{development_key, is_development_key};
pub use equation::BatchItem;
pub use error::{BatchError, ProofPart, VerifyError};
pub use origin::KeyOrigin;
pub use points::PointError;
pub use prepared::{PreparedKey, PreparedKeyError, MAX_PREPARED_KEY_BYTES, MAX_PUBLIC_INPUTS};
pub use proof::{CheckedProof, CHECKED_PROOF_BYTES};
pub use verification::{verify, verify_checked};
