//! The fields against arkworks, on random numbers and on those at the bounds.

use ark_bn254::{Fq, Fq12, Fq2, Fq6, G1Affine, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr};
use ark_ff::{CyclotomicMultSubgroup, Field, UniformRand, Zero};
use rand::{rngs::StdRng, Rng, SeedableRng};

use super::{invert_all, Coordinate, Fp, Fp12, Fp2, Fp6};

const ROUNDS: usize = 200;

fn rng() -> StdRng {
    StdRng::seed_from_u64(254)
}

/// Zero, one, minus one, the middle, and random numbers.
fn numbers() -> Vec<Fq> {
    let mut rng = rng();
    let half = Fq::from(2u8).inverse().unwrap();
    let mut numbers = vec![Fq::zero(), Fq::ONE, -Fq::ONE, half, -half];
    numbers.extend((0..ROUNDS).map(|_| Fq::rand(&mut rng)));
    numbers
}

/// Numbers whose limbs are as large as tidy limbs may be, in all patterns of signs.
fn extremes() -> Vec<Fp> {
    (0u32..1 << 9)
        .map(|signs| Fp::extreme(|limb| signs >> limb & 1 == 1))
        .collect()
}

#[test]
fn numbers_come_back_from_every_form() {
    for number in numbers() {
        let ours = Fp::from_ark(number);
        assert_eq!(ours.to_ark(), number);
        assert_eq!(Fp::from_words(ours.to_words()).to_ark(), number);
        assert_eq!(Fp::from_plain(ours.to_plain()).unwrap().to_ark(), number);
        assert_eq!(ours.is_zero(), number.is_zero());
    }
}

#[test]
fn plain_numbers_are_below_the_modulus() {
    let modulus = <Fq as ark_ff::PrimeField>::MODULUS.0;
    assert!(Fp::from_plain(modulus).is_none());
    assert!(Fp::from_plain([u64::MAX; 4]).is_none());
    let [low, rest @ ..] = modulus;
    let largest = Fp::from_plain([low - 1, rest[0], rest[1], rest[2]]).unwrap();
    assert_eq!(largest.to_ark(), -Fq::ONE);
}

#[test]
fn the_base_field_computes_as_arkworks_does() {
    let numbers = numbers();
    for (a, b) in numbers.iter().zip(numbers.iter().rev()) {
        let (x, y) = (Fp::from_ark(*a), Fp::from_ark(*b));
        assert_eq!((x + y).to_ark(), *a + b);
        assert_eq!((x - y).tidy().to_ark(), *a - b);
        assert_eq!((-x).to_ark(), -*a);
        assert_eq!(x.times(&y).to_ark(), *a * b);
        assert_eq!((x + y).times(&(x - y)).to_ark(), a.square() - b.square());
        assert_eq!(x.square().to_ark(), a.square());
        assert_eq!(x.inverse().map(Fp::to_ark), a.inverse());
        assert_eq!(
            x.root().map(|root| root.to_ark().square()),
            a.sqrt().map(|_| *a)
        );
    }
}

#[test]
fn sums_of_the_largest_tidy_numbers_multiply_without_overflow() {
    let extremes = extremes();
    for (x, y) in extremes.iter().zip(extremes.iter().rev()) {
        let (a, b) = (x.to_ark(), y.to_ark());
        assert_eq!(
            (*x + *x).times(&(*y + *y)).to_ark(),
            a.double() * b.double()
        );
        assert_eq!((*x + *x).square().to_ark(), a.double().square());
        let (x, y) = (Fp2::new(*x + *x, *y + *y), Fp2::new(-(*y + *y), *x - *y));
        let (a, b) = (x.to_ark(), y.to_ark());
        assert_eq!(x.times(&y).to_ark(), a * b);
        let same = Fp2::new(x.c0, x.c0);
        assert_eq!(same.times(&same).to_ark(), same.to_ark().square());
        assert_eq!(same.times(&same.conjugate()).to_ark().c1, Fq::zero());
    }
}

/// Doubling of references, as the extreme numbers need it.
trait Double {
    fn double(&self) -> Self;
}

