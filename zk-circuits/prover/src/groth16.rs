//! The Groth16 prover without zero knowledge and without matrices.
//!
//! The factors of every constraint come with the assignment, so nothing is multiplied by a
//! matrix, and with both blinding factors zero, B in G1 is not needed. A test holds the result
//! to the bytes of arkworks' own prover.

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::PrimeField;
use ark_groth16::Proof;
use neurostore_circuit::Assignment;
use neurostore_setup::{ProvingKey, Query};
use rayon::prelude::*;

use crate::quotient::quotient;

/// Proves an assignment, or `None` where the field has no domain of its size.
pub(crate) fn prove(key: &ProvingKey, assignment: &Assignment) -> Option<Proof<Bn254>> {
    let quotient = quotient(assignment, key.reduction)?;
    let values: Vec<_> = assignment
        .values()
        .par_iter()
        .map(|value| value.into_bigint())
        .collect();
    let witness: Vec<_> = values
        .iter()
        .skip(neurostore_circuit::INSTANCE_COLUMNS)
        .copied()
        .collect();
    let quotient: Vec<_> = quotient
        .par_iter()
        .map(|value| value.into_bigint())
        .collect();

    let a = combine::<G1Projective>(&key.left, &values) + key.alpha;
    let b = combine::<G2Projective>(&key.right, &values) + key.beta;
    let c = G1Projective::msm_bigint(&key.witness, &witness)
        + G1Projective::msm_bigint(&key.quotient, &quotient);
    Some(Proof {
        a: a.into_affine(),
        b: b.into_affine(),
        c: c.into_affine(),
    })
}

type BigInt = <Fr as PrimeField>::BigInt;

fn combine<G>(query: &Query<G::Affine>, values: &[BigInt]) -> G
where
    G: CurveGroup<ScalarField = Fr> + VariableBaseMSM<MulBase = <G as CurveGroup>::Affine>,
{
    let scalars: Vec<_> = query
        .columns
        .iter()
        .map(|column| values.get(*column as usize).copied().unwrap_or_default())
        .collect();
    G::msm_bigint(&query.points, &scalars)
}
