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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::INDEX_BITS;
    use neurostore_poseidon::shard_root;
    use neurostore_primitives::{ShardClass, LEAF_BYTES};

    /// A prover who lies about free variables and computes everything else as it follows.
    #[derive(Default)]
    struct Liar {
        told: Assignment,
        free: usize,
        /// What is said instead of the truth, by the number of the free variable.
        lies: Vec<(usize, Fr)>,
    }

    impl Builder for Liar {
        type Wire = Fr;

        fn constant(&self, value: Fr) -> Fr {
            value
        }

        fn sum(&self, terms: &[(Fr, &Fr)]) -> Fr {
            self.told.sum(terms)
        }

        fn free(&mut self, value: Fr) -> Fr {
            let lie = self.lies.iter().find(|(number, _)| *number == self.free);
            self.free += 1;
            self.told.free(lie.map_or(value, |(_, lie)| *lie))
        }

        fn product(&mut self, left: &Fr, right: &Fr) -> Fr {
            self.told.product(left, right)
        }

        fn enforce(&mut self, left: &Fr, right: &Fr, result: &Fr) {
            self.told.enforce(left, right, result);
        }

        fn publish(&mut self, wire: &Fr) {
            self.told.publish(wire);
        }
    }

    /// Two samples of a shard of 16 leaves, at positions 6 and 9.
    fn values() -> Vec<SampleValues> {
        let class = ShardClass::new(4).unwrap();
        let bytes: Vec<u8> = (0..=250).cycle().take(16 * LEAF_BYTES).collect();
        let (root, cache) = shard_root(class, &bytes).unwrap();
        let sample = |index| SampleWitness::of_shard(&bytes, root, &cache, index).unwrap();
        [6, 9]
            .map(|index| SampleValues::from(&sample(index)))
            .into()
    }

    fn lie(lies: Vec<(usize, Fr)>) -> Liar {
        let mut liar = Liar {
            lies,
            ..Liar::default()
        };
        synthesize(&mut liar, Fr::from(7u8), &values());
        liar
    }

    /// The free variables of the first sample: the context stands before them.
    const FIRST_BIT: usize = 1 + neurostore_poseidon::LEAF_ELEMENTS;

    #[test]
    fn no_free_variable_can_change_without_the_statement() {
        let constraints = SpacetimeCircuit::<2>::constraints();
        let honest = lie(vec![]);
        assert_eq!(constraints.first_unsatisfied(&honest.told.values()), None);
        for number in 0..honest.free {
            let told = lie(vec![(number, Fr::from(12345u64))]).told;
            assert_ne!(
                told.public(),
                honest.told.public(),
                "free variable {number}"
            );
        }
    }

    #[test]
    fn position_bits_that_pack_to_the_same_index_are_caught_for_not_being_bits() {
        let constraints = SpacetimeCircuit::<2>::constraints();
        // Position 6 is 0110: twice the lowest bit instead of the second, and likewise upwards.
        let [zero, one, two] = [0u8, 1, 2].map(Fr::from);
        for (low, lies) in [(0, [two, zero]), (1, [-one, two]), (2, [-one, one])] {
            let lies = [(FIRST_BIT + low, lies[0]), (FIRST_BIT + low + 1, lies[1])];
            let told = lie(lies.to_vec()).told;
            // The constraints of the bits are the first of all.
            let caught = constraints.first_unsatisfied(&told.values());
            assert!(caught.is_some_and(|row| row < INDEX_BITS), "from bit {low}");
        }
    }

    #[test]
    fn packed_indices_are_below_the_field_so_that_no_two_pack_alike() {
        let bits = INDICES_PER_ELEMENT * INDEX_BITS;
        assert!(bits < <Fr as ark_ff::PrimeField>::MODULUS_BIT_SIZE as usize);
    }
}
