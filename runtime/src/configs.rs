//! How each pallet is wired: one file for each family.

mod accounts;
mod consensus;
mod proxies;
mod storage;
mod system;

pub use accounts::AUTHORS_SHARE;
pub use consensus::{EpochDuration, BABE_GENESIS_EPOCH_CONFIG};
pub use proxies::ProxyType;
pub use system::RuntimeBlockWeights;
