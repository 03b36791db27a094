//! The prepared forms of verifying keys: made from the raw ones, and made again.
//!
//! A prepared key is stored as this runtime's arithmetic lays it out, and the next runtime's may
//! differ. So every upgrade throws all of them away, and they are made anew, one in a block. The
//! same is done for one that turns out to be unreadable. Until then nobody is judged under the key:
//! answers wait in the queue, and the clock of all windows stands still.

use alloc::vec::Vec;
use frame_support::{
    traits::{ConstU32, Get},
    weights::Weight,
    BoundedVec,
};
use neurostore_primitives::CircuitId;
use neurostore_verifier::{admit, PreparedKey, MAX_KEY_BYTES};

use crate::{pallet::*, KeyRecord, PreparedForm};

/// The statement is the only public input of every circuit.
pub(crate) const PUBLIC_INPUTS: usize = 1;

/// Why there is no key to check a proof with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// It is about to be prepared.
    Yet,
    /// It cannot be prepared.
    Lost,
}

impl<T: Config> Pallet<T> {
    /// The key of a circuit. One that is stored and cannot be read is put among those that are
    /// prepared anew.
    pub(crate) fn key_of(circuit: CircuitId) -> Result<PreparedKey, NoKey> {
        if let Some(key) = Self::prepared_key(circuit) {
            return Ok(key);
        }
        if PreparedKeys::<T>::contains_key(circuit) {
            PreparedKeys::<T>::remove(circuit);
            // There is room for every circuit there may be.
            let _ = KeysToPrepare::<T>::try_append(circuit);
            Self::deposit_event(Event::VerifyingKeyUnreadable { circuit });
        }
        Err(if Self::is_lost(circuit) {
            NoKey::Lost
        } else {
            NoKey::Yet
        })
    }

    /// Whether nothing can be checked with the circuit until its key is set again. A stored form
    /// that cannot be read counts as there until [`Self::key_of`] looked at it.
    pub(crate) fn is_lost(circuit: CircuitId) -> bool {
        !PreparedKeys::<T>::contains_key(circuit) && !KeysToPrepare::<T>::get().contains(&circuit)
    }

    /// Looks at the key of the active circuit, and has it prepared anew where it cannot be read.
    /// Nobody need answer for that to be noticed: a call that is refused leaves no note of it, and
    /// where all are silent nobody would look before their windows are missed.
    pub(crate) fn look_at_the_active_key() {
        if let Some(circuit) = ActiveCircuit::<T>::get() {
            // What the look finds is noted in the state.
            let _ = Self::key_of(circuit);
        }
    }

    /// The prepared key of a circuit, where it can be read.
    pub(crate) fn prepared_key(circuit: CircuitId) -> Option<PreparedKey> {
        PreparedKeys::<T>::get(circuit)?.read()
    }

    /// The key of a circuit made from the raw one, which takes milliseconds. `None` where the raw
    /// key is missing, is not the one that was set, or is not admitted any more.
    pub(crate) fn key_from_raw(circuit: CircuitId) -> Option<PreparedKey> {
        let raw = Self::raw_key(circuit, &VerifyingKeys::<T>::get(circuit)?)?;
        admit(&raw, PUBLIC_INPUTS).ok()
    }

    /// The raw key of a circuit, where it is there and is the one that was set.
    pub(crate) fn raw_key(
        circuit: CircuitId,
        record: &KeyRecord,
    ) -> Option<BoundedVec<u8, ConstU32<MAX_KEY_BYTES>>> {
        RawKeys::<T>::get(circuit).filter(|raw| sp_io::hashing::blake2_256(raw) == record.key_hash)
    }

    /// Whether keys are still to be prepared, or the active circuit has none because it is lost. A
    /// node cannot be held to time in which its answer could not have been checked, also where the
    /// key is set again before its deadline.
    pub(crate) fn keys_are_missing() -> bool {
        KeysToPrepare::<T>::decode_len().is_some_and(|keys| keys > 0)
            || ActiveCircuit::<T>::get()
                .is_some_and(|circuit| !PreparedKeys::<T>::contains_key(circuit))
    }

    /// Has every key prepared anew, that of the active circuit first.
    pub(crate) fn prepare_all_anew() -> Weight {
        let mut circuits: Vec<_> = VerifyingKeys::<T>::iter_keys().collect();
        let active = ActiveCircuit::<T>::get();
        circuits.sort_unstable_by_key(|circuit| (Some(*circuit) == active, circuit.0));
        let count = u64::try_from(circuits.len()).unwrap_or(u64::MAX);
        for circuit in &circuits {
            PreparedKeys::<T>::remove(circuit);
        }
        KeysToPrepare::<T>::put(BoundedVec::truncate_from(circuits));
        T::DbWeight::get().reads_writes(count.saturating_add(2), count.saturating_add(1))
    }

    /// Prepares the next key that has to be, and says whether there was one.
    pub(crate) fn prepare_next_key() -> bool {
        let mut waiting = KeysToPrepare::<T>::get();
        let Some(circuit) = waiting.pop() else {
            return false;
        };
        KeysToPrepare::<T>::put(waiting);
        // One that could not be read back would be prepared for ever.
        let prepared = Self::key_from_raw(circuit)
            .and_then(|key| PreparedForm::new(&key))
            .filter(|prepared| prepared.read().is_some());
        match prepared {
            Some(prepared) => {
                PreparedKeys::<T>::insert(circuit, prepared);
                Self::deposit_event(Event::VerifyingKeyPrepared { circuit });
            }
            None => Self::deposit_event(Event::VerifyingKeyLost { circuit }),
        }
        true
    }
}
