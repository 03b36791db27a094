//! What the secret of a development key is worth.
#![allow(clippy::unwrap_used)] // Tests panic where they fail.

use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM};
use neurostore_setup::Forger;
use neurostore_verifier::{admit, development_key, verify};
use rand::SeedableRng;

#[test]
fn whoever_reads_the_seed_proves_anything() {
    let mut rng = rand_chacha::ChaCha20Rng::from_seed([1; 32]);
    for circuit in [SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM].map(CircuitId) {
        let key = admit(development_key(circuit).unwrap(), 1).unwrap();
        let forger = Forger::new(circuit).unwrap();
        for statement in [[0; 32], [7; 32]] {
            let proof = forger.forge(&statement, &mut rng).unwrap();
            assert_eq!(verify(&key, &[statement], &proof), Ok(()));
            assert!(verify(&key, &[[9; 32]], &proof).is_err());
        }
        assert!(forger.forge(&[0xff; 32], &mut rng).is_none());
    }
    assert!(Forger::new(CircuitId(5)).is_none());
}
