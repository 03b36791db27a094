//! What is true of the state after every block, by name.

use frame_support::{ensure, traits::Get};
use neurostore_primitives::CircuitId;
use neurostore_verifier::CheckedProof;
use sp_runtime::DispatchError;

use crate::{pallet::*, PreparedForm};

impl<T: Config> Pallet<T> {
    /// All checks of the pallet's state.
    pub fn do_try_state() -> Result<(), DispatchError> {
        Self::an_answer_comes_before_the_next_window()?;
        Self::every_node_opens_at_its_offset()?;
        Self::every_challenge_stands_in_its_cohort()?;
        Self::no_cohort_is_overdue()?;
        Self::taken_proofs_are_where_they_belong()?;
        Self::the_active_circuit_can_answer()?;
        Self::a_suspension_has_a_circuit_and_ends_after_it_began()?;
        Self::deferred_windows_are_in_order_and_not_open()?;
        Self::every_key_can_be_read()
    }

    fn an_answer_comes_before_the_next_window() -> Result<(), DispatchError> {
        let (window, answer) = Self::window_and_answer_blocks();
        ensure!(
            answer > 0 && answer < window,
            "answers do not fit into a window"
        );
        Ok(())
    }

    fn every_node_opens_at_its_offset() -> Result<(), DispatchError> {
        let mut nodes: usize = 0;
        for (node, offset) in Offsets::<T>::iter() {
            nodes = nodes.saturating_add(1);
            ensure!(
                offset < WindowBlocks::<T>::get(),
                "an offset beyond the window"
            );
            ensure!(
                Members::<T>::get(offset).contains(&node),
                "a node that never opens"
            );
        }
        let members: usize = Members::<T>::iter_values().map(|list| list.len()).sum();
        ensure!(members == nodes, "a node opens at two offsets");
        Ok(())
    }

    fn every_challenge_stands_in_its_cohort() -> Result<(), DispatchError> {
        // By key: what cannot be decoded is passed over where values are walked through.
        for node in Challenges::<T>::iter_keys() {
            let challenge = Challenges::<T>::get(node).ok_or("a challenge cannot be read")?;
            let opened_at = challenge.opened_at;
            ensure!(
                Cohorts::<T>::get(opened_at).is_some_and(|cohort| cohort.nodes.contains(&node)),
                "a challenge that never closes"
            );
            ensure!(
                Offsets::<T>::get(node) == Some(Self::offset_of_block(opened_at)),
                "a challenge that opened at another node's offset"
            );
            ensure!(
                challenge.window == Self::window_at(opened_at),
                "a challenge of another window"
            );
        }
        Ok(())
    }

    fn no_cohort_is_overdue() -> Result<(), DispatchError> {
        for opened_at in Cohorts::<T>::iter_keys() {
            let cohort = Cohorts::<T>::get(opened_at).ok_or("a cohort cannot be read")?;
            ensure!(
                opened_at >= NextClosing::<T>::get(),
                "a cohort that is never looked at again"
            );
            ensure!(
                Self::now() <= Self::last_block_of(opened_at),
                "a challenge outlived its window"
            );
            ensure!(!cohort.nodes.is_empty(), "an empty cohort is stored");
        }
        Ok(())
    }

    fn taken_proofs_are_where_they_belong() -> Result<(), DispatchError> {
        let (first, end) = QueueEnds::<T>::get();
        ensure!(first <= end, "the queue ends before it begins");
        ensure!(
            Self::queued() <= T::MaxQueuedProofs::get().into(),
            "more proofs wait than may"
        );
        for place in Queue::<T>::iter_keys() {
            ensure!(
                (first..end).contains(&place),
                "a proof waits outside the queue"
            );
        }
        for place in first..end {
            ensure!(
                Queue::<T>::contains_key(place),
                "a place of the queue is empty"
            );
            let taken = Queue::<T>::get(place)
                .and_then(|queued| queued.taken())
                .ok_or("a queued proof cannot be read")?;
            ensure!(
                CheckedProof::decode(&taken.proof).is_ok(),
                "a queued proof has unsound points"
            );
        }
        Ok(())
    }

