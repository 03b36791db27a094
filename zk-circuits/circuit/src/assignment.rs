//! The circuit as values.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use crate::builder::Builder;

/// Computes a circuit's values. Knows no linear combinations.
///
/// The factors of every constraint fall out on the way, so that a prover needs no matrices: they
/// are what the matrices times the assignment would give.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    public: Fr,
    witness: Vec<Fr>,
    left: Vec<Fr>,
    right: Vec<Fr>,
}

impl Assignment {
    /// The public input.
    pub fn public(&self) -> Fr {
        self.public
    }

    /// The values of all variables but the constant and the public input.
    pub fn witness(&self) -> &[Fr] {
        &self.witness
    }

    /// The left factor of every constraint.
    pub fn left(&self) -> &[Fr] {
        &self.left
    }

    /// The right factor of every constraint.
    pub fn right(&self) -> &[Fr] {
        &self.right
    }

    /// All values in column order: one, the public input, the witness.
    pub fn values(&self) -> Vec<Fr> {
        [Fr::ONE, self.public]
            .into_iter()
            .chain(self.witness.iter().copied())
            .collect()
    }
}

impl Builder for Assignment {
    type Wire = Fr;

    fn constant(&self, value: Fr) -> Fr {
        value
    }

    fn sum(&self, terms: &[(Fr, &Fr)]) -> Fr {
        terms.iter().fold(Fr::ZERO, |sum, (factor, value)| {
            sum + if *factor == Fr::ONE {
                **value
            } else {
                *factor * *value
            }
        })
    }

    fn free(&mut self, value: Fr) -> Fr {
        self.witness.push(value);
        value
    }

    fn product(&mut self, left: &Fr, right: &Fr) -> Fr {
        let product = *left * right;
        self.witness.push(product);
        self.enforce(left, right, &product);
        product
    }

    fn enforce(&mut self, left: &Fr, right: &Fr, _result: &Fr) {
        self.left.push(*left);
        self.right.push(*right);
    }

    fn publish(&mut self, wire: &Fr) {
        self.public = *wire;
        self.enforce(wire, &Fr::ONE, wire);
    }
}
