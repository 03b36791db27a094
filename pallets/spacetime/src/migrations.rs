//! From the storage of earlier runtimes to this one's.

use frame_support::{
    pallet_prelude::{GetStorageVersion, OptionQuery},
    storage_alias,
    traits::Get,
    weights::Weight,
    BoundedVec, Twox64Concat,
};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex};
use neurostore_verifier::{development_key, CHECKED_PROOF_BYTES};

use crate::{pallet::*, WeightInfo};

/// What version 1 queued: node, window, block, circuit, statement, and points in a layout that
/// changed without leave.
type QueuedInVersion1 = (
    NodeId,
    WindowIndex,
    u32,
    CircuitId,
    [u8; 32],
    [u8; CHECKED_PROOF_BYTES],
);

#[storage_alias]
type Queue<T: Config> = StorageMap<Pallet<T>, Twox64Concat, u64, QueuedInVersion1, OptionQuery>;

impl<T: Config> Pallet<T> {
    /// Brings the storage up to this runtime's version.
    pub(crate) fn migrate() -> Weight {
        if Self::on_chain_storage_version() >= STORAGE_VERSION {
            return T::DbWeight::get().reads(1);
        }
        let keys = Self::find_raw_keys();
        let queued = Self::excuse_the_queue();
        STORAGE_VERSION.put::<Self>();
        T::DbWeight::get()
            .reads_writes(keys.saturating_add(2), keys.saturating_add(2))
            .saturating_add(T::WeightInfo::close_challenge().saturating_mul(queued))
    }

    /// Version 1 kept no raw keys. Those of development are part of the runtime; any other has to
    /// be set again, which is let through where its hash is the one that stands here.
    fn find_raw_keys() -> u64 {
        let mut keys: u64 = 0;
        for (circuit, record) in VerifyingKeys::<T>::iter() {
            keys = keys.saturating_add(1);
            let raw = development_key(circuit)
                .filter(|key| sp_io::hashing::blake2_256(key) == record.key_hash)
                .and_then(|key| BoundedVec::try_from(key.to_vec()).ok());
            if let Some(raw) = raw {
                RawKeys::<T>::insert(circuit, raw);
            }
        }
        keys
    }

    /// Whether the points that version 1 queued mean what they meant cannot be told: their windows
    /// are excused.
    fn excuse_the_queue() -> u64 {
        let mut queued: u64 = 0;
        let (first, end) = QueueEnds::<T>::take();
        for place in first..end {
            queued = queued.saturating_add(1);
            match Queue::<T>::get(place) {
                Some((node, window, ..)) => Self::excuse(node, window),
                None => Self::deposit_event(Event::QueuedProofLost { place }),
            }
            Queue::<T>::remove(place);
        }
        queued
    }
}