impl Double for Fq {
    fn double(&self) -> Self {
        *self + self
    }
}

#[test]
fn products_of_extreme_numbers_are_tidy() {
    let extremes = extremes();
    let mut product = Fp2::new(extremes[0], extremes[511]);
    for (x, y) in extremes.iter().zip(extremes.iter().rev()) {
        // A number that is not tidy would break the bounds asserted on the products to come.
        let sum = Fp2::new(*x + *y, *x + *x);
        product = (product + product).times(&sum);
        product = product.square();
        product = product.nonresidue();
        let expected = product.to_ark();
        product = product.tidy();
        assert_eq!(product.to_ark(), expected);
    }
}

#[test]
fn many_inverses_are_the_single_ones_and_zero_stays_zero() {
    let mut numbers: Vec<Fp> = numbers().into_iter().map(Fp::from_ark).collect();
    let expected: Vec<_> = numbers
        .iter()
        .map(|number| number.inverse().map_or(Fq::zero(), Fp::to_ark))
        .collect();
    let mut without_zero = numbers.split_off(1);
    invert_all(&mut without_zero);
    numbers.extend(&without_zero);
    invert_all(&mut numbers[..1]);
    let inverses: Vec<_> = numbers.iter().map(|number| number.to_ark()).collect();
    assert_eq!(inverses, expected);
    let mut with_zero = [Fp::ONE + Fp::ONE, Fp::ZERO];
    invert_all(&mut with_zero);
    assert_eq!(with_zero[0].to_ark(), Fq::from(2u8).inverse().unwrap());
    assert!(with_zero[1].is_zero());
    invert_all(&mut []);
}

#[test]
fn the_quadratic_extension_computes_as_arkworks_does() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        let (a, b) = (Fq2::rand(&mut rng), Fq2::rand(&mut rng));
        let (x, y) = (Fp2::from_ark(a), Fp2::from_ark(b));
        assert_eq!(x.times(&y).to_ark(), a * b);
        assert_eq!((x + y).times(&(x - y)).to_ark(), a.square() - b.square());
        assert_eq!(x.square().to_ark(), a.square());
        assert_eq!(x.nonresidue().to_ark(), a * Fq2::new(9u8.into(), Fq::ONE));
        assert_eq!(x.conjugate().to_ark(), a.frobenius_map(1));
        assert_eq!(x.scale(&y.c0).to_ark(), a * Fq2::new(b.c0, Fq::zero()));
        assert_eq!(x.inverse().map(Fp2::to_ark), a.inverse());
    }
    assert!(Fp2::ZERO.inverse().is_none());
}

#[test]
fn roots_of_the_quadratic_extension_exist_where_arkworks_finds_them() {
    let mut rng = rng();
    let base = |number: Fq| Fq2::new(number, Fq::zero());
    let mut numbers: Vec<Fq2> = numbers().into_iter().map(base).collect();
    numbers.extend((0..ROUNDS).map(|_| Fq2::new(Fq::zero(), Fq::rand(&mut rng))));
    numbers.extend((0..ROUNDS).map(|_| Fq2::rand(&mut rng)));
    let squares: Vec<_> = numbers.iter().map(|number| number.square()).collect();
    for number in numbers.iter().chain(&squares) {
        let root = Fp2::from_ark(*number).root().map(Fp2::to_ark);
        assert_eq!(root.is_some(), number.sqrt().is_some(), "{number}");
        if let Some(root) = root {
            assert_eq!(root.square(), *number);
        }
    }
}

#[test]
fn the_sextic_extension_computes_as_arkworks_does() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        let (a, b) = (Fq6::rand(&mut rng), Fq6::rand(&mut rng));
        let (x, y) = (Fp6::from_ark(a), Fp6::from_ark(b));
        assert_eq!(x.times(&y).to_ark(), a * b);
        assert_eq!(x.inverse().map(|inverse| inverse.to_ark()), a.inverse());
        let sparse = Fq6::new(b.c0, b.c1, Fq2::zero());
        let product = x.times_sparse(&y.c0, &y.c1, &y.c1.nonresidue());
        assert_eq!(product.to_ark(), a * sparse);
    }
    assert!(Fp6::ZERO.inverse().is_none());
}

