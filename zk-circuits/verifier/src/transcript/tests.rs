//! The scalars of batches, and what whoever knew them beforehand could do.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::Zero;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};

use super::{draw, SplitScalar};
use crate::{
    admit,
    equation::{holds, Claim},
    trapdoor::{input, Trapdoor},
    verification::scalars,
    verify_batch, BatchError, BatchItem, CheckedProof, PreparedKey,
};

const SEED: [u8; 32] = [9; 32];

fn key(seed: u64) -> PreparedKey {
    admit(&Trapdoor::with_seed(1, seed).key(), 1).unwrap()
}

fn statements() -> [[[u8; 32]; 1]; 2] {
    [[input(5)], [input(6)]]
}

fn proofs() -> [[u8; 128]; 2] {
    let trapdoor = Trapdoor::new(1);
    [trapdoor.proof_with(&[5], 1), trapdoor.proof_with(&[6], 2)]
}

fn items<'a>(statements: &'a [[[u8; 32]; 1]; 2], proofs: &[[u8; 128]; 2]) -> [BatchItem<'a>; 2] {
    let [first, second] = proofs.map(|proof| CheckedProof::decode(&proof).unwrap());
    let [one, two] = statements;
    [
        BatchItem {
            inputs: one,
            proof: first,
        },
        BatchItem {
            inputs: two,
            proof: second,
        },
    ]
}

fn drawn(key: &PreparedKey, items: &[BatchItem<'_>], seed: &[u8; 32]) -> Vec<SplitScalar> {
    draw(key, items, seed).collect()
}

/// Whether no scalar of one batch stands in the same place in the other.
fn all_differ(first: &[SplitScalar], second: &[SplitScalar]) -> bool {
    first.iter().zip(second).all(|(first, second)| {
        first != second && first.low != second.low && first.high != second.high
    })
}

#[test]
fn equal_batches_have_equal_scalars_and_each_item_its_own() {
    let (statements, key) = (statements(), key(1));
    let items = items(&statements, &proofs());
    let scalars = drawn(&key, &items, &SEED);
    assert_eq!(scalars, drawn(&key, &items, &SEED));
    assert_eq!(scalars.len(), 2);
    assert!(all_differ(&scalars[..1], &scalars[1..]));
}

#[test]
fn every_byte_of_the_seed_changes_all_scalars() {
    let (statements, key) = (statements(), key(1));
    let items = items(&statements, &proofs());
    let scalars = drawn(&key, &items, &SEED);
    for byte in 0..32 {
        let mut seed = SEED;
        seed[byte] ^= 1;
        assert!(
            all_differ(&scalars, &drawn(&key, &items, &seed)),
            "byte {byte}"
        );
    }
}

#[test]
fn every_byte_of_every_input_changes_all_scalars() {
    let key = key(1);
    let scalars = drawn(&key, &items(&statements(), &proofs()), &SEED);
    for (item, byte) in (0..2).flat_map(|item| (0..32).map(move |byte| (item, byte))) {
        let mut statements = statements();
        statements[item][0][byte] ^= 1;
        let changed = drawn(&key, &items(&statements, &proofs()), &SEED);
        assert!(all_differ(&scalars, &changed), "byte {byte} of {item}");
    }
}

#[test]
fn every_byte_of_every_proof_changes_all_scalars() {
    let (statements, key) = (statements(), key(1));
    let original = items(&statements, &proofs());
    let scalars = drawn(&key, &original, &SEED);
    for (item, byte) in (0..2).flat_map(|item| (0..256).map(move |byte| (item, byte))) {
        let mut items = original;
        let mut stored = items[item].proof.to_bytes();
        stored[byte] ^= 1;
        items[item].proof = CheckedProof::from_bytes_trusted(&stored);
        let changed = drawn(&key, &items, &SEED);
        assert!(all_differ(&scalars, &changed), "byte {byte} of {item}");
    }
}

#[test]
fn the_key_the_order_and_the_number_of_items_change_all_scalars() {
    let (statements, own) = (statements(), key(1));
    let items = items(&statements, &proofs());
    let scalars = drawn(&own, &items, &SEED);
    assert!(all_differ(&scalars, &drawn(&key(2), &items, &SEED)));
    let [first, second] = items;
    assert!(all_differ(&scalars, &drawn(&own, &[second, first], &SEED)));
    assert!(all_differ(&scalars, &drawn(&own, &[first], &SEED)));
    assert!(all_differ(
        &scalars,
        &drawn(&own, &[first, second, second], &SEED)
    ));
}

#[test]
fn different_halves_make_different_scalars() {
    let halves = [0, 1, 2, 1 << 63, u64::MAX - 1, u64::MAX];
    let mut values = Vec::new();
    for (low, high) in halves
        .into_iter()
        .flat_map(|low| halves.map(|high| (low, high)))
    {
        values.push(SplitScalar { low, high }.value());
    }
    let count = values.len();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), count);
    assert_eq!(SplitScalar::ONE.value(), Fr::from(1u8));
    assert!(SplitScalar { low: 0, high: 0 }.value().is_zero());
}

/// Proofs with these points added to C.
fn shifted(proofs: &[[u8; 128]; 2], shifts: [G1Projective; 2]) -> [[u8; 128]; 2] {
    let mut shifted = *proofs;
    for (proof, shift) in shifted.iter_mut().zip(shifts) {
        let c = G1Affine::deserialize_compressed(&proof[96..]).unwrap();
        let c = (c + shift).into_affine();
        c.serialize_compressed(&mut proof[96..]).unwrap();
    }
    shifted
}

fn holds_with(key: &PreparedKey, items: &[BatchItem<'_>], factors: &[SplitScalar]) -> bool {
    let claims: Vec<_> = items
        .iter()
        .zip(factors)
        .map(|(item, factor)| Claim {
            inputs: scalars(key, item.inputs).unwrap(),
            proof: item.proof,
            factor: *factor,
        })
        .collect();
    holds(key, &claims).unwrap()
}

#[test]
fn two_wrong_proofs_that_cancel_without_scalars_do_not_pass() {
    let (statements, key) = (statements(), key(1));
    let shift = G1Projective::from(G1Affine::new(1u8.into(), 2u8.into()));
    let wrong = shifted(&proofs(), [shift, -shift]);
    let items = items(&statements, &wrong);
    // The sum of their equations holds.
    assert!(holds_with(&key, &items, &[SplitScalar::ONE; 2]));
    assert_eq!(verify_batch(&key, &items, &SEED), Err(BatchError::Rejected));
}

#[test]
fn two_wrong_proofs_that_cancel_for_known_scalars_do_not_pass() {
    let (statements, key) = (statements(), key(1));
    let known = drawn(&key, &items(&statements, &proofs()), &SEED);
    let shift = G1Projective::from(G1Affine::new(1u8.into(), 2u8.into()));
    let wrong = shifted(
        &proofs(),
        [shift * known[1].value(), -(shift * known[0].value())],
    );
    let items = items(&statements, &wrong);
    // With the scalars of the honest batch they would, but these proofs have others.
    assert!(holds_with(&key, &items, &known));
    assert!(all_differ(&known, &drawn(&key, &items, &SEED)));
    assert_eq!(verify_batch(&key, &items, &SEED), Err(BatchError::Rejected));
}
