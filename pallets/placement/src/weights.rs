//! Weights of the pallet's calls and hooks: picoseconds of computation, bytes of storage proof, reads
//! and writes of the database that nodes run on (`ParityDB`).

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// What the calls and hooks of this pallet cost.
pub trait WeightInfo {
    /// Weight of `reserve`.
    fn reserve() -> Weight;
    /// Weight of `commit`.
    fn commit() -> Weight;
    /// Weight of `cancel`.
    fn cancel() -> Weight;
    /// Weight of `redraw`.
    fn redraw() -> Weight;
    /// Weight of `extend`.
    fn extend() -> Weight;
    /// Weight of `drop_agreement`.
    fn drop_agreement() -> Weight;
    /// The look at the beginning of every block.
    fn begin_block() -> Weight;
    /// One reservation that lapses.
    fn lapse() -> Weight;
    /// One agreement that ends and takes its segment with it.
    fn end_agreement() -> Weight;
    /// One draw of 15 nodes or of one.
    fn draw() -> Weight;
}

/// Reasoned by hand from the keys that each touches, and on the safe side.
impl WeightInfo for () {
    /// Counter, owner's list, queue, one lapse bucket (and full ones before it), two holds, record.
    fn reserve() -> Weight {
        Weight::from_parts(150_000_000, 98_304)
            .saturating_add(ParityDbWeight::get().reads_writes(42, 9))
    }

    /// 15 signatures; for each slot the node, its counts, an index entry and its rent.
    fn commit() -> Weight {
        Weight::from_parts(2_500_000_000, 65_536)
            .saturating_add(ParityDbWeight::get().reads_writes(60, 60))
    }

    /// Record, list, bucket, two holds; for each slot the node's room.
    fn cancel() -> Weight {
        Weight::from_parts(150_000_000, 49_152)
            .saturating_add(ParityDbWeight::get().reads_writes(60, 70))
    }

    fn redraw() -> Weight {
        Weight::from_parts(60_000_000, 16_384)
            .saturating_add(ParityDbWeight::get().reads_writes(3, 2))
    }

    fn extend() -> Weight {
        Weight::from_parts(100_000_000, 16_384)
            .saturating_add(ParityDbWeight::get().reads_writes(8, 6))
    }

    /// For each slot its index entry, the entry and the record that move, counts, room and rent.
    fn drop_agreement() -> Weight {
        Weight::from_parts(600_000_000, 98_304)
            .saturating_add(ParityDbWeight::get().reads_writes(135, 132))
    }

    fn begin_block() -> Weight {
        Weight::from_parts(20_000_000, 16_384)
            .saturating_add(ParityDbWeight::get().reads_writes(3, 2))
    }

    fn lapse() -> Weight {
        Weight::from_parts(120_000_000, 32_768)
            .saturating_add(ParityDbWeight::get().reads_writes(50, 55))
    }

    fn end_agreement() -> Weight {
        Weight::from_parts(500_000_000, 65_536)
            .saturating_add(ParityDbWeight::get().reads_writes(115, 130))
    }

    /// At most 60 probes, each a walk down the tree of free room, and room taken 15 times.
    fn draw() -> Weight {
        Weight::from_parts(1_500_000_000, 131_072)
            .saturating_add(ParityDbWeight::get().reads_writes(200, 60))
    }
}
