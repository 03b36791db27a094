//! The Groth16 prover without zero knowledge and without matrices.
//!
//! The factors of every constraint come with the assignment, so nothing is multiplied by a
//! matrix, and with both blinding factors zero, B in G1 is not needed. A test holds the result
//! to the bytes of arkworks' own prover.

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, FftField, Field, PrimeField};
use ark_groth16::Proof;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use neurostore_circuit::Assignment;
use neurostore_setup::{ProvingKey, Query};
use rayon::prelude::*;

/// Proves an assignment, or `None` where the field has no domain of its size.
pub(crate) fn prove(key: &ProvingKey, assignment: &Assignment) -> Option<Proof<Bn254>> {
    let quotient = quotient(assignment)?;
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

/// The coefficients of (A B - C) / Z, where A and B run through the factors of the constraints
/// and C through their products.
///
/// On a coset of the domain Z is one constant. A B, interpolated there, is C plus Z times the
/// quotient, coefficient by coefficient; and C, of low degree, is interpolated on the domain.
fn quotient(assignment: &Assignment) -> Option<Vec<Fr>> {
    // After the constraints, one row for each instance column keeps the inputs independent.
    let inputs = [Fr::ONE, assignment.public()];
    let rows = assignment.left().len().checked_add(inputs.len())?;
    let domain = Radix2EvaluationDomain::<Fr>::new(rows)?;
    let coset = domain.get_coset(Fr::GENERATOR)?;
    let vanishing = domain
        .evaluate_vanishing_polynomial(Fr::GENERATOR)
        .inverse()?;

    let mut left = assignment.left().to_vec();
    left.extend(inputs);
    left.resize(domain.size(), Fr::ZERO);
    let mut right = assignment.right().to_vec();
    right.resize(domain.size(), Fr::ZERO);
    let mut product: Vec<Fr> = left.par_iter().zip(&right).map(|(a, b)| *a * b).collect();

    domain.ifft_in_place(&mut product);
    for factor in [&mut left, &mut right] {
        domain.ifft_in_place(factor);
        coset.fft_in_place(factor);
    }
    left.par_iter_mut().zip(&right).for_each(|(a, b)| *a *= b);
    coset.ifft_in_place(&mut left);
    left.par_iter_mut().zip(&product).for_each(|(ab, c)| {
        *ab -= c;
        *ab *= vanishing;
    });
    Some(left)
}
