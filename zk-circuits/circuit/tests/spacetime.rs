//! The circuit against its native twin and against provers who lie.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // Tests panic where they fail.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystem};
use neurostore_circuit::{
    assign, evaluate, Assignment, Constraints, SampleWitness, SpacetimeCircuit,
};
use neurostore_poseidon::{root_to_field, shard_root, statement};
use neurostore_primitives::{ShardClass, ShardRoot};

const CONTEXT: [u8; 31] = [0xa5; 31];
const INDICES: [u16; 4] = [0, 7, 18, 31];

/// Samples of one shard of 32 leaves.
fn samples<const N: usize>(indices: [u16; N]) -> Box<[SampleWitness; N]> {
    let class = ShardClass::new(5).unwrap();
    let bytes: Vec<u8> = (0..class.shard_bytes())
        .map(|i| (i * 31 + i / 7) as u8)
        .collect();
    let (root, cache) = shard_root(class, &bytes).unwrap();
    Box::new(indices.map(|index| SampleWitness::of_shard(&bytes, root, &cache, index).unwrap()))
}

fn native(samples: &[SampleWitness]) -> Fr {
    let roots: Vec<_> = samples.iter().map(|sample| sample.root).collect();
    let leaves: Vec<_> = samples.iter().map(|sample| sample.index).collect();
    root_to_field(&ShardRoot(statement(&CONTEXT, &roots, &leaves).unwrap())).unwrap()
}

fn one_sample() -> (Constraints, Assignment) {
    let samples = samples([18]);
    (
        SpacetimeCircuit::<1>::constraints(),
        assign(&CONTEXT, samples.as_slice()),
    )
}

#[test]
fn circuits_have_the_expected_sizes() {
    let rows = |constraints: Constraints| constraints.rows().len();
    assert_eq!(
        rows(SpacetimeCircuit::<4>::constraints()),
        4 * 3537 + 459 + 1
    );
    assert_eq!(
        rows(SpacetimeCircuit::<24>::constraints()),
        24 * 3537 + 3 * 459 + 1
    );
    let production = rows(SpacetimeCircuit::<48>::constraints());
    assert_eq!(production, 48 * 3537 + 5 * 459 + 1);
    // With a row for each instance column they fit their domains, which set-up and prover pay for.
    assert!(rows(SpacetimeCircuit::<4>::constraints()) + 2 <= 1 << 14);
    assert!(rows(SpacetimeCircuit::<24>::constraints()) + 2 <= 1 << 17);
    assert!(production + 2 <= 1 << 18);
    assert!(production / 48 <= 3700, "{} a sample", production / 48);
}

#[test]
fn the_public_input_is_the_native_statement() {
    let samples = samples(INDICES);
    let assignment = assign(&CONTEXT, samples.as_slice());
    assert_eq!(assignment.public(), native(samples.as_slice()));
    let constraints = SpacetimeCircuit::<4>::constraints();
    assert_eq!(constraints.witnesses(), assignment.witness().len());
    assert_eq!(constraints.first_unsatisfied(&assignment.values()), None);
}

#[test]
fn more_than_fifteen_indices_are_packed_as_the_native_statement_packs_them() {
    let indices: [u16; 17] = std::array::from_fn(|i| (i as u16 * 11) % 32);
    let samples = samples(indices);
    assert_eq!(
        assign(&CONTEXT, samples.as_slice()).public(),
        native(samples.as_slice())
    );
}

#[test]
fn the_factors_of_an_assignment_are_the_matrices_times_its_values() {
    let (constraints, assignment) = one_sample();
    let values = assignment.values();
    let factors = assignment.left().iter().zip(assignment.right());
    assert_eq!(constraints.rows().len(), assignment.left().len());
    for (row, (left, right)) in constraints.rows().iter().zip(factors) {
        assert_eq!(evaluate(&row.left, &values), *left);
        assert_eq!(evaluate(&row.right, &values), *right);
    }
}

#[test]
fn arkworks_accepts_the_circuit_with_its_witness() {
    let cs = ConstraintSystem::new_ref();
    let circuit = SpacetimeCircuit::<1> {
        context: CONTEXT,
        samples: Some(samples([18])),
    };
    circuit.generate_constraints(cs.clone()).unwrap();
    assert!(cs.is_satisfied().unwrap());
    assert_eq!(cs.num_constraints(), 3537 + 459 + 1);
    assert_eq!(cs.num_instance_variables(), 2);
}

