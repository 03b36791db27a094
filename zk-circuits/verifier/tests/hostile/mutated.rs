//! A hundred thousand changed proofs and keys. None may be accepted, and nothing may panic.
//!
//! In four parts, so that they run side by side.

use std::collections::BTreeSet;

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_groth16::Proof;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use neurostore_verifier::{admit, verify, CheckedProof, PreparedKey, VerifyError};

use crate::{
    mutations::{Mutator, KEY, PROOF},
    trapdoor::{input, Trapdoor},
};

/// Proofs that mutations start from and take points from.
const ORIGINALS: u64 = 16;
const PROOFS_PER_PART: usize = 32_700;
const KEYS: usize = 2_000;

fn proofs(trapdoor: &Trapdoor) -> Vec<Vec<u8>> {
    (0..ORIGINALS)
        .map(|number| trapdoor.proof_with(&[number], number).to_vec())
        .collect()
}

/// Whether arkworks takes these bytes for a proof, with what this crate asks for on top: nothing
/// at infinity, and one encoding for each point.
fn arkworks_decodes(bytes: &[u8]) -> bool {
    let Ok(proof) = Proof::<Bn254>::deserialize_compressed(bytes) else {
        return false;
    };
    let mut again = Vec::new();
    proof.serialize_compressed(&mut again).unwrap();
    let Proof { a, b, c } = proof;
    again == bytes && !a.is_zero() && !b.is_zero() && !c.is_zero()
}

fn changed_proofs_are_refused(seed: u64) {
    let trapdoor = Trapdoor::new(1);
    let key = admit(&trapdoor.key(), 1).unwrap();
    let originals = proofs(&trapdoor);
    let mut mutator = Mutator::new(seed);
    let mut reasons = BTreeSet::new();
    let mut refused = 0;
    while refused < PROOFS_PER_PART {
        let Some((number, kind, bytes)) = mutator.mutate(PROOF, &originals) else {
            continue;
        };
        let verdict = verify(&key, &[input(number as u64)], &bytes);
        let reason = verdict.expect_err(&format!("{kind:?} of proof {number}: {bytes:02x?}"));
        // Not every time, as arkworks is slower.
        if refused % 32 == 0 {
            let decodes = reason == VerifyError::Rejected;
            assert_eq!(decodes, arkworks_decodes(&bytes), "{kind:?}: {bytes:02x?}");
        }
        reasons.insert(match reason {
            VerifyError::WrongLength(_) => "length".to_owned(),
            other => format!("{other:?}"),
        });
        refused += 1;
    }
    // The mutations get everywhere.
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        [
            "IdentityPoint(A)",
            "IdentityPoint(B)",
            "IdentityPoint(C)",
            "MalformedPoint(A)",
            "MalformedPoint(B)",
            "MalformedPoint(C)",
            "Rejected",
            "WrongSubgroup(B)",
            "length",
        ]
    );
}

#[test]
fn changed_proofs_are_refused_first_part() {
    changed_proofs_are_refused(1);
}

#[test]
fn changed_proofs_are_refused_second_part() {
    changed_proofs_are_refused(2);
}

#[test]
fn changed_proofs_are_refused_third_part() {
    changed_proofs_are_refused(3);
}

/// A changed key may be a key. It is not the one that the proof was made for.
#[test]
fn no_proof_passes_under_a_changed_key() {
    let trapdoors = [Trapdoor::new(1), Trapdoor::with_seed(1, 2)];
    let originals: Vec<_> = trapdoors.iter().map(Trapdoor::key).collect();
    let proofs = trapdoors.each_ref().map(|trapdoor| trapdoor.proof(&[7]));
    let mut mutator = Mutator::new(4);
    let (mut admitted, mut tried) = (0, 0);
    while tried < KEYS {
        let Some((number, kind, bytes)) = mutator.mutate(KEY, &originals) else {
            continue;
        };
        tried += 1;
        let Ok(key) = admit(&bytes, 1) else {
            continue;
        };
        admitted += 1;
        let verdict = verify(&key, &[input(7)], &proofs[number]);
        assert_eq!(
            verdict,
            Err(VerifyError::Rejected),
            "{kind:?}: {bytes:02x?}"
        );
    }
    assert!(admitted > KEYS / 20, "{admitted}");
    assert!(admitted < KEYS / 2, "{admitted}");
}

#[test]
fn changed_stored_keys_and_proofs_never_panic() {
    let trapdoor = Trapdoor::new(1);
    let proof = trapdoor.proof(&[7]);
    let stored = admit(&trapdoor.key(), 1).unwrap().to_bytes();
    let checked = CheckedProof::decode(&proof).unwrap().to_bytes();
    for at in (2..stored.len()).step_by(97) {
        let mut stored = stored.clone();
        stored[at] = !stored[at];
        let key = PreparedKey::from_bytes_trusted(&stored).unwrap();
        let expected = if is_idle(at) {
            Ok(())
        } else {
            Err(VerifyError::Rejected)
        };
        assert_eq!(verify(&key, &[input(7)], &proof), expected, "byte {at}");
    }
    let key = PreparedKey::from_bytes_trusted(&stored).unwrap();
    for at in 0..checked.len() {
        let mut checked = checked;
        checked[at] = !checked[at];
        let proof = CheckedProof::from_bytes_trusted(&checked);
        let verdict = neurostore_verifier::verify_checked(&key, &[input(7)], &proof);
        assert!(verdict.is_err(), "byte {at}");
    }
    for bytes in [[0; 256], [0xff; 256]] {
        let proof = CheckedProof::from_bytes_trusted(&bytes);
        assert!(neurostore_verifier::verify_checked(&key, &[input(7)], &proof).is_err());
    }
}

/// Whether a byte of a stored key has no part in verifying one proof for a small statement: the
/// hash that names the key, and the higher multiples of the two bases.
fn is_idle(byte: usize) -> bool {
    byte < 34 || (482..674).contains(&byte) || (738..930).contains(&byte)
}

/// The generators: points that anyone has at hand.
#[test]
fn proofs_made_of_generators_are_refused() {
    let key = admit(&Trapdoor::new(1).key(), 1).unwrap();
    let proof = Proof::<Bn254> {
        a: G1Affine::generator(),
        b: G2Affine::generator(),
        c: G1Affine::generator(),
    };
    let mut bytes = Vec::new();
    proof.serialize_compressed(&mut bytes).unwrap();
    assert_eq!(
        verify(&key, &[input(7)], &bytes),
        Err(VerifyError::Rejected)
    );
}
