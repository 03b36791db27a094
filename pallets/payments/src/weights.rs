//! What the calls cost.
//!
//! The numbers of `()` are counted by hand from the code, not measured, and err on the high side:
//! reads and writes cost what frame-support assumes for its slowest database.

use frame_support::weights::{
    constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MICROS},
    Weight,
};

/// Weights of this pallet's calls.
pub trait WeightInfo {
    /// Pays an operator.
    fn withdraw() -> Weight;
    /// Sets the price.
    fn set_price() -> Weight;
}

/// Everything a call does beside storage.
const COMPUTATION_MICROS: u64 = 50;
/// Bytes of storage proof for one key: a path of trie nodes.
const PROOF_BYTES_PER_KEY: u64 = 4096;

fn of(reads: u64, writes: u64) -> Weight {
    let reference = WEIGHT_REF_TIME_PER_MICROS.saturating_mul(COMPUTATION_MICROS);
    let proof = PROOF_BYTES_PER_KEY.saturating_mul(reads);
    Weight::from_parts(reference, proof)
        .saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}

impl WeightInfo for () {
    /// Reads: the node, its earnings, both accounts. Writes: earnings, both accounts.
    fn withdraw() -> Weight {
        of(4, 3)
    }

    /// Writes: the price.
    fn set_price() -> Weight {
        of(0, 1)
    }
}
