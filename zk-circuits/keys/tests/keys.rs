//! Development keys are what is committed, and what provers find on disk.
#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

use std::fs;

use neurostore_keys::{
    ceremony_file_name, development_keys, development_proving_key, file_name, proving_key_file,
    DevelopmentKeyError, KeyFileError, KeySource,
};
use neurostore_primitives::CircuitId;
use neurostore_verifier::{admit, development_key, is_development_key};

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
    use neurostore_keys::{read_proving_key, write_proving_key, ProvingKey, Query, Reduction};

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
            Err(DevelopmentKeyError::UnknownCircuit(CircuitId(5)))
        ));
    }

    #[test]
    fn keys_that_are_not_the_committed_ones() {
        let mut keys = development_keys(CircuitId(4)).unwrap();
        assert!(keys.check_committed().is_ok());
        keys.verifying[0] ^= 1;
        assert!(matches!(
            keys.check_committed(),
            Err(DevelopmentKeyError::NotCommitted(CircuitId(4)))
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
fn the_key_of_a_ceremony_goes_before_a_development_key() {
    let folder = tempfile::tempdir().unwrap();
    let circuit = CircuitId(4);
    let development = folder.path().join(file_name(circuit));
    assert_eq!(proving_key_file(folder.path(), circuit), development);
    let ceremony = folder.path().join(ceremony_file_name(circuit));
    fs::write(&ceremony, "4").unwrap();
    assert_eq!(proving_key_file(folder.path(), circuit), ceremony);
}
