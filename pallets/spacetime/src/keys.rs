//! Verifying keys: which circuits can answer.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, BoundedVec};
use neurostore_primitives::{CircuitId, SAMPLES_PRODUCTION};
use neurostore_verifier::{admit, is_development_key, KeyOrigin};

use crate::{
    pallet::*,
    prepared_keys::{NoKey, PUBLIC_INPUTS},
    KeyRecord, PreparedForm,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_verifying_key(
        circuit: CircuitId,
        origin: KeyOrigin,
        key: &[u8],
        notice: u32,
    ) -> DispatchResult {
        ensure!(
            (1..=SAMPLES_PRODUCTION).contains(&circuit.0),
            Error::<T>::CircuitOutOfRange
        );
        let key_hash = sp_io::hashing::blake2_256(key);
        let before = VerifyingKeys::<T>::get(circuit);
        // The key itself, where the chain has lost it.
        let restored = before
            .filter(|record| record.key_hash == key_hash && Self::is_damaged(circuit, record));
        if restored.is_none() {
            let is_free = before.is_none_or(|record| Self::is_out_of_use(&record));
            ensure!(is_free, Error::<T>::CircuitInUse);
        }
        if is_development_key(key) || origin == KeyOrigin::Development {
            let allowed = T::AllowDevelopmentKeys::get() && DevelopmentKeysAllowed::<T>::get();
            ensure!(
                allowed && origin == KeyOrigin::Development,
                Error::<T>::DevelopmentKeyRefused
            );
        }
        let prepared = admit(key, PUBLIC_INPUTS).map_err(|_| Error::<T>::KeyNotAdmitted)?;
        let prepared = PreparedForm::new(&prepared).ok_or(Error::<T>::KeyNotAdmitted)?;
        let raw = BoundedVec::try_from(key.to_vec()).map_err(|_| Error::<T>::KeyNotAdmitted)?;

        let record = restored.unwrap_or(KeyRecord {
            origin,
            key_hash,
            active_from: Self::now().saturating_add(notice),
            retired_at: None,
        });
        let origin = record.origin;
        RawKeys::<T>::insert(circuit, raw);
        PreparedKeys::<T>::insert(circuit, prepared);
        KeysToPrepare::<T>::mutate(|waiting| waiting.retain(|other| *other != circuit));
        VerifyingKeys::<T>::insert(circuit, record);
        Self::deposit_event(Event::VerifyingKeySet {
            circuit,
            origin,
            key_hash,
        });
        Ok(())
    }

    /// Whether one of the two forms of a key cannot be read. While it is the raw one, all goes on
    /// until the next upgrade, which would lose the key: it can be set again before that.
    fn is_damaged(circuit: CircuitId, record: &KeyRecord) -> bool {
        Self::raw_key(circuit, record).is_none() || Self::prepared_key(circuit).is_none()
    }

    /// Retired for so long that no challenge is left that needs it, and no proof waits that might.
    fn is_out_of_use(record: &KeyRecord) -> bool {
        let ended = record
            .retired_at
            .is_some_and(|block| block.saturating_add(WindowBlocks::<T>::get()) <= Self::now());
        ended && Self::queued() == 0
    }

    pub(crate) fn do_retire_verifying_key(circuit: CircuitId) -> DispatchResult {
        let mut record = VerifyingKeys::<T>::get(circuit).ok_or(Error::<T>::UnknownCircuit)?;
        ensure!(record.retired_at.is_none(), Error::<T>::CircuitRetired);
        ensure!(
            ActiveCircuit::<T>::get() != Some(circuit),
            Error::<T>::CircuitInUse
        );
        record.retired_at = Some(Self::now());
        VerifyingKeys::<T>::insert(circuit, record);
        Self::deposit_event(Event::VerifyingKeyRetired { circuit });
        Ok(())
    }

    pub(crate) fn do_set_active_circuit(circuit: CircuitId) -> DispatchResult {
        let record = VerifyingKeys::<T>::get(circuit).ok_or(Error::<T>::UnknownCircuit)?;
        ensure!(record.retired_at.is_none(), Error::<T>::CircuitRetired);
        ensure!(
            record.active_from <= Self::now(),
            Error::<T>::CircuitNotYetActive
        );
        ensure!(!Self::is_suspended(circuit), Error::<T>::CircuitSuspended);
        let can_check = match Self::key_of(circuit) {
            Ok(_) => true,
            Err(NoKey::Yet) => Self::raw_key(circuit, &record).is_some(),
            Err(NoKey::Lost) => false,
        };
        ensure!(can_check, Error::<T>::KeyLost);
        ActiveCircuit::<T>::put(circuit);
        Self::deposit_event(Event::ActiveCircuitSet { circuit });
        Ok(())
    }
}
