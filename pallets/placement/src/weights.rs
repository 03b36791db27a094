//! Weights of the pallet's calls and hooks.

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

const MICROSECOND: u64 = 1_000_000;

/// `reads` and `writes` of the database that nodes run on (`ParityDB`), with `micros` of computation.
fn cost(micros: u64, proof_kib: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(
        micros.saturating_mul(MICROSECOND),
        proof_kib.saturating_mul(1024),
    )
    .saturating_add(ParityDbWeight::get().reads_writes(reads, writes))
}

/// Reasoned by hand from the keys that each touches, and on the safe side.
impl WeightInfo for () {
    /// Counter, owner's list, queue, one lapse bucket (and full ones before it), two holds, record.
    fn reserve() -> Weight {
        cost(150, 96, 42, 9)
    }

    /// 15 signatures; for each slot the node, its counts, an index entry and its rent.
    fn commit() -> Weight {
        cost(2_500, 64, 60, 60)
    }

    /// Record, list, bucket, two holds; for each slot the node's room.
    fn cancel() -> Weight {
        cost(150, 48, 60, 70)
    }

    fn redraw() -> Weight {
        cost(60, 16, 3, 2)
    }

    fn extend() -> Weight {
        cost(100, 16, 8, 6)
    }

    /// For each slot its index entry, the entry and the record that move, counts, room and rent.
    fn drop_agreement() -> Weight {
        cost(600, 96, 135, 132)
    }

    fn begin_block() -> Weight {
        cost(20, 16, 3, 2)
    }

    fn lapse() -> Weight {
        cost(120, 32, 50, 55)
    }

    fn end_agreement() -> Weight {
        cost(500, 64, 115, 130)
    }

    /// At most 60 probes, each a walk down the tree of free room, and room taken 15 times.
    fn draw() -> Weight {
        cost(1_500, 128, 200, 60)
    }
}
