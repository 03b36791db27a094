//! Proofs of real samples, and what is refused of them.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // Tests panic where they fail.

mod foreign_keys;

use std::{num::NonZeroUsize, path::Path, sync::OnceLock};

use ark_bn254::{Bn254, Fr};
use ark_groth16::{Groth16, Proof, VerifyingKey};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use neurostore_circuit::SpacetimeCircuit;
use neurostore_poseidon::{shard_root, statement};
use neurostore_primitives::{
    statement_context, CircuitId, NodeId, ShardClass, ShardRoot, WindowIndex,
};
use neurostore_prover::{Backend, Options, ProveError, Proven, Prover, SampleWitness};
use neurostore_verifier::{admit, development_key, verify, PreparedKey, VerifyError};
use rand::{rngs::StdRng, SeedableRng};

const CIRCUIT: CircuitId = CircuitId(4);
const GENESIS: [u8; 32] = [1; 32];
const SEED: [u8; 32] = [2; 32];
const INDICES: [u16; 4] = [0, 5, 17, 63];

fn prover() -> &'static Prover {
    static PROVER: OnceLock<Prover> = OnceLock::new();
    PROVER.get_or_init(|| load(CIRCUIT))
}

/// Keys stay in the build folder, so that only the first run derives them.
fn load(circuit: CircuitId) -> Prover {
    Prover::load(circuit, Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap()
}

fn key(circuit: CircuitId) -> PreparedKey {
    admit(development_key(circuit).unwrap(), 1).unwrap()
}

fn context() -> [u8; 31] {
    statement_context(&GENESIS, NodeId(3), WindowIndex(9), &SEED, CIRCUIT)
}

fn samples(indices: &[u16]) -> Vec<SampleWitness> {
    let class = ShardClass::new(6).unwrap();
    let bytes: Vec<u8> = (0..class.shard_bytes())
        .map(|i| (i * 7 + i / 13) as u8)
        .collect();
    let (root, cache) = shard_root(class, &bytes).unwrap();
    indices
        .iter()
        .map(|index| SampleWitness::of_shard(&bytes, root, &cache, *index).unwrap())
        .collect()
}

/// The statement that the chain computes for these indices in another context.
fn statement_in(context: &[u8; 31], indices: &[u16]) -> [u8; 32] {
    let root = samples(&[0])[0].root;
    statement(context, &vec![root; indices.len()], indices).unwrap()
}

fn proven() -> &'static Proven {
    static PROVEN: OnceLock<Proven> = OnceLock::new();
    PROVEN.get_or_init(|| prover().prove(&context(), &samples(&INDICES)).unwrap())
}

#[test]
fn a_proof_verifies_against_the_committed_key() {
    let proven = proven();
    assert_eq!(proven.statement, statement_in(&context(), &INDICES));
    assert_eq!(
        verify(&key(CIRCUIT), &[proven.statement], &proven.proof),
        Ok(())
    );
}

