//! What a gadget is written against.

use ark_bn254::Fr;

/// Receives the variables and constraints of a circuit, one gadget call after the other.
///
/// Every gadget is written once, against this trait. [`crate::Constraints`] sees the linear
/// combinations and no values, and gives the matrices; [`crate::Assignment`] sees the values and
/// no linear combinations, and gives the witness. Both number variables in the order of the calls,
/// which never depends on values.
pub trait Builder {
    /// A linear combination of variables.
    type Wire: Clone;

    /// A constant.
    fn constant(&self, value: Fr) -> Self::Wire;

    /// The sum of wires, each times a constant. Costs no constraint.
    fn sum(&self, terms: &[(Fr, &Self::Wire)]) -> Self::Wire;

    /// A new variable that no constraint holds yet: the prover may choose it freely.
    fn free(&mut self, value: Fr) -> Self::Wire;

    /// A new variable that is the product of two wires. Costs one constraint.
    ///
    /// Variables of `right` cost the prover a point of G2 each, those of `left` one of G1.
    fn product(&mut self, left: &Self::Wire, right: &Self::Wire) -> Self::Wire;

    /// Constrains `left * right = result`.
    fn enforce(&mut self, left: &Self::Wire, right: &Self::Wire, result: &Self::Wire);

    /// Makes `wire` the value of the public input.
    fn publish(&mut self, wire: &Self::Wire);
}
