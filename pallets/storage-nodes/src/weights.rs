//! Weights of the pallet's calls: picoseconds of computation, bytes of storage proof, reads and
//! writes of the database that nodes run on (`ParityDB`).

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// Weights of this pallet's calls.
pub trait WeightInfo {
    /// Registers a node.
    fn register() -> Weight;
    /// Sets the capacity of a node.
    fn set_capacity() -> Weight;
}

/// Counted by hand from the code, and on the safe side: 50 microseconds of computation, 100 for each
/// signature, and 4 KiB of storage proof, a path of trie nodes, for each key read. `H` stands for the
/// height of the tree, at most four.
impl WeightInfo for () {
    /// Reads: two indexes, next number, genesis hash, account, holds, height, H pages for the
    /// weight and two for growth. Writes: record, two indexes, next number, account, holds, height,
    /// H + 1 pages. On top of that what `OnNodeRegistered` does: spacetime reads up to 70 keys, to try
    /// 64 places for the new node, and writes 4.
    fn register() -> Weight {
        Weight::from_parts(250_000_000, 339_968)
            .saturating_add(ParityDbWeight::get().reads_writes(83, 16))
    }

    /// Reads: record, account, holds, height, H pages. Writes: record, account, holds, H pages.
    /// Twice the record and the pages, for a node that recovers with it.
    fn set_capacity() -> Weight {
        Weight::from_parts(50_000_000, 57_344)
            .saturating_add(ParityDbWeight::get().reads_writes(14, 12))
    }
}
