//! The first state of a chain.

use neurostore_primitives::CircuitId;
use neurostore_verifier::KeyOrigin;

use crate::pallet::*;

impl<T: Config> Pallet<T> {
    /// Sets the lengths of windows, the first keys, and the first active circuit. Whoever joins the
    /// chain joins them, so what is wrong with them stops the chain before it begins.
    pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
        assert!(
            genesis.answer_blocks > 0 && genesis.answer_blocks < genesis.window_blocks,
            "a challenge is answered before the next one opens"
        );
        WindowBlocks::<T>::put(genesis.window_blocks);
        AnswerBlocks::<T>::put(genesis.answer_blocks);
        DevelopmentKeysAllowed::<T>::put(genesis.development_keys);
        BatchVerification::<T>::put(genesis.batch_verification);
        for (circuit, key, transcript) in &genesis.verifying_keys {
            let origin = match transcript {
                Some(transcript) => KeyOrigin::Ceremony {
                    transcript: *transcript,
                },
                None => KeyOrigin::Development,
            };
            // Whoever joins the chain joins its first keys: they need no notice.
            let set = Self::do_set_verifying_key(CircuitId(*circuit), origin, key, 0);
            assert!(set.is_ok(), "verifying key {circuit} of genesis: {set:?}");
        }
        if let Some(circuit) = genesis.active_circuit {
            let set = Self::do_set_active_circuit(CircuitId(circuit));
            assert!(set.is_ok(), "active circuit {circuit} of genesis: {set:?}");
        }
    }
}
