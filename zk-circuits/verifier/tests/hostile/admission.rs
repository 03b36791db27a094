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

#[test]
fn the_key_of_a_ceremony_is_no_development_key() {
    let key = include_bytes!("../../../setup/tests/fixtures/ceremony-4/4.vk");
    assert!(admit(key, 1).is_ok());
    assert!(!is_development_key(key));
}

/// Keys that are admitted as any other, and that anyone can forge proofs under.
mod made_from_development_keys {
    use super::*;
    use ark_bn254::G2Affine;
    use ark_ec::AffineRepr;
    use ark_serialize::CanonicalSerialize;
    use std::ops::Range;

    const ALPHA: Range<usize> = 0..32;
    const BETA: Range<usize> = 32..96;
    const GAMMA: Range<usize> = 96..160;
    const DELTA: Range<usize> = 160..224;

    fn development_keys() -> [Vec<u8>; 3] {
        [4, 24, 48].map(|circuit| development_key(CircuitId(circuit)).unwrap().to_vec())
    }

    fn is_recognised(key: &[u8]) {
        assert!(admit(key, 1).is_ok());
        assert!(is_development_key(key));
    }

    fn negate(point: Range<usize>) {
        for mut key in development_keys() {
            key[point.end - 1] ^= 0x80;
            is_recognised(&key);
        }
    }

    #[test]
    fn by_negating_delta() {
        negate(DELTA);
    }

    #[test]
    fn by_negating_alpha() {
        negate(ALPHA);
    }

    #[test]
    fn by_replacing_delta() {
        let other = Trapdoor::new(1).key();
        for mut key in development_keys() {
            key[DELTA].copy_from_slice(&other[DELTA]);
            is_recognised(&key);
        }
    }

    #[test]
    fn by_taking_over_alpha_or_beta_or_gamma_alone() {
        for development in development_keys() {
            for point in [ALPHA, BETA, GAMMA] {
                let mut key = Trapdoor::new(1).key();
                key[point.clone()].copy_from_slice(&development[point.clone()]);
                is_recognised(&key);
                key[point.end - 1] ^= 0x80;
                is_recognised(&key);
            }
        }
    }

    #[test]
    fn not_by_taking_the_generator_for_gamma_as_ceremonies_do() {
        let mut generator = Vec::new();
        G2Affine::generator()
            .serialize_compressed(&mut generator)
            .unwrap();
        let mut key = Trapdoor::new(1).key();
        key[GAMMA].copy_from_slice(&generator);
        assert!(admit(&key, 1).is_ok());
        assert!(!is_development_key(&key));
    }
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
