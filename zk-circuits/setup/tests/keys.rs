//! Development keys are what is committed, and what provers find on disk.
#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

use std::fs;

use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM};
use neurostore_setup::{
    development_keys, development_proving_key, file_name, Forger, KeyFileError, KeySource,
    SetupError,
};
use neurostore_verifier::{admit, development_key, is_development_key, verify};
use rand::SeedableRng;

fn assert_committed(circuit: CircuitId) {
    let keys = development_keys(circuit).unwrap();
    assert_eq!(Some(&keys.verifying[..]), development_key(circuit));
    assert!(is_development_key(&keys.verifying));
    assert!(admit(&keys.verifying, 1).is_ok());
}

#[test]
fn the_committed_key_of_circuit_4_follows_from_its_seed() {
    assert_committed(CircuitId(4));
}

#[test]
fn the_committed_key_of_circuit_24_follows_from_its_seed() {
    assert_committed(CircuitId(24));
}

#[test]
fn the_committed_key_of_circuit_48_follows_from_its_seed() {
    assert_committed(CircuitId(48));
}

#[test]
fn a_proving_key_is_derived_once_and_again_when_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let circuit = CircuitId(4);
    let load = || development_proving_key(circuit, folder.path()).unwrap();

    let (derived, source) = load();
    assert_eq!(source, KeySource::Derived);
    assert_eq!(load(), (derived.clone(), KeySource::Cached));

    let path = folder.path().join(file_name(circuit));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(load(), (derived, KeySource::Derived));
}

mod reject {
    use super::*;
    use neurostore_setup::{read_proving_key, write_proving_key, ProvingKey, Query, Reduction};

    fn key() -> ProvingKey {
        let (alpha, beta) = Default::default();
        let left = Query {
            columns: vec![],
            points: vec![],
        };
        let right = Query {
            columns: vec![],
            points: vec![],
        };
        ProvingKey {
            reduction: Reduction::Circom,
            alpha,
            beta,
            left,
            right,
            quotient: vec![],
            witness: vec![],
        }
    }

    #[test]
    fn a_circuit_without_development_keys_is_named() {
        let refused = development_keys(CircuitId(5));
        assert!(matches!(
            refused,
            Err(SetupError::UnknownCircuit(CircuitId(5)))
        ));
    }

    #[test]
    fn keys_that_are_not_the_committed_ones() {
        let mut keys = development_keys(CircuitId(4)).unwrap();
        assert!(keys.check_committed().is_ok());
        keys.verifying[0] ^= 1;
        assert!(matches!(
            keys.check_committed(),
            Err(SetupError::NotCommitted(CircuitId(4)))
        ));
    }

    #[test]
    fn files_that_are_no_key_of_this_circuit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_proving_key(&path, CircuitId(4), b"verifying", &key()).unwrap();
        let read =
            |circuit, verifying: &[u8]| read_proving_key(&path, CircuitId(circuit), verifying);
        assert_eq!(read(4, b"verifying").unwrap(), key());
        assert!(matches!(
            read(24, b"verifying"),
            Err(KeyFileError::OtherCircuit(_))
        ));
        assert!(matches!(
            read(4, b"another"),
            Err(KeyFileError::OtherCircuit(_))
        ));

        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(
            read(4, b"verifying"),
            Err(KeyFileError::Damaged(_))
        ));
        fs::write(&path, &whole[..20]).unwrap();
        assert!(matches!(
            read(4, b"verifying"),
            Err(KeyFileError::UnknownFormat(_))
        ));
        fs::write(&path, [&b"XXXX"[..], &whole[4..]].concat()).unwrap();
        assert!(matches!(
            read(4, b"verifying"),
            Err(KeyFileError::UnknownFormat(_))
        ));
    }
}

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
