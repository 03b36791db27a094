//! From a circuit to the keys of a ceremony, by way of snarkjs.
//!
//! [`export_r1cs`] gives snarkjs the circuit; its second phase gives a `.zkey`;
//! [`verify_ceremony`] checks that against circuit, powers of tau and contributions, and writes a
//! [`Transcript`]; [`import_ceremony`] turns both into the keys of chain and provers. snarkjs'
//! files are read by our own reader: they come from strangers, and every length in them follows
//! from the circuit.

mod chain;
mod circuit_hash;
mod container;
mod contribution;
mod encoding;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod import;
mod powers;
mod r1cs;
mod random;
mod scaling;
mod self_test;
mod structure;
mod transcript;
mod verify;
mod zkey;

pub use chain::{ChainError, MAX_BEACON_EXPONENT};
pub use container::ContainerError;
pub use contribution::{ContributionFault, MAX_CONTRIBUTIONS};
pub use encoding::PointFault;
pub use import::{import_ceremony, verifying_key_hash, CeremonyKeys, ImportError};
pub use powers::PowersError;
pub use r1cs::{export_r1cs, r1cs_hash, write_r1cs};
pub use scaling::ScalingError;
pub use self_test::SelfTestError;
pub use structure::StructureError;
pub use transcript::{BeaconEntry, Entry, Hex, Transcript, TranscriptError};
pub use verify::{verify_ceremony, CeremonyError, CeremonyFiles};
pub use zkey::ZkeyError;
