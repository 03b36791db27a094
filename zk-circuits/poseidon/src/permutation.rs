//! The Poseidon2 permutations of width 4 and 12 (Grassi, Khovratovich and Schofnegger, eprint
//! 2023/323).

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use crate::{
    lazy::{sum, Lazy},
    parameters::{Parameters, WIDTH_12, WIDTH_4},
};

/// Permutes a state of width 4.
pub fn permute4(state: &mut [Fr; 4]) {
    permute(state, &WIDTH_4, mix4);
}

/// Permutes a state of width 12.
pub fn permute12(state: &mut [Fr; 12]) {
    permute(state, &WIDTH_12, mix12);
}

#[inline(always)]
fn permute<const T: usize, const P: usize>(
    state: &mut [Fr; T],
    parameters: &Parameters<T, P>,
    mix: impl Fn(&mut [Fr; T]),
) {
    mix(state);
    for constants in &parameters.opening {
        full_round(state, constants, &mix);
    }
    partial_rounds(state, &parameters.partial, &parameters.diagonal);
    for constants in &parameters.closing {
        full_round(state, constants, &mix);
    }
}

#[inline(always)]
fn full_round<const T: usize>(
    state: &mut [Fr; T],
    constants: &[Fr; T],
    mix: impl Fn(&mut [Fr; T]),
) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = Lazy::new(element)
            .plus(Lazy::new(constant))
            .fifth_power()
            .reduce_once();
    }
    mix(state);
}

/// The partial rounds: an S-box on the first element, then each element times its diagonal entry
/// plus the sum of all.
///
/// No element is reduced in between. With a diagonal below r and a sum below 1.1 r, an element
/// below 2.6 r stays below (0.1890 * 2.6 + 1 + 1.1) r = 2.6 r. The first element, below 3.61 r out
/// of the S-box, is below 2.8 r after the layer and below 3.8 r with the next constant.
#[inline(always)]
fn partial_rounds<const T: usize, const P: usize>(
    state: &mut [Fr; T],
    constants: &[Fr; P],
    diagonal: &[Fr; T],
) {
    let mut lazy = state.each_ref().map(Lazy::new);
    for constant in constants {
        if let Some(first) = lazy.first_mut() {
            *first = first.plus(Lazy::new(constant)).fifth_power();
        }
        let sum = sum(&lazy);
        for (element, factor) in lazy.iter_mut().zip(diagonal) {
            *element = Lazy::new(factor).times(*element).plus(sum);
        }
    }
    for (element, value) in state.iter_mut().zip(lazy) {
        *element = value.reduce();
    }
}

/// Multiplies by the 4 x 4 matrix of rows (5 7 1 3), (4 6 1 1), (1 3 5 7), (1 1 4 6).
#[inline(always)]
fn mix4(state: &mut [Fr; 4]) {
    let [a, b, c, d] = *state;
    let ab = a + b;
    let cd = c + d;
    let b2_cd = b.double() + cd;
    let d2_ab = d.double() + ab;
    let last = cd.double().double() + d2_ab;
    let second = ab.double().double() + b2_cd;
    *state = [d2_ab + second, second, b2_cd + last, last];
}

/// Mixes each group of four, then adds the sum of the three groups to each.
#[inline(always)]
fn mix12(state: &mut [Fr; 12]) {
    let (groups, _) = state.as_chunks_mut::<4>();
    let mut sums = [Fr::ZERO; 4];
    for group in groups.iter_mut() {
        mix4(group);
        for (sum, element) in sums.iter_mut().zip(group.iter()) {
            *sum += element;
        }
    }
    for group in groups.iter_mut() {
        for (element, sum) in group.iter_mut().zip(&sums) {
            *element += sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{Field, UniformRand};

    #[test]
    fn width_four_agrees_with_the_reference_permutation() {
        let mut rng = ark_std::test_rng();
        for _ in 0..200 {
            let input: [Fr; 4] = core::array::from_fn(|_| Fr::rand(&mut rng));
            let mut state = input;
            permute4(&mut state);
            assert_eq!(state, taceo_poseidon2::bn254::t4::permutation(&input));
        }
    }

    #[test]
    fn width_twelve_agrees_with_the_reference_permutation() {
        let mut rng = ark_std::test_rng();
        for _ in 0..200 {
            let input: [Fr; 12] = core::array::from_fn(|_| Fr::rand(&mut rng));
            let mut state = input;
            permute12(&mut state);
            assert_eq!(state, taceo_poseidon2::bn254::t12::permutation(&input));
        }
    }

    #[test]
    fn states_at_the_edges_of_the_field_agree_with_the_reference() {
        let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, -Fr::from(2u8)];
        for edge in edges {
            let mut state = [edge; 12];
            permute12(&mut state);
            assert_eq!(state, taceo_poseidon2::bn254::t12::permutation(&[edge; 12]));
            let mut state = [edge; 4];
            permute4(&mut state);
            assert_eq!(state, taceo_poseidon2::bn254::t4::permutation(&[edge; 4]));
        }
    }
}
