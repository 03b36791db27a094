//! Groth16 verification and key admission over BN254, without std.
//!
//! The runtime trusts nothing that reaches this crate: lengths, encodings, curve and subgroup are
//! checked before any pairing, and every refusal is an error value. No call panics, whatever
//! bytes it is given.
//!
//! - [`admit`] checks a verifying key once and prepares it;
//! - [`PreparedKey::to_bytes`] is what a chain stores of it, [`PreparedKey::from_bytes_trusted`]
//!   reads that back without checks;
//! - [`verify`] checks one proof against it;
//! - [`CheckedProof::decode`] checks all of a proof but its equation, [`verify_batch`] checks the
//!   equations of many at once, [`find_rejected`] says which of them are wrong.
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
