//! The part of a proving key that a prover without zero knowledge needs.

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};

/// A proving key without what only blinding needs, and without points at infinity.
///
/// Shard bytes are ciphertext, so a proof need not hide them: with both blinding factors zero the
/// whole of B in G1 drops out.
#[derive(Clone, Debug, PartialEq, Eq, CanonicalSerialize, CanonicalDeserialize)]
pub struct ProvingKey {
    /// alpha in G1.
    pub alpha: G1Affine,
    /// beta in G2.
    pub beta: G2Affine,
    /// Points of the variables on the left of constraints.
    pub left: Query<G1Affine>,
    /// Points of the variables on the right of constraints.
    pub right: Query<G2Affine>,
    /// Points of the quotient polynomial's coefficients.
    pub quotient: Vec<G1Affine>,
    /// Points of the witness.
    pub witness: Vec<G1Affine>,
}

/// The points of some columns of an assignment.
#[derive(Clone, Debug, PartialEq, Eq, CanonicalSerialize, CanonicalDeserialize)]
pub struct Query<G: AffineRepr> {
    /// The columns, ascending.
    pub columns: Vec<u32>,
    /// A point for each.
    pub points: Vec<G>,
}

impl<G: AffineRepr> Query<G> {
    fn new(points: &[G]) -> Self {
        let present = (0u32..).zip(points).filter(|(_, point)| !point.is_zero());
        let (columns, points) = present.map(|(column, point)| (column, *point)).unzip();
        Self { columns, points }
    }
}

impl From<&ark_groth16::ProvingKey<Bn254>> for ProvingKey {
    fn from(key: &ark_groth16::ProvingKey<Bn254>) -> Self {
        Self {
            alpha: key.vk.alpha_g1,
            beta: key.vk.beta_g2,
            left: Query::new(&key.a_query),
            right: Query::new(&key.b_g2_query),
            quotient: key.h_query.clone(),
            witness: key.l_query.clone(),
        }
    }
}
