//! The pairing against arkworks.

use ark_bn254::{Bn254, Config, Fr, G1Affine, G2Affine};
use ark_ec::{bn::BnConfig, pairing::Pairing, CurveGroup};
use ark_ff::{Field, UniformRand};
use rand::{rngs::StdRng, Rng, SeedableRng};

use super::{final_exponentiation, lines_of, miller_loop, power, Scaled};
use crate::{
    curve::{Affine, Jacobian},
    field::{Coordinate, Fp, Fp12, Fp2, Fp6},
};

fn rng() -> StdRng {
    StdRng::seed_from_u64(12)
}

fn g1(point: G1Affine) -> Jacobian<Fp> {
    Affine::new(Fp::from_ark(point.x), Fp::from_ark(point.y)).into()
}

fn g2(point: G2Affine) -> Affine<Fp2> {
    Affine::new(Fp2::from_ark(point.x), Fp2::from_ark(point.y))
}

#[test]
fn pairings_have_the_values_that_arkworks_gives() {
    let mut rng = rng();
    for count in [1, 2, 3, 7] {
        let a: Vec<_> = (0..count).map(|_| G1Affine::rand(&mut rng)).collect();
        let b: Vec<_> = (0..count).map(|_| G2Affine::rand(&mut rng)).collect();
        let expected = Bn254::multi_pairing(&a, &b).0;
        // Doubled and halved, so that the points come with a z of their own.
        let half = Fr::from(2u8).inverse().unwrap();
        let points: Vec<_> = a
            .iter()
            .map(|point| g1((*point * half).into_affine()).doubled())
            .collect();
        let scaled = Scaled::all(&points);
        let pairs: Vec<_> = scaled
            .iter()
            .zip(&b)
            .map(|(scaled, point)| (scaled.unwrap(), g2(*point)))
            .collect();
        // Half of the points of the twist as they are, half of them with their lines.
        let (own, rest) = pairs.split_at(count / 2);
        let lines: Vec<_> = rest.iter().map(|(_, point)| lines_of(point)).collect();
        let known: Vec<_> = rest
            .iter()
            .zip(&lines)
            .map(|((scaled, _), lines)| (*scaled, lines.as_slice()))
            .collect();
        let value = final_exponentiation(&miller_loop(own, &known)).unwrap();
        assert_eq!(value.to_ark(), expected);
    }
}

#[test]
fn the_empty_product_is_one() {
    let value = final_exponentiation(&miller_loop(&[], &[])).unwrap();
    assert!(value.equals(&Fp12::ONE));
}

#[test]
fn zero_has_no_final_exponentiation() {
    let zero = Fp12::new(Fp6::ZERO, Fp6::ZERO);
    assert!(final_exponentiation(&zero).is_none());
}

#[test]
fn points_at_infinity_have_nothing_to_evaluate_lines_with() {
    let point = g1(G1Affine::rand(&mut rng()));
    let scaled = Scaled::all(&[point, Jacobian::IDENTITY, point]);
    let there: Vec<_> = scaled.iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, true]);
    assert!(!Jacobian::<Fp>::IDENTITY.y.is_zero());
}

#[test]
fn powers_in_the_target_group_are_those_of_arkworks() {
    let mut rng = rng();
    let (a, b) = (G1Affine::rand(&mut rng), G2Affine::rand(&mut rng));
    let element = Bn254::pairing(a, b).0;
    let ours = Fp12::from_ark(element);
    let other = ours.frobenius::<4>();
    let [parameter] = *Config::X else {
        panic!("one word")
    };
    let exponents = [
        (0, 0),
        (1, 0),
        (0, 1),
        (u128::from(parameter), 0),
        (rng.gen(), rng.gen()),
    ];
    for (first, second) in exponents {
        let expected = pow(element, first) * pow(element.frobenius_map(4), second);
        assert_eq!(power(&ours, &other, (first, second)).to_ark(), expected);
    }
}

fn pow(element: ark_bn254::Fq12, exponent: u128) -> ark_bn254::Fq12 {
    let (low, high) = (exponent & u128::from(u64::MAX), exponent >> 64);
    element.pow([low, high].map(|word| u64::try_from(word).unwrap()))
}

#[test]
fn what_the_endomorphism_multiplies_by_is_a_frobenius_map_of_the_target_group() {
    use ark_ec::scalar_mul::glv::GLVConfig;
    use ark_ff::PrimeField;
    let mut rng = rng();
    let (a, b) = (G1Affine::rand(&mut rng), G2Affine::rand(&mut rng));
    let element = Bn254::pairing(a, b).0;
    let lambda = <ark_bn254::g1::Config as GLVConfig>::LAMBDA.into_bigint();
    assert_eq!(element.frobenius_map(4), element.pow(lambda));
}
