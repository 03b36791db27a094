//! The curves against arkworks.

use ark_bn254::{Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{scalar_mul::glv::GLVConfig, AffineRepr, CurveGroup};
use ark_ff::{BigInt, BigInteger, PrimeField, UniformRand};
use rand::{rngs::StdRng, Rng, SeedableRng};

use super::{endomorphism, in_subgroup, power_of_modulus, sum_of_multiples, Affine, Jacobian};
use crate::field::{Fp, Fp2};

const ROUNDS: usize = 50;

fn rng() -> StdRng {
    StdRng::seed_from_u64(256)
}

fn g1(point: G1Affine) -> Affine<Fp> {
    Affine::new(Fp::from_ark(point.x), Fp::from_ark(point.y))
}

fn g2(point: G2Affine) -> Affine<Fp2> {
    Affine::new(Fp2::from_ark(point.x), Fp2::from_ark(point.y))
}

fn back(point: Jacobian<Fp>) -> G1Affine {
    point.to_affine().map_or(G1Affine::identity(), |point| {
        G1Affine::new_unchecked(point.x.to_ark(), point.y.to_ark())
    })
}

/// A point of the twist, nearly never in the subgroup.
fn of_the_twist(rng: &mut StdRng) -> G2Affine {
    loop {
        let x = Fq2::rand(rng);
        if let Some(point) = G2Affine::get_point_from_x_unchecked(x, rng.gen()) {
            return point;
        }
    }
}

#[test]
fn additions_are_complete() {
    let mut rng = rng();
    let (a, b) = (G1Affine::rand(&mut rng), G1Affine::rand(&mut rng));
    let (x, y) = (Jacobian::from(g1(a)).doubled(), g1(b));
    let double = a + a;
    assert_eq!(back(x), double.into_affine());
    assert_eq!(back(x.plus_affine(&y)), (double + b).into_affine());
    assert_eq!(back(x.plus(&y.into())), (double + b).into_affine());
    let same = g1(double.into_affine());
    for sum in [x.plus_affine(&same), x.plus(&same.into()), x.plus(&x)] {
        assert_eq!(back(sum), (double + double).into_affine());
    }
    let opposite = same.negated();
    for sum in [x.plus_affine(&opposite), x.plus(&opposite.into())] {
        assert!(sum.is_identity());
        assert!(sum.doubled().is_identity());
        assert_eq!(back(sum.plus_affine(&y)), b);
        assert_eq!(back(sum.plus(&y.into())), b);
        assert_eq!(back(Jacobian::from(y).plus(&sum)), b);
        assert!(sum.equals(&Jacobian::IDENTITY));
        assert!(!sum.equals(&y.into()));
    }
    assert!(x.equals(&same.into()));
    assert!(!x.equals(&opposite.into()));
}

#[test]
fn the_endomorphism_multiplies_by_lambda() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        let point = G1Affine::rand(&mut rng);
        let lambda = <ark_bn254::g1::Config as GLVConfig>::LAMBDA;
        let expected = (point * lambda).into_affine();
        assert_eq!(back(endomorphism(&g1(point)).into()), expected);
    }
}

#[test]
fn sums_of_multiples_are_what_arkworks_computes() {
    let mut rng = rng();
    let special = [
        0,
        1,
        2,
        3,
        u64::MAX,
        u64::MAX - 1,
        1 << 63,
        0x5555_5555_5555_5555,
    ];
    for round in 0..ROUNDS {
        let mut factors = special.to_vec();
        factors.extend((0..round % 5).map(|_| rng.gen::<u64>()));
        let terms: Vec<(G1Affine, u64)> = factors
            .into_iter()
            .map(|factor| (G1Affine::rand(&mut rng), factor))
            .collect();
        let expected: G1Projective = terms
            .iter()
            .map(|(point, factor)| *point * Fr::from(*factor))
            .sum();
        let ours: Vec<_> = terms.iter().map(|term| (g1(term.0), term.1)).collect();
        assert_eq!(back(sum_of_multiples(&ours)), expected.into_affine());
    }
}

#[test]
fn sums_that_cancel_are_the_point_at_infinity() {
    let point = g1(G1Affine::generator());
    assert!(sum_of_multiples(&[]).is_identity());
    assert!(sum_of_multiples(&[(point, 0)]).is_identity());
    assert!(sum_of_multiples(&[(point, 77), (point.negated(), 77)]).is_identity());
    let both = sum_of_multiples(&[(point, u64::MAX), (point, u64::MAX)]);
    let expected = G1Affine::generator() * (Fr::from(u64::MAX) * Fr::from(2u8));
    assert_eq!(back(both), expected.into_affine());
}

#[test]
fn psi_multiplies_by_the_modulus() {
    let mut rng = rng();
    let modulus = <ark_bn254::Fq as PrimeField>::MODULUS;
    for _ in 0..ROUNDS {
        let point = G2Affine::rand(&mut rng);
        let expected = g2(point.mul_bigint(modulus).into_affine());
        assert!(power_of_modulus(&g2(point)).equals(&expected));
    }
}

#[test]
fn points_of_the_subgroup_are_recognised() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        assert!(in_subgroup(&g2(G2Affine::rand(&mut rng))));
    }
    assert!(in_subgroup(&g2(G2Affine::generator())));
}

#[test]
fn points_outside_the_subgroup_are_recognised() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        let point = of_the_twist(&mut rng);
        assert!(!in_subgroup(&g2(point)));
        // What is left outside after the part inside is taken away, alone and shifted back in.
        let outside = point.mul_bigint(Fr::MODULUS);
        assert!(!in_subgroup(&g2(outside.into_affine())));
        let shifted = outside + G2Projective::rand(&mut rng);
        assert!(!in_subgroup(&g2(shifted.into_affine())));
    }
}

/// The cofactor of the twist is 10069 times a number of 240 bits: the points of small order are
/// what a check by an endomorphism would miss first.
#[test]
fn points_of_small_order_are_outside() {
    let mut rng = rng();
    let mut cofactor = BigInt::<4>([
        0x345f_2299_c0f9_fa8d,
        0x06ce_ecda_572a_2489,
        0xb850_45b6_8181_585e,
        0x3064_4e72_e131_a029,
    ]);
    // Long division by 10069.
    let mut remainder = 0u128;
    for word in cofactor.0.iter_mut().rev() {
        let value = remainder << 64 | u128::from(*word);
        *word = u64::try_from(value / 10069).unwrap();
        remainder = value % 10069;
    }
    assert_eq!(remainder, 0);
    for _ in 0..ROUNDS {
        let point = of_the_twist(&mut rng);
        let small = point
            .mul_bigint(Fr::MODULUS)
            .into_affine()
            .mul_bigint(cofactor);
        if small == G2Projective::default() {
            continue;
        }
        assert_eq!(
            small.into_affine().mul_bigint([10069]),
            G2Projective::default()
        );
        assert!(!in_subgroup(&g2(small.into_affine())));
        let shifted = small + G2Projective::rand(&mut rng);
        assert!(!in_subgroup(&g2(shifted.into_affine())));
    }
    assert!(!cofactor.is_zero());
}
