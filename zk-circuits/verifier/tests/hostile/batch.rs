//! Batches, honest and hostile, against a key whose trapdoor the test knows.

use crate::trapdoor::{input, Trapdoor};
use std::sync::OnceLock;

use ark_bn254::{Bn254, Fr};
use ark_ec::CurveGroup;
use ark_ff::Field;
use ark_groth16::Proof;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use neurostore_verifier::{
    admit, find_rejected, verify_batch, verify_checked, BatchError, BatchItem, CheckedProof,
    PreparedKey, VerifyError,
};

const SEED: [u8; 32] = [7; 32];
const ITEMS: u64 = 12;

/// Statements with their proofs, to be changed and put to the test.
type Claims = Vec<([[u8; 32]; 1], CheckedProof)>;

fn key() -> &'static PreparedKey {
    static KEY: OnceLock<PreparedKey> = OnceLock::new();
    KEY.get_or_init(|| admit(&Trapdoor::new(1).key(), 1).unwrap())
}

fn proof(number: u64, seed: u64) -> CheckedProof {
    CheckedProof::decode(&Trapdoor::new(1).proof_with(&[number], seed)).unwrap()
}

/// As many valid claims, all different.
fn claims(count: u64) -> Claims {
    let claim = |number| ([input(number)], proof(number, number));
    (0..count).map(claim).collect()
}

fn items(claims: &Claims) -> Vec<BatchItem<'_>> {
    claims
        .iter()
        .map(|(inputs, proof)| BatchItem {
            inputs,
            proof: *proof,
        })
        .collect()
}

fn verdict(claims: &Claims) -> Result<(), BatchError> {
    verify_batch(key(), &items(claims), &SEED)
}

#[test]
fn batches_of_valid_proofs_are_accepted() {
    for count in [1, 2, 3, 5, ITEMS] {
        assert_eq!(verdict(&claims(count)), Ok(()), "{count} proofs");
    }
}

#[test]
fn an_empty_batch_is_accepted() {
    assert_eq!(verify_batch(key(), &[], &SEED), Ok(()));
}

#[test]
fn a_stored_proof_verifies_as_the_decoded_one() {
    let proof = proof(3, 3);
    let read = CheckedProof::from_bytes_trusted(&proof.to_bytes());
    assert_eq!(read, proof);
    assert_eq!(verify_checked(key(), &[input(3)], &read), Ok(()));
}

/// The same statement, another proof: A times three, B over three.
fn rerandomised(number: u64, seed: u64) -> CheckedProof {
    let bytes = Trapdoor::new(1).proof_with(&[number], seed);
    let mut proof = Proof::<Bn254>::deserialize_compressed(&bytes[..]).unwrap();
    let three = Fr::from(3u8);
    proof.a = (proof.a * three).into_affine();
    proof.b = (proof.b * three.inverse().unwrap()).into_affine();
    let mut bytes = Vec::new();
    proof.serialize_compressed(&mut bytes).unwrap();
    CheckedProof::decode(&bytes).unwrap()
}

#[test]
fn a_rerandomised_proof_is_another_proof_and_passes_beside_the_first() {
    let mut claims = claims(3);
    let other = rerandomised(2, 2);
    assert_ne!(claims[2].1, other);
    claims.push(([input(2)], other));
    assert_eq!(verdict(&claims), Ok(()));
}

#[test]
fn the_same_claim_twice_is_accepted() {
    let mut claims = claims(3);
    claims.push(claims[1]);
    assert_eq!(verdict(&claims), Ok(()));
}

#[test]
fn the_order_of_the_items_does_not_matter() {
    let mut claims = claims(5);
    claims.reverse();
    assert_eq!(verdict(&claims), Ok(()));
}

#[test]
fn nothing_is_rejected_in_a_valid_batch() {
    assert_eq!(find_rejected(key(), &items(&claims(5)), &SEED), Ok(vec![]));
    assert_eq!(find_rejected(key(), &[], &SEED), Ok(vec![]));
}

#[test]
fn circuits_with_several_inputs_or_none_are_verified_in_batches() {
    for count in [0, 2, 3] {
        let trapdoor = Trapdoor::new(count);
        let key = admit(&trapdoor.key(), count).unwrap();
        let numbers = [3, 1 << 40, u64::MAX];
        let statement = numbers.map(input);
        let proofs = [1, 2].map(|seed| trapdoor.proof_with(&numbers[..count], seed));
        let item = |proof: [u8; 128]| BatchItem {
            inputs: &statement[..count],
            proof: CheckedProof::decode(&proof).unwrap(),
        };
        assert_eq!(verify_batch(&key, &proofs.map(item), &SEED), Ok(()));
    }
}

mod reject {
    use super::*;