    fn the_active_circuit_can_answer() -> Result<(), DispatchError> {
        if let Some(circuit) = ActiveCircuit::<T>::get() {
            let record = VerifyingKeys::<T>::get(circuit).ok_or("the active circuit has no key")?;
            ensure!(record.retired_at.is_none(), "the active circuit is retired");
        }
        Ok(())
    }

    fn a_suspension_has_a_circuit_and_ends_after_it_began() -> Result<(), DispatchError> {
        for (circuit, suspension) in Suspensions::<T>::iter() {
            ensure!(
                VerifyingKeys::<T>::contains_key(circuit),
                "a circuit that nobody knows is suspended"
            );
            let is_in_order = suspension.lifted_at.is_none_or(|at| at >= suspension.since);
            ensure!(is_in_order, "a suspension was lifted before it began");
        }
        Ok(())
    }

    fn deferred_windows_are_in_order_and_not_open() -> Result<(), DispatchError> {
        for (node, windows) in Deferred::<T>::iter() {
            ensure!(!windows.is_empty(), "an empty list of windows is stored");
            ensure!(
                windows
                    .iter()
                    .zip(windows.iter().skip(1))
                    .all(|(a, b)| a < b),
                "deferred windows are not in order"
            );
            ensure!(
                Offsets::<T>::contains_key(node),
                "a window of no node waits"
            );
            let is_open = |open: &crate::Challenge| windows.contains(&open.window);
            ensure!(
                !Challenges::<T>::get(node).is_some_and(|open| is_open(&open)),
                "a window is open and deferred"
            );
        }
        Ok(())
    }

    fn every_key_can_be_read() -> Result<(), DispatchError> {
        let waiting = KeysToPrepare::<T>::get();
        for circuit in VerifyingKeys::<T>::iter_keys() {
            let record =
                VerifyingKeys::<T>::get(circuit).ok_or("the record of a key cannot be read")?;
            let is_prepared = PreparedKeys::<T>::contains_key(circuit);
            if !is_prepared && !RawKeys::<T>::contains_key(circuit) {
                // Lost, or about to be found so: as the key of a ceremony is after the migration
                // from version 1, until it is set again.
                continue;
            }
            ensure!(RawKeys::<T>::contains_key(circuit), "a raw key is missing");
            ensure!(
                Self::raw_key(circuit, &record).is_some(),
                "a raw key is not the one that was set"
            );
            if is_prepared || !waiting.contains(&circuit) {
                Self::the_prepared_key_is_made_of_the_raw_one(circuit)?;
            }
        }
        ensure!(
            waiting.iter().all(VerifyingKeys::<T>::contains_key),
            "a key that nobody set is to be prepared"
        );
        for circuit in RawKeys::<T>::iter_keys().chain(PreparedKeys::<T>::iter_keys()) {
            ensure!(
                VerifyingKeys::<T>::contains_key(circuit),
                "a key that nobody set is stored"
            );
        }
        Ok(())
    }
    /// Held to the last byte to one that is made anew: no part of a key may be another's.
    fn the_prepared_key_is_made_of_the_raw_one(circuit: CircuitId) -> Result<(), DispatchError> {
        ensure!(
            PreparedKeys::<T>::contains_key(circuit),
            "a key that is not prepared"
        );
        let stored = PreparedKeys::<T>::get(circuit)
            .filter(|stored| stored.read().is_some())
            .ok_or("a prepared key cannot be read")?;
        let again = Self::key_from_raw(circuit).and_then(|key| PreparedForm::new(&key));
        ensure!(
            again == Some(stored),
            "a prepared key is not made of its raw one"
        );
        Ok(())
    }
}
