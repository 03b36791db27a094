//! Weights of the pallet's calls and hooks.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// What the calls and hooks of this pallet cost.
pub trait WeightInfo {
    /// Weight of `submit_proof` where the proof is checked in the call.
    fn submit_proof() -> Weight;
    /// Weight of `submit_proof` where it is checked at the end of the block, that included.
    fn submit_proof_to_batch() -> Weight;
    /// Weight of `set_verifying_key`.
    fn set_verifying_key() -> Weight;
    /// Weight of `retire_verifying_key`.
    fn retire_verifying_key() -> Weight;
    /// Weight of `set_active_circuit`.
    fn set_active_circuit() -> Weight;
    /// Weight of `suspend_circuit`.
    fn suspend_circuit() -> Weight;
    /// Weight of `resume_circuit`.
    fn resume_circuit() -> Weight;
    /// Weight of `set_batch_verification`.
    fn set_batch_verification() -> Weight;
    /// What a circuit of a batch costs however many proofs it has.
    fn settle_batch() -> Weight;
    /// One proof of the queue.
    fn check_queued_proof() -> Weight;
    /// The look at the beginning of every block, and the look at its fullness at the end.
    fn begin_block() -> Weight;
    /// One challenge that was not answered.
    fn close_challenge() -> Weight;
    /// One challenge of the production circuit.
    fn open_challenge() -> Weight;
    /// The look at an answer before its transaction, and the note of a refused one after it.
    fn note_refused_proof() -> Weight;
}

const MICROSECOND: u64 = 1_000_000;

/// `reads` and `writes` of the database that nodes run on (`ParityDB`), with `micros` of
/// computation.
fn cost(micros: u64, proof_kib: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(
        micros.saturating_mul(MICROSECOND),
        proof_kib.saturating_mul(1024),
    )
    .saturating_add(ParityDbWeight::get().reads_writes(reads, writes))
}

/// Keys counted by hand; the times of proofs from `make bench-proofs` in WASM on two cores of a
/// busy machine, on the safe side.
impl WeightInfo for () {
    /// Twice the 2.5 milliseconds measured.
    fn submit_proof() -> Weight {
        cost(5_000, 128, 17, 14)
    }

    /// 1.04 milliseconds measured for a proof of a batch of 256 beside other work, 0.69 alone, the
    /// checks of its points included. With what its keys and extensions are charged that is 2
    /// milliseconds, where a block of 900 takes 1 to 1.5 a proof with everything. Reads: the node by its account,
    /// its record, challenge, cohort and outcomes, the circuit's suspension, the open window's rent,
    /// its earnings, the batch, its circuits. Writes: challenge, outcomes, rent, earnings, batch.
    fn submit_proof_to_batch() -> Weight {
        cost(1_100, 64, 10, 5)
    }

    fn set_batch_verification() -> Weight {
        cost(50, 8, 1, 1)
    }

    /// Reads: key, suspension.
    fn suspend_circuit() -> Weight {
        cost(50, 8, 2, 2)
    }

    /// Reads: suspension.
    fn resume_circuit() -> Weight {
        cost(50, 8, 1, 2)
    }

    /// The key is read, and the pairings that all proofs share are computed.
    fn settle_batch() -> Weight {
        cost(4_000, 64, 5, 3)
    }

    /// The pairings, and what an accepted proof or a missed window changes, slash included.
    fn check_queued_proof() -> Weight {
        cost(4_500, 64, 16, 13)
    }

    /// Every point of the key is checked to be in its group, and one pairing is prepared. Both forms
    /// of the key that stands there are read.
    fn set_verifying_key() -> Weight {
        cost(60_000, 96, 7, 4)
    }

    fn retire_verifying_key() -> Weight {
        cost(50, 8, 3, 2)
    }

    /// Reads: record, suspension, the circuit's key in both forms, and which are to be prepared. An
    /// unreadable key is removed and noted.
    fn set_active_circuit() -> Weight {
        cost(250, 40, 5, 4)
    }

    /// Four cohorts may be looked at; window length, answer time, full blocks, members, the keys
    /// that are to be prepared, the active circuit and whether it is suspended. The circuit's
    /// prepared key, 23 KiB, is read, hashed and decoded; where that fails it is removed and noted.
    fn begin_block() -> Weight {
        cost(180, 56, 17, 6)
    }

    /// Challenge, outcomes, the node's rent and the repair fund, its health; the circuit's suspension
    /// and the node's deferred windows, where nobody is to blame.
    fn close_challenge() -> Weight {
        cost(60, 16, 12, 10)
    }

    /// 48 samples with two reads each, two hashes each, and a sponge of five permutations. Eight
    /// deferred windows, each with its rent, and the earnings they go to.
    fn open_challenge() -> Weight {
        cost(4_000, 160, 120, 18)
    }

    /// What is looked at before the transaction, its call reads again.
    fn note_refused_proof() -> Weight {
        cost(40, 8, 3, 1)
    }
}
