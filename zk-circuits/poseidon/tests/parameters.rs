//! The committed constants are those that the Grain register gives.

#[path = "../examples/generate_parameters/grain.rs"]
mod grain;

use ark_bn254::Fr;
use neurostore_poseidon::parameters::{Parameters, WIDTH_12, WIDTH_4};

fn assert_drawn<const T: usize, const P: usize>(parameters: &Parameters<T, P>, rejected: usize) {
    let drawn = grain::instance(T, P, rejected);
    let external: Vec<Vec<Fr>> = parameters
        .opening
        .iter()
        .chain(&parameters.closing)
        .map(|round| round.to_vec())
        .collect();
    assert_eq!(external, drawn.external);
    assert_eq!(parameters.partial.to_vec(), drawn.internal);
    assert_eq!(parameters.diagonal.to_vec(), drawn.diagonal);
}

#[test]
fn the_constants_of_width_four_come_out_of_the_grain_register() {
    assert_drawn(&WIDTH_4, 4);
}

#[test]
fn the_constants_of_width_twelve_come_out_of_the_grain_register() {
    assert_drawn(&WIDTH_12, 6);
}
