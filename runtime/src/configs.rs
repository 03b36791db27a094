//! How each pallet is wired: one file for each family.

mod accounts;
mod consensus;
mod storage;
mod system;

pub use accounts::ProxyType;
pub use consensus::{EpochDuration, BABE_GENESIS_EPOCH_CONFIG};
pub use system::RuntimeBlockWeights;