#[test]
fn the_extension_of_degree_twelve_computes_as_arkworks_does() {
    let mut rng = rng();
    for _ in 0..ROUNDS {
        let (a, b) = (Fq12::rand(&mut rng), Fq12::rand(&mut rng));
        let (x, y) = (Fp12::from_ark(a), Fp12::from_ark(b));
        assert_eq!(x.times(&y).to_ark(), a * b);
        assert_eq!(x.square().to_ark(), a.square());
        assert_eq!(x.inverse().map(|inverse| inverse.to_ark()), a.inverse());
        assert_eq!(x.frobenius::<1>().to_ark(), a.frobenius_map(1));
        assert_eq!(x.frobenius::<2>().to_ark(), a.frobenius_map(2));
        assert_eq!(x.frobenius::<3>().to_ark(), a.frobenius_map(3));
        assert_eq!(x.frobenius::<4>().to_ark(), a.frobenius_map(4));
        assert_eq!(x.conjugate().to_ark(), a.frobenius_map(6));
        let (c3, c4) = (b.c1.c0, b.c1.c1);
        let line = Fq12::new(Fq6::ONE, Fq6::new(c3, c4, Fq2::zero()));
        assert_eq!(x.times_line(&y.c1.c0, &y.c1.c1).to_ark(), a * line);
        assert!(x.equals(&x.times(&Fp12::ONE)));
        assert!(!x.equals(&y));
    }
}

#[test]
fn squares_in_the_cyclotomic_subgroup_are_squares() {
    let mut rng = rng();
    let mut element = ark_bn254::Bn254::pairing(G1Affine::generator(), G2Affine::generator()).0;
    let mut ours = Fp12::from_ark(element);
    for _ in 0..ROUNDS {
        ours = ours.cyclotomic_square();
        element = element.cyclotomic_square();
        assert_eq!(ours.to_ark(), element);
        let exponent = rng.gen_range(2u64..9);
        element = element.pow([exponent]);
        ours = Fp12::from_ark(element);
    }
}

/// Long chains without a conversion in between, where bounds that creep would show.
#[test]
fn values_do_not_creep_up_in_long_chains() {
    let mut rng = rng();
    let (mut a, b) = (Fq12::rand(&mut rng), Fq12::rand(&mut rng));
    let (mut x, y) = (Fp12::from_ark(a), Fp12::from_ark(b));
    let line = Fq12::new(Fq6::ONE, Fq6::new(b.c1.c0, b.c1.c1, Fq2::zero()));
    for _ in 0..ROUNDS {
        for _ in 0..5 {
            x = x.times_line(&y.c1.c0, &y.c1.c1);
            a *= line;
        }
        x = x.square().times(&y);
        a = a.square() * b;
    }
    assert_eq!(x.to_ark(), a);
}

#[test]
fn inverses_are_inverses() {
    let mut rng = rng();
    let mut numbers = numbers();
    numbers.extend((0u64..300).map(Fq::from));
    numbers.extend((0u64..300).map(|number| -Fq::from(number)));
    numbers.extend((0..254u64).map(|bit| Fq::from(2u8).pow([bit])));
    numbers.extend((0..5_000).map(|_| Fq::rand(&mut rng)));
    for number in numbers {
        let inverse = Fp::from_ark(number).inverse();
        assert_eq!(inverse.map(Fp::to_ark), number.inverse(), "{number}");
        // The algorithm works on the form with 2^261 in it, so plain small numbers count, too.
        let Some(plain) = Fp::from_plain(<Fq as ark_ff::PrimeField>::into_bigint(number).0) else {
            panic!("{number} is below the modulus")
        };
        let shifted = Fp::from_words(plain.to_plain());
        assert_eq!(
            shifted.inverse().map(Fp::to_ark),
            shifted.to_ark().inverse()
        );
    }
}