/// Changes variables one by one, in three ways each, and expects a constraint to notice.
fn expect_every_change_to_be_caught(
    constraints: &Constraints,
    assignment: &Assignment,
    columns: impl Iterator<Item = usize>,
) {
    let mut values = assignment.values();
    assert_eq!(constraints.first_unsatisfied(&values), None);
    let mut touched = vec![Vec::new(); values.len()];
    for (number, row) in constraints.rows().iter().enumerate() {
        for (column, _) in [&row.left, &row.right, &row.result].into_iter().flatten() {
            // A row that has a column twice is looked at twice.
            touched[*column].push(number);
        }
    }
    for column in columns {
        let honest = values[column];
        for changed in [honest + Fr::ONE, Fr::ZERO, -honest] {
            if changed == honest {
                continue;
            }
            values[column] = changed;
            let caught = touched[column]
                .iter()
                .any(|row| !constraints.rows()[*row].is_satisfied(&values));
            assert!(caught, "column {column}");
        }
        values[column] = honest;
    }
}

#[test]
fn every_changed_variable_of_four_samples_breaks_a_constraint() {
    let assignment = assign(&CONTEXT, samples(INDICES).as_slice());
    let columns = 1..assignment.values().len();
    expect_every_change_to_be_caught(&SpacetimeCircuit::<4>::constraints(), &assignment, columns);
}

/// The larger circuits are the same gadgets more often: every 97th variable, a prime, meets every
/// kind of them.
fn expect_changes_to_be_caught<const SAMPLES: usize>() {
    let indices: [u16; SAMPLES] = std::array::from_fn(|i| (i as u16 * 7) % 32);
    let assignment = assign(&CONTEXT, samples(indices).as_slice());
    let columns = (1..assignment.values().len()).step_by(97);
    let constraints = SpacetimeCircuit::<SAMPLES>::constraints();
    expect_every_change_to_be_caught(&constraints, &assignment, columns);
}

#[test]
fn changed_variables_of_24_samples_break_constraints() {
    expect_changes_to_be_caught::<24>();
}

#[test]
fn changed_variables_of_48_samples_break_constraints() {
    expect_changes_to_be_caught::<48>();
}

mod reject {
    use super::*;

    /// Whether the circuit takes this witness for the statement of the honest samples.
    fn accepts(change: impl FnOnce(&mut [SampleWitness; 4], &mut [u8; 31])) -> bool {
        let mut samples = samples(INDICES);
        let mut context = CONTEXT;
        let honest = native(samples.as_slice());
        change(&mut samples, &mut context);
        let mut values = assign(&context, samples.as_slice()).values();
        values[1] = honest;
        SpacetimeCircuit::<4>::constraints()
            .first_unsatisfied(&values)
            .is_none()
    }

    #[test]
    fn nothing_when_nothing_is_changed() {
        assert!(accepts(|_, _| ()));
    }

    #[test]
    fn a_leaf_with_one_bit_flipped() {
        assert!(!accepts(|samples, _| samples[2].leaf[1023] ^= 0x80));
    }

    #[test]
    fn a_leaf_of_another_position_with_its_own_path() {
        assert!(!accepts(|samples, _| samples[1] = samples[2].clone()));
    }

    #[test]
    fn the_right_leaf_under_another_index() {
        assert!(!accepts(|samples, _| samples[0].index = 1));
    }

    #[test]
    fn free_position_bits() {
        // Leaf and path of one position under the index of another.
        assert!(!accepts(|samples, _| {
            let [first, second, ..] = samples;
            std::mem::swap(&mut first.index, &mut second.index);
        }));
    }

    #[test]
    fn another_index_bit_at_every_level() {
        for bit in 0..16 {
            assert!(
                !accepts(|samples, _| samples[3].index ^= 1 << bit),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn another_sibling_at_every_level() {
        for level in 0..8 {
            assert!(
                !accepts(|samples, _| samples[0].path.0[level][1] += Fr::ONE),
                "{level}"
            );
        }
    }

    #[test]
    fn samples_in_another_order() {
        assert!(!accepts(|samples, _| samples.swap(0, 1)));
    }

    #[test]
    fn another_context() {
        assert!(!accepts(|_, context| context[0] ^= 1));
    }
}
