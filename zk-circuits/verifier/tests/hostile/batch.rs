//! Batches, honest and hostile, against a key whose trapdoor the test knows.

use crate::trapdoor::{input, Trapdoor};
use std::sync::OnceLock;

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
    fn an_input_that_is_not_canonical_by_its_position() {
        let mut claims = claims(ITEMS);
        claims[4].0 = [[0xff; 32]];
        let refused = BatchError::Item(4, VerifyError::InputNotCanonical(0));
        assert_eq!(verdict(&claims), Err(refused));
        assert_eq!(find_rejected(key(), &items(&claims), &SEED), Err(refused));
    }
}
