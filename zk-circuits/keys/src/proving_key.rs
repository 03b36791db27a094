//! The part of a proving key that a prover without zero knowledge needs.

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;

/// A proving key without what only blinding needs, and without points at infinity.
///
/// Shard bytes are ciphertext, so a proof need not hide them: with both blinding factors zero the
/// whole of B in G1 drops out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvingKey {
    /// What the points of the quotient are multiplied by.
    pub reduction: Reduction,
    /// alpha in G1.
    pub alpha: G1Affine,
    /// beta in G2.
    pub beta: G2Affine,
    /// Points of the variables on the left of constraints.
    pub left: Query<G1Affine>,
    /// Points of the variables on the right of constraints.
    pub right: Query<G2Affine>,
    /// Points of the quotient, in the basis that the reduction says.
    pub quotient: Vec<G1Affine>,
    /// Points of the witness.
    pub witness: Vec<G1Affine>,
}

/// In which form a key takes the quotient (A B - C) / Z. Two toolchains settled on two; a key of
/// one with the quotient of the other gives proofs that nobody accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Its coefficients: keys that arkworks generated.
    Libsnark,
    /// The values of A B - C at the odd points of the domain of twice the size, where Z is -2:
    /// keys of a snarkjs ceremony. The constant is part of the points.
    Circom,
}

/// The points of some columns of an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query<G> {
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

impl ProvingKey {
    /// Takes out of a whole key what proving needs. Which reduction the key was made for cannot
    /// be seen in it.
    pub fn new(key: &ark_groth16::ProvingKey<Bn254>, reduction: Reduction) -> Self {
        Self {
            reduction,
            alpha: key.vk.alpha_g1,
            beta: key.vk.beta_g2,
            left: Query::new(&key.a_query),
            right: Query::new(&key.b_g2_query),
            quotient: key.h_query.clone(),
            witness: key.l_query.clone(),
        }
    }
}
