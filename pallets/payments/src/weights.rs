//! Weights of the pallet's calls: picoseconds of computation, bytes of storage proof, reads and
//! writes of the database that nodes run on (`ParityDB`).

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// Weights of this pallet's calls.
pub trait WeightInfo {
    /// Pays an operator.
    fn withdraw() -> Weight;
    /// Sets the price.
    fn set_price() -> Weight;
}

/// Counted by hand from the code, and on the safe side: 50 microseconds of computation, and 4 KiB of
/// storage proof, a path of trie nodes, for each key read.
impl WeightInfo for () {
    /// Reads: the node, its earnings, both accounts. Writes: earnings, both accounts.
    fn withdraw() -> Weight {
        Weight::from_parts(50_000_000, 16_384)
            .saturating_add(ParityDbWeight::get().reads_writes(4, 3))
    }

    /// Writes: the price.
    fn set_price() -> Weight {
        Weight::from_parts(50_000_000, 0).saturating_add(ParityDbWeight::get().reads_writes(0, 1))
    }
}