/// Proves with every backend of this CPU and with one thread, and with arkworks' own prover.
fn holds_to_arkworks<const SAMPLES: usize>(indices: [u16; SAMPLES]) {
    let circuit = CircuitId(u16::try_from(SAMPLES).unwrap());
    let keys = neurostore_keys::development_keys(circuit).unwrap();
    let all = samples(&indices);
    let boxed: Box<[_; SAMPLES]> = all.clone().into_boxed_slice().try_into().unwrap();
    let circuit_with_samples = SpacetimeCircuit {
        context: context(),
        samples: Some(boxed),
    };
    let reference =
        Groth16::<Bn254>::create_proof_with_reduction_no_zk(circuit_with_samples, &keys.proving);
    let mut bytes = Vec::new();
    reference.unwrap().serialize_compressed(&mut bytes).unwrap();
    for backend in Backend::all() {
        let options = Options {
            threads: NonZeroUsize::new(1),
            backend,
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let prover = Prover::load_with(circuit, folder, options).unwrap();
        let proven = prover.prove(&context(), &all).unwrap();
        assert_eq!(proven.proof.to_vec(), bytes, "{backend:?}");
    }
}

#[test]
fn the_prover_without_matrices_gives_the_bytes_of_the_one_with_them() {
    holds_to_arkworks(INDICES);
}

#[test]
fn equal_leaves_give_the_bytes_of_arkworks_too() {
    holds_to_arkworks([0; 4]);
}

#[test]
fn equal_samples_may_be_proven_together() {
    let proven = prover().prove(&context(), &samples(&[9; 4])).unwrap();
    assert_eq!(
        verify(&key(CIRCUIT), &[proven.statement], &proven.proof),
        Ok(())
    );
}

#[test]
fn the_circuits_of_24_and_48_samples_prove_too() {
    for count in [24, 48] {
        let circuit = CircuitId(count);
        let prover = load(circuit);
        let indices: Vec<u16> = (0..count).map(|i| i * 5 % 64).collect();
        let proven = prover.prove(&context(), &samples(&indices)).unwrap();
        assert_eq!(proven.statement, statement_in(&context(), &indices));
        let verified = verify(&key(circuit), &[proven.statement], &proven.proof);
        assert_eq!(verified, Ok(()));
    }
}

#[test]
fn a_prover_uses_as_many_threads_as_it_is_told() {
    let options = Options {
        threads: NonZeroUsize::new(3),
        ..Options::default()
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let prover = Prover::load_with(CIRCUIT, folder, options).unwrap();
    assert_eq!(prover.threads(), 3);
}

mod reject {
    use super::*;

    fn verdict(statement: [u8; 32]) -> Result<(), VerifyError> {
        verify(&key(CIRCUIT), &[statement], &proven().proof)
    }

    #[test]
    fn the_proof_of_another_node_window_chain_seed_or_circuit() {
        let contexts = [
            statement_context(&GENESIS, NodeId(4), WindowIndex(9), &SEED, CIRCUIT),
            statement_context(&GENESIS, NodeId(3), WindowIndex(10), &SEED, CIRCUIT),
            statement_context(&[9; 32], NodeId(3), WindowIndex(9), &SEED, CIRCUIT),
            statement_context(&GENESIS, NodeId(3), WindowIndex(9), &[9; 32], CIRCUIT),
            statement_context(&GENESIS, NodeId(3), WindowIndex(9), &SEED, CircuitId(24)),
        ];
        for context in contexts {
            let other = statement_in(&context, &INDICES);
            assert_eq!(verdict(other), Err(VerifyError::Rejected));
        }
    }

    #[test]
    fn the_proof_of_other_leaves() {
        for indices in [[1, 5, 17, 63], [5, 0, 17, 63], [0, 5, 17, 62]] {
            assert_eq!(
                verdict(statement_in(&context(), &indices)),
                Err(VerifyError::Rejected)
            );
        }
    }

    #[test]
    fn the_proof_of_another_shard() {
        let mut roots = vec![samples(&[0])[0].root; 4];
        roots[3] = ShardRoot([5; 32]);
        let other = statement(&context(), &roots, &INDICES).unwrap();
        assert_eq!(verdict(other), Err(VerifyError::Rejected));
    }

    #[test]
    fn a_proof_under_the_key_of_another_circuit() {
        let proven = proven();
        let verdict = verify(&key(CircuitId(24)), &[proven.statement], &proven.proof);
        assert_eq!(verdict, Err(VerifyError::Rejected));
    }

    #[test]
    fn a_rerandomised_proof_for_any_statement_but_its_own() {
        let bytes = development_key(CIRCUIT).unwrap();
        let key = VerifyingKey::<Bn254>::deserialize_compressed(bytes).unwrap();
        let proof = Proof::deserialize_compressed(&proven().proof[..]).unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let other = Groth16::<Bn254>::rerandomize_proof(&key, &proof, &mut rng);
        let mut other_bytes = Vec::new();
        other.serialize_compressed(&mut other_bytes).unwrap();
        assert_ne!(other_bytes, proven().proof);

        let key = super::key(CIRCUIT);
        assert_eq!(verify(&key, &[proven().statement], &other_bytes), Ok(()));
        let elsewhere = statement_in(&[7; 31], &INDICES);
        assert_eq!(
            verify(&key, &[elsewhere], &other_bytes),
            Err(VerifyError::Rejected)
        );
    }

    #[test]
    fn a_statement_that_is_the_same_number_modulo_r() {
        use ark_ff::{BigInteger, PrimeField};
        let mut number = Fr::from_le_bytes_mod_order(&proven().statement).into_bigint();
        number.add_with_carry(&Fr::MODULUS);
        let alias = number.to_bytes_le().try_into().unwrap();
        assert_eq!(verdict(alias), Err(VerifyError::InputNotCanonical(0)));
    }

    #[test]
    fn too_few_and_too_many_samples() {
        for count in [0, 3, 5] {
            let refused = prover().prove(&context(), &samples(&vec![1; count]));
            assert!(matches!(
                refused,
                Err(ProveError::WrongSampleCount { expected: 4, actual }) if actual == count
            ));
        }
    }

    #[test]
    fn a_damaged_leaf_by_its_number() {
        let mut damaged = samples(&INDICES);
        damaged[2].leaf[500] ^= 1;
        let refused = prover().prove(&context(), &damaged);
        assert!(matches!(refused, Err(ProveError::WrongRoot(2))));
    }

    #[test]
    fn a_junk_root_by_its_number() {
        for junk in [[0; 32], [0xff; 32]] {
            let mut damaged = samples(&INDICES);
            damaged[1].root = ShardRoot(junk);
            let refused = prover().prove(&context(), &damaged);
            assert!(matches!(refused, Err(ProveError::WrongRoot(1))));
        }
    }

    #[test]
    fn a_leaf_under_another_index_by_its_number() {
        let mut damaged = samples(&INDICES);
        damaged[3].index = 62;
        let refused = prover().prove(&context(), &damaged);
        assert!(matches!(refused, Err(ProveError::WrongRoot(3))));
    }
}
