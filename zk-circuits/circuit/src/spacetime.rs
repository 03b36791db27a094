//! The proof-of-spacetime circuit.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use neurostore_poseidon::{context_to_field, statement_tag, INDICES_PER_ELEMENT};

use crate::{
    builder::Builder,
    constraints::{Row, INSTANCE_COLUMNS},
    permutation::sponge,
    sample::{sample, SampleValues, SampleWitness},
    Assignment, Constraints,
};

/// Proves that the prover knows the leaf at each of `SAMPLES` positions in shards with given
/// roots. The one public input is the statement: the hash of a context, the roots and the
/// positions, which the verifier computes for itself.
///
/// Roots are computed and never given, and the bits that walk up a path are the bits that enter
/// the statement: nothing a prover could choose stands between a leaf and the statement.
#[derive(Clone, Debug)]
pub struct SpacetimeCircuit<const SAMPLES: usize> {
    /// What binds the statement to chain, node, window, seed and circuit.
    pub context: [u8; 31],
    /// The samples; `None` where only the constraints are asked for.
    pub samples: Option<Box<[SampleWitness; SAMPLES]>>,
}

impl<const SAMPLES: usize> SpacetimeCircuit<SAMPLES> {
    /// A circuit without witness, for set-up.
    pub fn blank() -> Self {
        Self {
            context: [0; 31],
            samples: None,
        }
    }

    /// The constraints. They do not depend on the witness.
    pub fn constraints() -> Constraints {
        constraints(SAMPLES)
    }

    /// The values, or `None` without samples.
    pub fn assignment(&self) -> Option<Assignment> {
        self.samples
            .as_ref()
            .map(|samples| assign(&self.context, samples.as_slice()))
    }
}

/// The constraints of a circuit with this many samples.
pub fn constraints(samples: usize) -> Constraints {
    let mut constraints = Constraints::default();
    let blank: Vec<_> = (0..samples).map(|_| SampleValues::blank()).collect();
    synthesize(&mut constraints, Fr::ZERO, &blank);
    constraints
}

/// The values of a circuit with as many samples as are given.
pub fn assign(context: &[u8; 31], samples: &[SampleWitness]) -> Assignment {
    let values: Vec<_> = samples.iter().map(SampleValues::from).collect();
    let mut assignment = Assignment::default();
    synthesize(&mut assignment, context_to_field(context), &values);
    assignment
}

/// Twin of [`neurostore_poseidon::statement`], over samples whose roots it computes.
fn synthesize<B: Builder>(builder: &mut B, context: Fr, samples: &[SampleValues]) {
    let mut inputs = vec![builder.free(context)];
    let mut bits = Vec::new();
    for values in samples {
        let wires = sample(builder, values);
        inputs.push(wires.root);
        bits.push(wires.index_bits);
    }
    for group in bits.chunks(INDICES_PER_ELEMENT) {
        let mut weight = Fr::ONE;
        let terms: Vec<_> = group
            .iter()
            .flatten()
            .map(|bit| {
                let term = (weight, bit);
                weight.double_in_place();
                term
            })
            .collect();
        inputs.push(builder.sum(&terms));
    }
    // More than 255 samples have no statement; no such circuit is ever built.
    let count = u8::try_from(samples.len()).unwrap_or(u8::MAX);
    let statement = sponge(builder, statement_tag(count), &inputs);
    builder.publish(&statement);
}

impl<const SAMPLES: usize> ConstraintSynthesizer<Fr> for SpacetimeCircuit<SAMPLES> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let assignment = self.assignment();
        let constraints = Self::constraints();
        let missing = SynthesisError::AssignmentMissing;
        let _ =
            cs.new_input_variable(|| assignment.as_ref().map(Assignment::public).ok_or(missing))?;
        for witness in 0..constraints.witnesses() {
            let _ = cs.new_witness_variable(|| {
                let values = assignment
                    .as_ref()
                    .map(Assignment::witness)
                    .unwrap_or_default();
                values.get(witness).copied().ok_or(missing)
            })?;
        }
        for row in constraints.rows() {
            cs.enforce_r1cs_constraint(
                || combination(&row.left),
                || combination(&row.right),
                || combination(&row.result),
            )?;
        }
        Ok(())
    }
}

fn combination(row: &Row) -> LinearCombination<Fr> {
    let variable = |column: usize| match column.checked_sub(INSTANCE_COLUMNS) {
        Some(witness) => Variable::witness(witness),
        None if column == 0 => Variable::One,
        None => Variable::instance(column),
    };
    LinearCombination(
        row.iter()
            .map(|(column, factor)| (*factor, variable(*column)))
            .collect(),
    )
}
