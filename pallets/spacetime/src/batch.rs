//! The proofs of a block, checked together at its end.
//!
//! One random linear combination of all equations costs a fraction of checking each. It fails as
//! a whole where one proof is invalid; then the block's proofs wait in the queue.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{traits::Get, weights::Weight};
use neurostore_primitives::{CircuitId, NodeHealth};
use neurostore_verifier::{verify_batch, BatchItem, CheckedProof};

use crate::{pallet::*, TakenProof, WeightInfo};

impl<T: Config> Pallet<T> {
    /// Takes a proof into the batch of this block, where it may be taken on trust and there is
    /// room: in the batch, and in the queue should the batch fail. Returns the weight of that, the
    /// check at the end of the block included.
    pub(crate) fn join_batch(taken: &TakenProof) -> Option<Weight> {
        if !BatchVerification::<T>::get() || !T::Health::is_trusted(taken.node) {
            return None;
        }
        let waiting = Batch::<T>::decode_len().unwrap_or_default();
        let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
        let has_room = Self::queued().saturating_add(waiting) < T::MaxQueuedProofs::get().into();
        if !has_room || Batch::<T>::try_append(taken).is_err() {
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
        let taken = Batch::<T>::take();
        BatchCircuits::<T>::kill();
        let mut circuits: BTreeMap<CircuitId, Vec<TakenProof>> = BTreeMap::new();
        for proof in taken {
            circuits.entry(proof.circuit).or_default().push(proof);
        }
        for (circuit, proofs) in circuits {
            if Self::are_all_valid(circuit, &proofs) {
                proofs.iter().for_each(Self::accept);
            } else {
                Self::deposit_event(Event::BatchRejected {
                    proofs: u32::try_from(proofs.len()).unwrap_or(u32::MAX),
                });
                Self::enqueue(proofs);
            }
        }
    }

    fn are_all_valid(circuit: CircuitId, proofs: &[TakenProof]) -> bool {
        let Some(key) = Self::prepared_key(circuit) else {
            return false;
        };
        let items: Vec<_> = proofs
            .iter()
            .map(|taken| BatchItem {
                inputs: core::slice::from_ref(&taken.statement),
                proof: CheckedProof::from_bytes_trusted(&taken.proof),
            })
            .collect();
        let parent = frame_system::Pallet::<T>::parent_hash();
        verify_batch(&key, &items, &parent.0).is_ok()
    }
}
