//! What the calls cost.
//!
//! The numbers of `()` are counted by hand from the code, not measured, and err on the high side:
//! reads and writes cost what frame-support assumes for its slowest database. `H` stands for
//! the height of the tree, at most four.

use frame_support::weights::{
    constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MICROS},
    Weight,
};

/// Weights of this pallet's calls.
pub trait WeightInfo {
    /// Registers a node.
    fn register() -> Weight;
    /// Sets the capacity of a node.
    fn set_capacity() -> Weight;
}

/// Everything a call does beside storage and signatures.
const COMPUTATION_MICROS: u64 = 50;
/// An allowance for one check of an ed25519 or sr25519 signature.
const SIGNATURE_MICROS: u64 = 100;
/// Bytes of storage proof for one key: a path of trie nodes.
const PROOF_BYTES_PER_KEY: u64 = 4096;

/// What `OnNodeRegistered` may read: spacetime tries up to 64 places for a new node.
const ON_REGISTERED_READS: u64 = 70;
/// What `OnNodeRegistered` may write.
const ON_REGISTERED_WRITES: u64 = 4;

fn of(micros: u64, reads: u64, writes: u64) -> Weight {
    let reference = WEIGHT_REF_TIME_PER_MICROS.saturating_mul(micros);
    let proof = PROOF_BYTES_PER_KEY.saturating_mul(reads);
    Weight::from_parts(reference, proof)
        .saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}

impl WeightInfo for () {
    /// Reads: two indexes, next number, genesis hash, account, holds, height, H pages for the
    /// weight and two for growth. Writes: record, two indexes, next number, account, holds, height,
    /// H + 1 pages.
    fn register() -> Weight {
        let signatures = SIGNATURE_MICROS.saturating_mul(2);
        of(COMPUTATION_MICROS.saturating_add(signatures), 13, 12).saturating_add(of(
            0,
            ON_REGISTERED_READS,
            ON_REGISTERED_WRITES,
        ))
    }

    /// Reads: record, account, holds, height, H pages. Writes: record, account, holds, H pages.
    /// Twice the record and the pages, for a node that recovers with it.
    fn set_capacity() -> Weight {
        of(COMPUTATION_MICROS, 14, 12)
    }
}
