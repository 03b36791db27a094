//! Admission and verification against keys whose trapdoor the test knows.

use crate::trapdoor::{input, Trapdoor};
use std::sync::OnceLock;

use neurostore_verifier::{admit, verify, PreparedKey, ProofPart, VerifyError};
use proptest::prelude::*;

fn setting() -> (PreparedKey, [[u8; 32]; 1], [u8; 128]) {
    static SETTING: OnceLock<(PreparedKey, [u8; 128])> = OnceLock::new();
    let (key, proof) = SETTING.get_or_init(|| {
        let trapdoor = Trapdoor::new(1);
        (admit(&trapdoor.key(), 1).unwrap(), trapdoor.proof(&[7]))
    });
    (key.clone(), [input(7)], *proof)
}

#[test]
fn a_proof_verifies_for_its_statement() {
    let (key, inputs, proof) = setting();
    assert_eq!(verify(&key, &inputs, &proof), Ok(()));
}

#[test]
fn a_circuit_with_several_inputs_takes_all_of_them_in_order() {
    let trapdoor = Trapdoor::new(3);
    let key = admit(&trapdoor.key(), 3).unwrap();
    let proof = trapdoor.proof(&[1, 2, 3]);
    assert_eq!(
        verify(&key, &[input(1), input(2), input(3)], &proof),
        Ok(())
    );
    let swapped = verify(&key, &[input(2), input(1), input(3)], &proof);
    assert_eq!(swapped, Err(VerifyError::Rejected));
}

#[test]
fn a_stored_key_verifies_as_the_admitted_one() {
    let (key, inputs, proof) = setting();
    let stored = key.to_bytes();
    assert!(stored.len() <= neurostore_verifier::MAX_PREPARED_KEY_BYTES as usize);
    let read = PreparedKey::from_bytes_trusted(&stored).unwrap();
    assert_eq!(read, key);
    assert_eq!(verify(&read, &inputs, &proof), Ok(()));
}

mod reject {
    use super::*;
    use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
    use ark_ff::{BigInteger, PrimeField};
    use ark_serialize::CanonicalSerialize;
    use neurostore_verifier::PreparedKeyError;

    /// The proof with the bytes of one point replaced.
    fn with(part: ProofPart, bytes: &[u8]) -> [u8; 128] {
        let (_, _, mut proof) = setting();
        let start = match part {
            ProofPart::A => 0,
            ProofPart::B => 32,
            ProofPart::C => 96,
        };
        proof[start..start + bytes.len()].copy_from_slice(bytes);
        proof
    }

    fn refused(proof: &[u8]) -> VerifyError {
        let (key, inputs, _) = setting();
        verify(&key, &inputs, proof).unwrap_err()
    }

