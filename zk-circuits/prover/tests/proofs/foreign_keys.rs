//! Keys that this project did not make: what a ceremony leaves behind.

use std::path::PathBuf;

use ark_ff::PrimeField;
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};
use neurostore_keys::{
    ceremony_file_name, ceremony_verifying_file_name, write_proving_key, ProvingKey, Reduction,
};
use neurostore_prover::{KeyFileError, LoadError, Options};
use tempfile::TempDir;

use super::*;

/// Keys as snarkjs makes them: the quotient's points are those of the odd points of the domain of
/// twice the size.
struct OddPoints;

impl R1CSToQAP for OddPoints {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        cs: ConstraintSystemRef<F>,
        t: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize), SynthesisError> {
        LibsnarkReduction::instance_map_with_evaluation::<F, D>(cs, t)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        _: &[Vec<Vec<(F, usize)>>],
        _: usize,
        _: usize,
        _: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        // The prover under test does this; only keys are made here.
        Err(SynthesisError::AssignmentMissing)
    }

    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        t: F,
        _: F,
        delta_inverse: F,
    ) -> Result<Vec<F>, SynthesisError> {
        let twice = D::new(2 * (max_power + 1)).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let lagrange = twice.evaluate_all_lagrange_coefficients(t);
        let odd = lagrange.into_iter().skip(1).step_by(2);
        Ok(odd.map(|value| value * delta_inverse).collect())
    }
}

/// Keys of circuit 4 that follow from no public seed, and the file of the proving key.
struct Foreign {
    verifying: Vec<u8>,
    file: PathBuf,
    _folder: TempDir,
}

fn foreign<Q: R1CSToQAP>(reduction: Reduction, seed: u64) -> Foreign {
    let mut rng = StdRng::seed_from_u64(seed);
    let blank = SpacetimeCircuit::<4>::blank();
    let keys = Groth16::<Bn254, Q>::generate_random_parameters_with_reduction(blank, &mut rng);
    let keys = keys.unwrap();
    let mut verifying = Vec::new();
    keys.vk.serialize_compressed(&mut verifying).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ceremony.pk");
    let key = ProvingKey::new(&keys, reduction);
    write_proving_key(&file, CIRCUIT, &verifying, &key).unwrap();
    Foreign {
        verifying,
        file,
        _folder: folder,
    }
}

fn proves<Q: R1CSToQAP>(reduction: Reduction) {
    let keys = foreign::<Q>(reduction, 5);
    for backend in Backend::all() {
        let options = Options {
            backend,
            ..Options::default()
        };
        let prover = Prover::open(CIRCUIT, &keys.file, &keys.verifying, options).unwrap();
        let proven = prover.prove(&context(), &samples(&INDICES)).unwrap();
        let key = admit(&keys.verifying, 1).unwrap();
        assert_eq!(verify(&key, &[proven.statement], &proven.proof), Ok(()));
    }
}

#[test]
fn a_key_that_takes_the_coefficients_of_the_quotient_proves() {
    proves::<LibsnarkReduction>(Reduction::Libsnark);
}

#[test]
fn a_key_that_takes_the_quotient_at_odd_points_proves() {
    proves::<OddPoints>(Reduction::Circom);
}

/// `dev-keys` writes `4.vk`, and must not stand in the way of a ceremony's keys.
#[test]
fn the_keys_of_a_ceremony_are_taken_out_of_a_folder_that_has_those_of_development_too() {
    let keys = foreign::<OddPoints>(Reduction::Circom, 10);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: String| folder.path().join(name);
    std::fs::copy(&keys.file, place(ceremony_file_name(CIRCUIT))).unwrap();
    let development = development_key(CIRCUIT).unwrap();
    std::fs::write(place(format!("{CIRCUIT}.vk")), development).unwrap();
    let open = || Prover::from_folder(CIRCUIT, folder.path(), Options::default());
    assert!(matches!(
        open(),
        Err(LoadError::Key(KeyFileError::Io { .. }))
    ));

    std::fs::write(
        place(ceremony_verifying_file_name(CIRCUIT)),
        &keys.verifying,
    )
    .unwrap();
    let proven = open()
        .unwrap()
        .prove(&context(), &samples(&INDICES))
        .unwrap();
    let key = admit(&keys.verifying, 1).unwrap();
    assert_eq!(verify(&key, &[proven.statement], &proven.proof), Ok(()));
}

mod reject {
    use super::*;

    #[test]
    fn a_key_that_is_said_to_be_for_the_other_reduction() {
        let keys = foreign::<OddPoints>(Reduction::Libsnark, 6);
        let prover = Prover::open(CIRCUIT, &keys.file, &keys.verifying, Options::default());
        let refused = prover.unwrap().prove(&context(), &samples(&INDICES));
        assert!(matches!(refused, Err(ProveError::SelfCheck(_))));
    }

    #[test]
    fn a_proving_key_that_was_made_with_another_verifying_key() {
        let keys = foreign::<LibsnarkReduction>(Reduction::Libsnark, 7);
        let other = development_key(CIRCUIT).unwrap();
        let opened = Prover::open(CIRCUIT, &keys.file, other, Options::default());
        assert!(matches!(
            opened,
            Err(LoadError::Key(KeyFileError::OtherCircuit(_)))
        ));
    }

    #[test]
    fn a_proving_key_with_points_of_another_set_up() {
        let keys = foreign::<LibsnarkReduction>(Reduction::Libsnark, 8);
        let development = neurostore_keys::development_keys(CIRCUIT).unwrap();
        let key = ProvingKey::new(&development.proving, Reduction::Libsnark);
        write_proving_key(&keys.file, CIRCUIT, &keys.verifying, &key).unwrap();
        let prover = Prover::open(CIRCUIT, &keys.file, &keys.verifying, Options::default());
        let refused = prover.unwrap().prove(&context(), &samples(&INDICES));
        assert!(matches!(refused, Err(ProveError::SelfCheck(_))));
    }

    #[test]
    fn a_verifying_key_that_no_chain_would_admit() {
        let keys = foreign::<LibsnarkReduction>(Reduction::Libsnark, 9);
        let cut = &keys.verifying[1..];
        let opened = Prover::open(CIRCUIT, &keys.file, cut, Options::default());
        assert!(matches!(opened, Err(LoadError::Admit(_))));
    }

    #[test]
    fn a_file_that_is_not_there() {
        let keys = foreign::<LibsnarkReduction>(Reduction::Libsnark, 10);
        let nowhere = keys.file.with_extension("nowhere");
        let opened = Prover::open(CIRCUIT, &nowhere, &keys.verifying, Options::default());
        assert!(matches!(
            opened,
            Err(LoadError::Key(KeyFileError::Io { .. }))
        ));
    }
}
