//! One proof under a new key that must verify, and two that must not.
//!
//! Made with arkworks' prover and not with our own: two implementations have to agree on the key
//! before anyone relies on it.

use ark_bn254::{Bn254, Fr};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use ark_groth16::{r1cs_to_qap::R1CSToQAP, Groth16, ProvingKey};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};
use ark_serialize::{CanonicalSerialize, SerializationError};
use neurostore_circuit::{assign, Constraint, Constraints, Row, SampleWitness, INSTANCE_COLUMNS};
use neurostore_poseidon::shard_root;
use neurostore_primitives::{CircuitId, ShardClass, LEAF_BYTES};
use neurostore_verifier::{verify, PreparedKey, VerifyError};

/// Any context: nobody accepts the proof for anything.
const CONTEXT: [u8; 31] = *b"neurostore/ceremony/1/self-test";

/// Why a key cannot be used although it looks right.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// A true statement cannot be proven under the key.
    #[error("a proof under the key does not verify: {0}")]
    Honest(VerifyError),
    /// A false statement can.
    #[error("the key accepts {0}")]
    Forged(&'static str),
    /// No proof could be made.
    #[error("no proof could be made: {0}")]
    Proving(#[from] SynthesisError),
    /// The proof could not be encoded.
    #[error("the proof could not be encoded: {0}")]
    Encoding(#[from] SerializationError),
    /// No sample could be made.
    #[error("no sample to prove could be made")]
    Sample,
}

/// Proves with the key and verifies with its verifying key.
pub(crate) fn run(
    circuit: CircuitId,
    constraints: &Constraints,
    proving: &ProvingKey<Bn254>,
    verifying: &PreparedKey,
) -> Result<(), SelfTestError> {
    let sample = sample().ok_or(SelfTestError::Sample)?;
    let samples = vec![sample; usize::from(circuit.0)];
    let mut values = assign(&CONTEXT, &samples).values();
    let statement = values.get(1).copied().unwrap_or_default();
    let rows = |row: fn(&Constraint) -> &Row| -> Vec<Vec<(Fr, usize)>> {
        let flipped = |constraint| {
            let entries = row(constraint).iter();
            entries.map(|(column, value)| (*value, *column)).collect()
        };
        constraints.rows().iter().map(flipped).collect()
    };
    let matrices = [
        rows(|constraint| &constraint.left),
        rows(|constraint| &constraint.right),
    ];
    let prove = |values: &[Fr]| -> Result<Vec<u8>, SelfTestError> {
        let proof = Groth16::<Bn254, CircomReduction>::create_proof_with_reduction_and_matrices(
            proving,
            Fr::ZERO,
            Fr::ZERO,
            &matrices,
            INSTANCE_COLUMNS,
            constraints.rows().len(),
            values,
        )?;
        let mut bytes = Vec::new();
        proof.serialize_compressed(&mut bytes)?;
        Ok(bytes)
    };

    let verdict = |statement: Fr, proof: &[u8]| verify(verifying, &[input(statement)], proof);

    let honest = prove(&values)?;
    verdict(statement, &honest).map_err(SelfTestError::Honest)?;
    if verdict(statement + Fr::ONE, &honest) != Err(VerifyError::Rejected) {
        return Err(SelfTestError::Forged("a proof of another statement"));
    }
    // The last variable enters the statement, so no constraint system of ours leaves it free.
    if let Some(last) = values.last_mut() {
        *last += Fr::ONE;
    }
    if verdict(statement, &prove(&values)?) != Err(VerifyError::Rejected) {
        return Err(SelfTestError::Forged("a proof of a false witness"));
    }
    Ok(())
}

/// A public input as chains give it.
fn input(value: Fr) -> [u8; 32] {
    let mut bytes = [0; 32];
    let words = value.into_bigint().to_bytes_le();
    for (to, from) in bytes.iter_mut().zip(words) {
        *to = from;
    }
    bytes
}

/// The only leaf of a shard of one.
fn sample() -> Option<SampleWitness> {
    let leaf = [0x5e; LEAF_BYTES];
    let (root, cache) = shard_root(ShardClass::new(0)?, &leaf).ok()?;
    SampleWitness::of_shard(&leaf, root, &cache, 0).ok()
}

/// The quotient in snarkjs' form: A B - C at the odd points of the domain of twice the size.
struct CircomReduction;

/// Keys in this form are made by ceremonies and by nobody else.
const NO_SETUP: SynthesisError = SynthesisError::MissingCS;

impl R1CSToQAP for CircomReduction {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        _: ConstraintSystemRef<F>,
        _: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize), SynthesisError> {
        Err(NO_SETUP)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Vec<Vec<(F, usize)>>],
        num_inputs: usize,
        num_constraints: usize,
        full_assignment: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        let too_large = SynthesisError::PolynomialDegreeTooLarge;
        let domain = D::new(num_constraints.saturating_add(num_inputs)).ok_or(too_large)?;
        let twice = D::new(domain.size().saturating_mul(2)).ok_or(too_large)?;
        let odd = domain.get_coset(twice.group_gen()).ok_or(too_large)?;

        let [left, right] = matrices else {
            return Err(SynthesisError::AssignmentMissing);
        };
        let values = |matrix: &[Vec<(F, usize)>]| -> Vec<F> {
            let value = |column: &usize| full_assignment.get(*column).copied().unwrap_or(F::ZERO);
            matrix
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|(factor, column)| *factor * value(column))
                        .sum()
                })
                .collect()
        };
        let (mut left, mut right) = (values(left), values(right));
        let mut product: Vec<F> = left.iter().zip(&right).map(|(a, b)| *a * b).collect();
        left.extend(full_assignment.iter().take(num_inputs));
        for column in [&mut left, &mut right, &mut product] {
            column.resize(domain.size(), F::ZERO);
            domain.ifft_in_place(column);
            odd.fft_in_place(column);
        }
        let factors = left.into_iter().zip(right).zip(product);
        Ok(factors.map(|((a, b), c)| a * b - c).collect())
    }

    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        _: usize,
        _: F,
        _: F,
        _: F,
    ) -> Result<Vec<F>, SynthesisError> {
        Err(NO_SETUP)
    }
}