    fn compressed(point: &impl CanonicalSerialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        point.serialize_compressed(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn another_statement() {
        let (key, _, proof) = setting();
        assert_eq!(
            verify(&key, &[input(8)], &proof),
            Err(VerifyError::Rejected)
        );
    }

    #[test]
    fn too_few_inputs() {
        let (key, _, proof) = setting();
        let wrong = VerifyError::WrongInputCount {
            expected: 1,
            actual: 0,
        };
        assert_eq!(verify(&key, &[], &proof), Err(wrong));
    }

    #[test]
    fn too_many_inputs_even_when_the_others_are_zero() {
        let (key, [first], proof) = setting();
        let wrong = VerifyError::WrongInputCount {
            expected: 1,
            actual: 2,
        };
        assert_eq!(verify(&key, &[first, [0; 32]], &proof), Err(wrong));
    }

    #[test]
    fn the_number_of_inputs_is_checked_before_anything_else() {
        let (key, _, _) = setting();
        let wrong = VerifyError::WrongInputCount {
            expected: 1,
            actual: 0,
        };
        assert_eq!(verify(&key, &[], b"junk"), Err(wrong));
    }

    #[test]
    fn an_input_that_is_the_same_number_modulo_r() {
        let (key, _, proof) = setting();
        let mut number = Fr::from(7u8).into_bigint();
        number.add_with_carry(&Fr::MODULUS);
        let alias: [u8; 32] = number.to_bytes_le().try_into().unwrap();
        assert_eq!(
            verify(&key, &[alias], &proof),
            Err(VerifyError::InputNotCanonical(0))
        );
        assert_eq!(
            verify(&key, &[[0xff; 32]], &proof),
            Err(VerifyError::InputNotCanonical(0))
        );
    }

    #[test]
    fn proofs_of_every_other_length() {
        let (key, inputs, proof) = setting();
        for length in 0..128 {
            let short = verify(&key, &inputs, &proof[..length]);
            assert_eq!(short, Err(VerifyError::WrongLength(length)));
        }
        let long = [&proof[..], &[0]].concat();
        assert_eq!(
            verify(&key, &inputs, &long),
            Err(VerifyError::WrongLength(129))
        );
        let twice = [proof, proof].concat();
        assert_eq!(
            verify(&key, &inputs, &twice),
            Err(VerifyError::WrongLength(256))
        );
    }

    #[test]
    fn a_proof_with_any_bit_flipped() {
        let (key, inputs, proof) = setting();
        for bit in 0..128 * 8 {
            let mut flipped = proof;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&key, &inputs, &flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn the_point_at_infinity_in_every_place() {
        let (g1, g2) = (
            compressed(&G1Affine::identity()),
            compressed(&G2Affine::identity()),
        );
        for (part, bytes) in [
            (ProofPart::A, &g1),
            (ProofPart::B, &g2),
            (ProofPart::C, &g1),
        ] {
            assert_eq!(
                refused(&with(part, bytes)),
                VerifyError::IdentityPoint(part)
            );
        }
    }

    #[test]
    fn the_point_at_infinity_with_other_bits_set() {
        let mut bytes = compressed(&G1Affine::identity());
        bytes[0] = 1;
        assert_eq!(
            refused(&with(ProofPart::A, &bytes)),
            VerifyError::IdentityPoint(ProofPart::A)
        );
    }

    #[test]
    fn all_zeros_and_all_ones() {
        assert!(matches!(
            refused(&[0; 128]),
            VerifyError::MalformedPoint(ProofPart::A)
        ));
        assert!(matches!(
            refused(&[0xff; 128]),
            VerifyError::MalformedPoint(ProofPart::A)
        ));
    }

    #[test]
    fn coordinates_of_no_point() {
        let off_curve = |x: &Fq| G1Affine::get_ys_from_x_unchecked(*x).is_none();
        let x = (1u64..).map(Fq::from).find(off_curve).unwrap();
        for part in [ProofPart::A, ProofPart::C] {
            let refused = refused(&with(part, &compressed(&x)));
            assert_eq!(refused, VerifyError::MalformedPoint(part));
        }
        let off_curve = |x: &Fq2| G2Affine::get_ys_from_x_unchecked(*x).is_none();
        let x = (1u64..)
            .map(|n| Fq2::new(n.into(), n.into()))
            .find(off_curve)
            .unwrap();
        let refused = refused(&with(ProofPart::B, &compressed(&x)));
        assert_eq!(refused, VerifyError::MalformedPoint(ProofPart::B));
    }

    #[test]
    fn a_coordinate_above_the_modulus() {
        // The generator is (1, 2), so its first coordinate plus the modulus still fits.
        let mut number = Fq::from(1u8).into_bigint();
        number.add_with_carry(&Fq::MODULUS);
        let bytes = number.to_bytes_le();
        assert_eq!(
            refused(&with(ProofPart::A, &bytes)),
            VerifyError::MalformedPoint(ProofPart::A)
        );
    }

    #[test]
    fn a_point_of_the_twist_outside_the_subgroup() {
        let outside = (1u64..)
            .filter_map(|n| {
                G2Affine::get_point_from_x_unchecked(Fq2::new(n.into(), n.into()), true)
            })
            .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        let refused = refused(&with(ProofPart::B, &compressed(&outside)));
        assert_eq!(refused, VerifyError::WrongSubgroup(ProofPart::B));
    }

    #[test]
    fn a_proof_for_the_key_of_another_circuit() {
        let (_, inputs, proof) = setting();
        let other = admit(&Trapdoor::with_seed(1, 99).key(), 1).unwrap();
        assert_eq!(verify(&other, &inputs, &proof), Err(VerifyError::Rejected));
    }

    #[test]
    fn stored_keys_that_are_cut_off_extended_or_unknown() {
        let stored = setting().0.to_bytes();
        let read = PreparedKey::from_bytes_trusted;
        assert_eq!(read(&[]), Err(PreparedKeyError::WrongLength));
        assert_eq!(
            read(&stored[..stored.len() - 1]),
            Err(PreparedKeyError::WrongLength)
        );
        assert_eq!(
            read(&[&stored[..], &[0]].concat()),
            Err(PreparedKeyError::WrongLength)
        );
        let mut other = stored.clone();
        other[0] = 9;
        assert_eq!(read(&other), Err(PreparedKeyError::UnknownVersion));
        let mut other = stored;
        other[1] = 200;
        assert_eq!(read(&other), Err(PreparedKeyError::WrongLength));
    }

    proptest! {
        #[test]
        fn random_bytes_without_a_panic(
            proof in proptest::collection::vec(any::<u8>(), 0..200),
            statement: [u8; 32],
        ) {
            let (key, ..) = setting();
            prop_assert!(verify(&key, &[statement], &proof).is_err());
        }

        #[test]
        fn junk_points_without_a_panic(
            a: [u8; 32], b: [u8; 64], c: [u8; 32], part in 0..3usize,
        ) {
            let (key, inputs, _) = setting();
            let junk = match part {
                0 => with(ProofPart::A, &a),
                1 => with(ProofPart::B, &b),
                _ => with(ProofPart::C, &c),
            };
            prop_assert!(verify(&key, &inputs, &junk).is_err());
        }
    }
}
