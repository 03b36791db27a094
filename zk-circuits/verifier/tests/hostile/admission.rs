//! Which verifying keys are admitted.

use crate::trapdoor::Trapdoor;
use neurostore_primitives::CircuitId;
use neurostore_verifier::{
    admit, development_key, is_development_key, AdmitError, KeyPart, PointError, MAX_KEY_BYTES,
    MAX_PUBLIC_INPUTS,
};

#[test]
fn the_committed_development_keys_are_admitted() {
    for circuit in [4, 24, 48] {
        let key = development_key(CircuitId(circuit)).unwrap();
        assert!(is_development_key(key));
        assert_eq!(admit(key, 1).unwrap().public_inputs(), 1);
    }
    assert_eq!(development_key(CircuitId(47)), None);
}

#[test]
fn the_longest_admissible_key_has_the_named_length() {
    let key = Trapdoor::new(MAX_PUBLIC_INPUTS).key();
    assert_eq!(key.len(), MAX_KEY_BYTES as usize);
    assert!(admit(&key, MAX_PUBLIC_INPUTS).is_ok());
}

#[test]
fn any_other_key_is_no_development_key() {
    assert!(!is_development_key(&Trapdoor::new(1).key()));
    assert!(!is_development_key(&[]));
}

mod reject {
    use super::*;
    use ark_bn254::{Fq2, Fr, G1Affine, G2Affine};
    use ark_ff::Field;
    use ark_serialize::CanonicalSerialize;
    use proptest::prelude::*;

    fn refused(change: impl FnOnce(&mut Trapdoor)) -> AdmitError {
        let mut trapdoor = Trapdoor::new(1);
        change(&mut trapdoor);
        admit(&trapdoor.key(), 1).unwrap_err()
    }

    fn refused_bytes(change: impl FnOnce(&mut Vec<u8>)) -> AdmitError {
        let mut key = Trapdoor::new(1).key();
        change(&mut key);
        admit(&key, 1).unwrap_err()
    }

    fn put(key: &mut [u8], start: usize, point: &impl CanonicalSerialize) {
        point.serialize_compressed(&mut key[start..]).unwrap();
    }

    #[test]
    fn gamma_equal_to_delta() {
        assert_eq!(
            refused(|key| key.delta = key.gamma),
            AdmitError::GammaIsDelta
        );
    }

    #[test]
    fn gamma_opposite_to_delta() {
        assert_eq!(
            refused(|key| key.delta = -key.gamma),
            AdmitError::GammaIsDelta
        );
    }

    #[test]
    fn a_second_phase_without_contributions() {
        assert_eq!(
            refused(|key| key.delta = Fr::ONE),
            AdmitError::DeltaIsGenerator
        );
    }

    #[test]
    fn equal_input_bases() {
        let repeated = AdmitError::RepeatedInputBase(0, 1);
        assert_eq!(refused(|key| key.bases[1] = key.bases[0]), repeated);
    }

    #[test]
    fn points_at_infinity() {
        let identity = |part| AdmitError::Point(part, PointError::Identity);
        let zero = Fr::from(0u8);
        assert_eq!(refused(|key| key.alpha = zero), identity(KeyPart::Alpha));
        assert_eq!(refused(|key| key.beta = zero), identity(KeyPart::Beta));
        assert_eq!(refused(|key| key.gamma = zero), identity(KeyPart::Gamma));
        assert_eq!(refused(|key| key.delta = zero), identity(KeyPart::Delta));
        assert_eq!(
            refused(|key| key.bases[1] = zero),
            identity(KeyPart::InputBase(1))
        );
    }

    #[test]
    fn points_outside_the_subgroup() {
        let outside = (1u64..)
            .filter_map(|n| {
                G2Affine::get_point_from_x_unchecked(Fq2::new(n.into(), n.into()), true)
            })
            .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        let parts = [
            (32, KeyPart::Beta),
            (96, KeyPart::Gamma),
            (160, KeyPart::Delta),
        ];
        for (start, part) in parts {
            let refused = refused_bytes(|key| put(key, start, &outside));
            assert_eq!(refused, AdmitError::Point(part, PointError::WrongSubgroup));
        }
    }

    #[test]
    fn coordinates_of_no_point() {
        let off_curve = |x: &ark_bn254::Fq| G1Affine::get_ys_from_x_unchecked(*x).is_none();
        let x = (1u64..).map(ark_bn254::Fq::from).find(off_curve).unwrap();
        let refused = refused_bytes(|key| put(key, 0, &x));
        assert_eq!(
            refused,
            AdmitError::Point(KeyPart::Alpha, PointError::Malformed)
        );
    }

    #[test]
    fn keys_that_are_cut_off_or_extended() {
        let wrong = |actual| AdmitError::WrongLength {
            expected: 296,
            actual,
        };
        assert_eq!(refused_bytes(|key| key.truncate(295)), wrong(295));
        assert_eq!(refused_bytes(|key| key.push(0)), wrong(297));
        assert_eq!(refused_bytes(Vec::clear), wrong(0));
    }

    #[test]
    fn keys_for_another_number_of_inputs() {
        let key = Trapdoor::new(2).key();
        assert!(matches!(
            admit(&key, 1),
            Err(AdmitError::WrongLength { .. })
        ));
        assert_eq!(
            refused_bytes(|key| key[224] = 3),
            AdmitError::WrongInputCount
        );
        assert_eq!(
            refused_bytes(|key| key[231] = 1),
            AdmitError::WrongInputCount
        );
    }

    #[test]
    fn more_inputs_than_any_circuit_may_have() {
        let inputs = MAX_PUBLIC_INPUTS + 1;
        assert_eq!(
            admit(&Trapdoor::new(inputs).key(), inputs),
            Err(AdmitError::TooManyInputs)
        );
        assert_eq!(admit(&[], usize::MAX), Err(AdmitError::TooManyInputs));
    }

    proptest! {
        #[test]
        fn random_bytes_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            inputs in 0usize..20,
        ) {
            prop_assert!(admit(&bytes, inputs).is_err());
        }
    }
}
