//! Whether a key before the first contribution is the one that follows from a circuit and powers
//! of tau.
//!
//! The points of a query are a matrix's columns, interpolated over the domain and evaluated at
//! tau. All of them are checked at once: a random combination of the columns is one polynomial,
//! and its value at tau must be the same combination of the points. Nothing of snarkjs' own
//! interpolation is believed.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::AdditiveGroup;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use neurostore_circuit::{Constraint, Constraints, Row, INSTANCE_COLUMNS};
use rand::RngCore;

use super::{
    powers::{factors, Powers},
    zkey::Zkey,
};
use crate::circuits::columns;

/// Why a key does not follow from circuit and powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StructureError {
    /// Somebody contributed already.
    #[error("the initial key has contributions: it must be the output of `snarkjs groth16 setup`")]
    NotInitial,
    /// A point of the key itself is not the one of the powers.
    #[error("{0} of the initial key is not the one of these powers of tau")]
    OtherPowers(&'static str),
    /// A query is not what circuit and powers make of it.
    #[error("the {0} of the initial key do not follow from the circuit and these powers of tau")]
    Query(&'static str),
}

/// Checks an initial key against the circuit and the powers.
pub(crate) fn check(
    initial: &Zkey,
    constraints: &Constraints,
    domain: Radix2EvaluationDomain<Fr>,
    powers: &Powers,
    random: &mut impl RngCore,
) -> Result<(), StructureError> {
    let key = &initial.key;
    if !initial.contributions.list.is_empty() {
        return Err(StructureError::NotInitial);
    }
    let (one_g1, one_g2) = (G1Affine::generator(), G2Affine::generator());
    let same = [
        ("alpha", Some(&key.vk.alpha_g1) == powers.alpha.first()),
        ("beta", Some(&key.beta_g1) == powers.beta.first()),
        ("beta in G2", key.vk.beta_g2 == powers.beta_g2),
        ("gamma", key.vk.gamma_g2 == one_g2),
        ("delta", key.delta_g1 == one_g1),
        ("delta in G2", key.vk.delta_g2 == one_g2),
    ];
    if let Some((name, _)) = same.iter().find(|(_, same)| !same) {
        return Err(StructureError::OtherPowers(name));
    }

    let factors = factors(columns(constraints), random);
    let combined = Combined::new(constraints, domain, &factors);
    let g1 = |points: &[G1Affine], factors: &[Fr]| G1Projective::msm_unchecked(points, factors);

    let left = g1(&powers.tau_g1, &combined.left);
    if g1(&key.a_query, &factors) != left {
        return Err(StructureError::Query("points of A"));
    }
    let right = g1(&powers.tau_g1, &combined.right);
    if g1(&key.b_g1_query, &factors) != right {
        return Err(StructureError::Query("points of B in G1"));
    }
    let right = G2Projective::msm_unchecked(&powers.tau_g2, &combined.right);
    if G2Projective::msm_unchecked(&key.b_g2_query, &factors) != right {
        return Err(StructureError::Query("points of B in G2"));
    }
    let (of_inputs, of_witness) = factors
        .split_at_checked(INSTANCE_COLUMNS)
        .unwrap_or_default();
    let sums = g1(&key.vk.gamma_abc_g1, of_inputs) + g1(&key.l_query, of_witness);
    let expected = g1(&powers.beta, &combined.left)
        + g1(&powers.alpha, &combined.right)
        + g1(&powers.tau_g1, &combined.result);
    if sums != expected {
        return Err(StructureError::Query("points of inputs and witness"));
    }
    check_quotient(&key.h_query, domain, powers, random)
}

/// The quotient's points are the odd Lagrange polynomials over the domain of twice the size, at
/// tau.
fn check_quotient(
    points: &[G1Affine],
    domain: Radix2EvaluationDomain<Fr>,
    powers: &Powers,
    random: &mut impl RngCore,
) -> Result<(), StructureError> {
    let wrong = StructureError::Query("points of the quotient");
    let factors = factors(points.len(), random);
    let twice: Radix2EvaluationDomain<Fr> =
        Radix2EvaluationDomain::new(domain.size().saturating_mul(2)).ok_or(wrong)?;
    let mut polynomial: Vec<_> = factors
        .iter()
        .flat_map(|factor| [Fr::ZERO, *factor])
        .collect();
    twice.ifft_in_place(&mut polynomial);
    let expected = G1Projective::msm_unchecked(&powers.tau_g1, &polynomial);
    if G1Projective::msm_unchecked(points, &factors) == expected {
        Ok(())
    } else {
        Err(wrong)
    }
}

/// A combination of the columns of each matrix, as polynomials in coefficients.
struct Combined {
    left: Vec<Fr>,
    right: Vec<Fr>,
    result: Vec<Fr>,
}

impl Combined {
    fn new(constraints: &Constraints, domain: Radix2EvaluationDomain<Fr>, factors: &[Fr]) -> Self {
        let matrix = |row: fn(&Constraint) -> &Row| -> Vec<Fr> {
            let rows = constraints.rows().iter();
            rows.map(|constraint| neurostore_circuit::evaluate(row(constraint), factors))
                .collect()
        };
        let mut left = matrix(|constraint| &constraint.left);
        // The rows after the constraints that keep the inputs independent.
        left.extend(factors.iter().take(INSTANCE_COLUMNS));
        Self {
            left: domain.ifft(&left),
            right: domain.ifft(&matrix(|constraint| &constraint.right)),
            result: domain.ifft(&matrix(|constraint| &constraint.result)),
        }
    }
}