    /// The claims with one changed; the batch must fall, and the search must find it.
    fn convicted(position: usize, change: impl FnOnce(&mut ([[u8; 32]; 1], CheckedProof))) {
        let mut claims = claims(ITEMS);
        change(&mut claims[position]);
        assert_eq!(verdict(&claims), Err(BatchError::Rejected));
        let found = find_rejected(key(), &items(&claims), &SEED);
        assert_eq!(found, Ok(vec![position]));
    }

    #[test]
    fn one_wrong_proof_among_many_wherever_it_stands() {
        for position in [0, 5, 11] {
            convicted(position, |claim| claim.1 = proof(99, 1));
        }
    }

    #[test]
    fn several_wrong_proofs_and_no_others() {
        let mut claims = claims(ITEMS);
        for position in [1, 6, 7, 10] {
            claims[position].1 = proof(99, 1);
        }
        assert_eq!(verdict(&claims), Err(BatchError::Rejected));
        let found = find_rejected(key(), &items(&claims), &SEED);
        assert_eq!(found, Ok(vec![1, 6, 7, 10]));
    }

    #[test]
    fn a_batch_of_nothing_but_wrong_proofs() {
        let mut claims = claims(5);
        for claim in &mut claims {
            claim.1 = proof(99, 1);
        }
        let found = find_rejected(key(), &items(&claims), &SEED);
        assert_eq!(found, Ok(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn statements_that_traded_places() {
        let mut claims = claims(ITEMS);
        claims[3].0 = [input(8)];
        claims[8].0 = [input(3)];
        assert_eq!(verdict(&claims), Err(BatchError::Rejected));
        let found = find_rejected(key(), &items(&claims), &SEED);
        assert_eq!(found, Ok(vec![3, 8]));
    }

    #[test]
    fn points_that_traded_places_between_proofs() {
        let mut stored = [proof(3, 3), proof(8, 8)].map(|proof| proof.to_bytes());
        let [first, second] = &mut stored;
        first[..64].swap_with_slice(&mut second[..64]);
        let mut claims = claims(ITEMS);
        for (position, stored) in [3, 8].into_iter().zip(&stored) {
            claims[position].1 = CheckedProof::from_bytes_trusted(stored);
        }
        assert_eq!(verdict(&claims), Err(BatchError::Rejected));
    }

    #[test]
    fn one_proof_for_two_statements() {
        convicted(5, |claim| claim.1 = proof(4, 4));
    }

    #[test]
    fn one_statement_with_the_proofs_of_two() {
        convicted(5, |claim| claim.0 = [input(4)]);
    }

    #[test]
    fn a_rerandomised_proof_of_another_statement() {
        convicted(5, |claim| claim.1 = rerandomised(4, 4));
    }

    #[test]
    fn a_batch_of_one_wrong_proof() {
        let claims = vec![([input(1)], proof(2, 2))];
        assert_eq!(verdict(&claims), Err(BatchError::Rejected));
    }

    #[test]
    fn proofs_under_the_key_of_another_circuit() {
        let other = admit(&Trapdoor::with_seed(1, 99).key(), 1).unwrap();
        let claims = claims(3);
        let verdict = verify_batch(&other, &items(&claims), &SEED);
        assert_eq!(verdict, Err(BatchError::Rejected));
    }

    #[test]
    fn inputs_of_one_item_in_another_order() {
        let trapdoor = Trapdoor::new(2);
        let key = admit(&trapdoor.key(), 2).unwrap();
        let proof = CheckedProof::decode(&trapdoor.proof(&[1, 2])).unwrap();
        let (right, wrong) = ([input(1), input(2)], [input(2), input(1)]);
        let item = |inputs| BatchItem { inputs, proof };
        let verdict = verify_batch(&key, &[item(&right), item(&wrong)], &SEED);
        assert_eq!(verdict, Err(BatchError::Rejected));
    }

    #[test]
    fn too_few_and_too_many_inputs_by_the_position_of_their_item() {
        let claims = claims(2);
        let mut items = items(&claims);
        let both = [input(1), input(0)];
        for inputs in [&both[..0], &both[..]] {
            items[1].inputs = inputs;
            let wrong = VerifyError::WrongInputCount {
                expected: 1,
                actual: inputs.len(),
            };
            let verdict = verify_batch(key(), &items, &SEED);
            assert_eq!(verdict, Err(BatchError::Item(1, wrong)));
        }
    }

    #[test]
    fn an_input_that_is_not_canonical_by_its_position() {
        let mut claims = claims(ITEMS);
        claims[4].0 = [[0xff; 32]];
        let refused = BatchError::Item(4, VerifyError::InputNotCanonical(0));
        assert_eq!(verdict(&claims), Err(refused));
        assert_eq!(find_rejected(key(), &items(&claims), &SEED), Err(refused));
    }
}
