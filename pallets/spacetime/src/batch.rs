//! The proofs of a block, checked together at its end.
//!
//! One random linear combination of all equations costs a fraction of checking each. It fails as
//! a whole where one proof is invalid; then the block's proofs wait in the queue.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::weights::Weight;
use neurostore_primitives::{CircuitId, NodeHealth};
use neurostore_verifier::{verify_batch, BatchItem, CheckedProof, PreparedKey};

use crate::{pallet::*, BatchedProof, Grounds, TakenProof, WeightInfo};

impl<T: Config> Pallet<T> {
    /// Takes a proof into the batch of this block, where it may be taken on trust and there is
    /// room: in the batch, and in the queue should the batch fail. Returns the weight of that, the
    /// check at the end of the block included.
    pub(crate) fn join_batch(taken: &TakenProof, proof: &CheckedProof) -> Option<Weight> {
        if !BatchVerification::<T>::get() || !T::Health::is_trusted(taken.node) {
            return None;
        }
        let batched = BatchedProof {
            taken: TakenProof {
                grounds: Grounds::Trust,
                ..taken.clone()
            },
            points: proof.to_bytes(),
        };
        if !Self::queue_has_room() || Batch::<T>::try_append(batched).is_err() {
            return None;
        }
        let shared = Self::join_circuits(taken.circuit);
        Some(T::WeightInfo::submit_proof_to_batch().saturating_add(shared))
    }

    /// Notes a circuit of this block's batch, and returns the weight of what its proofs share. That
    /// of the batch's first circuit is charged at the beginning of every block.
    fn join_circuits(circuit: CircuitId) -> Weight {
        let mut circuits = BatchCircuits::<T>::get();
        if circuits.contains(&circuit) {
            return Weight::zero();
        }
        let is_first = circuits.is_empty();
        // There is room for every circuit there may be.
        let _ = circuits.try_push(circuit);
        BatchCircuits::<T>::put(circuits);
        if is_first {
            Weight::zero()
        } else {
            T::WeightInfo::settle_batch()
        }
    }

    /// Checks the batch of this block.
    pub(crate) fn settle_batch() {
        let batch = Batch::<T>::take();
        BatchCircuits::<T>::kill();
        let mut circuits: BTreeMap<CircuitId, Vec<BatchedProof>> = BTreeMap::new();
        for batched in batch {
            let circuit = batched.taken.circuit;
            circuits.entry(circuit).or_default().push(batched);
        }
        for (circuit, proofs) in circuits {
            if Self::is_suspended(circuit) {
                let taken = proofs.iter().map(|batched| &batched.taken);
                taken.for_each(|taken| Self::defer(taken.node, taken.window));
                continue;
            }
            let key = Self::key_of(circuit);
            let taken = proofs.iter().map(|batched| &batched.taken);
            if key
                .as_ref()
                .is_ok_and(|key| Self::are_all_valid(key, &proofs))
            {
                taken.for_each(Self::accept);
                continue;
            }
            // Without a key nothing is said of the proofs.
            if key.is_ok() {
                Self::deposit_event(Event::BatchRejected {
                    proofs: u32::try_from(proofs.len()).unwrap_or(u32::MAX),
                });
            }
            Self::enqueue(taken.cloned());
        }
    }

    fn are_all_valid(key: &PreparedKey, proofs: &[BatchedProof]) -> bool {
        let items: Vec<_> = proofs
            .iter()
            .map(|batched| BatchItem {
                inputs: core::slice::from_ref(&batched.taken.statement),
                proof: CheckedProof::from_bytes_trusted(&batched.points),
            })
            .collect();
        let parent = frame_system::Pallet::<T>::parent_hash();
        verify_batch(key, &items, &parent.0).is_ok()
    }
}
