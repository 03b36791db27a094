//! Poseidon2 permutations: three constraints for each S-box, linear layers for nothing.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use neurostore_poseidon::parameters::{Parameters, WIDTH_12, WIDTH_4};

use crate::builder::Builder;

/// The matrix of a group of four in the external layer.
const MIX: [[u64; 4]; 4] = [[5, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]];

/// Permutes a state of width 4: 264 constraints. Twin of [`neurostore_poseidon::permute4`].
pub fn permute4<B: Builder>(builder: &mut B, state: &mut [B::Wire; 4]) {
    permute(builder, state, &WIDTH_4);
}

/// Permutes a state of width 12: 459 constraints. Twin of [`neurostore_poseidon::permute12`].
pub fn permute12<B: Builder>(builder: &mut B, state: &mut [B::Wire; 12]) {
    permute(builder, state, &WIDTH_12);
}

fn permute<B: Builder, const T: usize, const P: usize>(
    builder: &mut B,
    state: &mut [B::Wire; T],
    parameters: &Parameters<T, P>,
) {
    mix_external(builder, state);
    for constants in &parameters.opening {
        full_round(builder, state, constants);
    }
    for constant in &parameters.partial {
        if let Some(first) = state.first_mut() {
            *first = sbox(builder, first, *constant);
        }
        mix_internal(builder, state, &parameters.diagonal);
    }
    for constants in &parameters.closing {
        full_round(builder, state, constants);
    }
}

fn full_round<B: Builder, const T: usize>(
    builder: &mut B,
    state: &mut [B::Wire; T],
    constants: &[Fr; T],
) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = sbox(builder, element, *constant);
    }
    mix_external(builder, state);
}

/// The fifth power of `element + constant`. By way of the cube and not of the fourth power: so
/// the square stands only on the right, the cube only on the left, and the prover saves a third
/// of the points in both.
fn sbox<B: Builder>(builder: &mut B, element: &B::Wire, constant: Fr) -> B::Wire {
    let constant = builder.constant(constant);
    let input = builder.sum(&[(Fr::ONE, element), (Fr::ONE, &constant)]);
    let square = builder.product(&input, &input);
    let cube = builder.product(&input, &square);
    builder.product(&cube, &square)
}

/// Each group of four times the small matrix; above width 4 each group then counts twice in its
/// own rows and once in the others.
fn mix_external<B: Builder, const T: usize>(builder: &B, state: &mut [B::Wire; T]) {
    let inputs = state.clone();
    let lone_group = T == 4;
    for (row, output) in state.iter_mut().enumerate() {
        let terms: Vec<_> = inputs
            .iter()
            .enumerate()
            .map(|(column, input)| {
                let own = row / 4 == column / 4 && !lone_group;
                let factor = MIX[row % 4][column % 4] * if own { 2 } else { 1 };
                (Fr::from(factor), input)
            })
            .collect();
        *output = builder.sum(&terms);
    }
}

fn mix_internal<B: Builder, const T: usize>(
    builder: &B,
    state: &mut [B::Wire; T],
    diagonal: &[Fr; T],
) {
    let terms: Vec<_> = state.iter().map(|element| (Fr::ONE, element)).collect();
    let sum = builder.sum(&terms);
    for (element, factor) in state.iter_mut().zip(diagonal) {
        *element = builder.sum(&[(*factor, element), (Fr::ONE, &sum)]);
    }
}

/// The digest of a tree node. Twin of [`neurostore_poseidon::compress`].
pub fn compress<B: Builder>(builder: &mut B, children: &[B::Wire; 4]) -> B::Wire {
    let mut state = children.clone();
    permute4(builder, &mut state);
    let ([digest, ..], [first, ..]) = (&state, children);
    builder.sum(&[(Fr::ONE, digest), (Fr::ONE, first)])
}

/// The sponge of width 12 over all `inputs`, its capacity starting at `tag`.
pub fn sponge<B: Builder>(builder: &mut B, tag: Fr, inputs: &[B::Wire]) -> B::Wire {
    let zero = builder.constant(Fr::ZERO);
    let mut state: [B::Wire; 12] = std::array::from_fn(|_| zero.clone());
    state[neurostore_poseidon::RATE] = builder.constant(tag);
    for block in inputs.chunks(neurostore_poseidon::RATE) {
        for (element, input) in state.iter_mut().zip(block) {
            *element = builder.sum(&[(Fr::ONE, element), (Fr::ONE, input)]);
        }
        permute12(builder, &mut state);
    }
    let [digest, ..] = state;
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assignment, Constraints};
    use ark_ff::UniformRand;

    fn random<const N: usize>() -> [Fr; N] {
        let mut rng = ark_std::test_rng();
        std::array::from_fn(|_| Fr::rand(&mut rng))
    }

    #[test]
    fn the_gadgets_compute_what_their_twins_compute() {
        let mut builder = Assignment::default();
        let (mut four, mut twelve) = (random::<4>(), random::<12>());
        let (mut native_four, mut native_twelve) = (four, twelve);
        assert_eq!(
            compress(&mut builder, &four),
            neurostore_poseidon::compress(&four)
        );
        permute4(&mut builder, &mut four);
        permute12(&mut builder, &mut twelve);
        neurostore_poseidon::permute4(&mut native_four);
        neurostore_poseidon::permute12(&mut native_twelve);
        assert_eq!((four, twelve), (native_four, native_twelve));
    }

    #[test]
    fn a_permutation_costs_three_constraints_for_each_sbox() {
        let mut builder = Constraints::default();
        let mut four = std::array::from_fn(|_| builder.free(Fr::ZERO));
        permute4(&mut builder, &mut four);
        assert_eq!(builder.rows().len(), 3 * (8 * 4 + 56));
        let mut builder = Constraints::default();
        let mut twelve = std::array::from_fn(|_| builder.free(Fr::ZERO));
        permute12(&mut builder, &mut twelve);
        assert_eq!(builder.rows().len(), 3 * (8 * 12 + 57));
    }

    #[test]
    fn every_changed_variable_of_a_permutation_breaks_a_constraint() {
        fn build<B: Builder>(builder: &mut B) {
            let mut state = random::<4>().map(|value| builder.free(value));
            permute4(builder, &mut state);
            let [digest, ..] = &state;
            builder.publish(digest);
        }
        let (mut constraints, mut assignment) = (Constraints::default(), Assignment::default());
        build(&mut constraints);
        build(&mut assignment);
        let values = assignment.values();
        assert_eq!(constraints.first_unsatisfied(&values), None);
        for column in 1..values.len() {
            let mut changed = values.clone();
            changed[column] += Fr::ONE;
            assert!(
                constraints.first_unsatisfied(&changed).is_some(),
                "column {column}"
            );
        }
    }
}
