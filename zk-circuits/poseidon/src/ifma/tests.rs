//! The lanes against the scalar path and the reference, and the proof of their bounds.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand};
use neurostore_primitives::LEAF_BYTES;
use proptest::prelude::*;
use rand::{rngs::StdRng, SeedableRng};

use neurostore_lanes::{Checked, Ifma, Lanes, Work, LANES, LIMB_MASK};

use super::{
    arithmetic::{Columns, SETTLED_TOP},
    constants::{
        Number, FOLDS, LIMBS, MODULUS, NEGATIVE_INVERSE, NEGATIVE_MODULUS, QUOTIENT, SIXTEENTH,
        TABLES_12, TO_MONTGOMERY,
    },
    exchange::{Leaves, Packed},
    pack, unpack,
    works::{Compress, Digest, Permute12, Permute4},
    TAG,
};
use crate::{
    leaf::leaf_digest, parameters::WIDTH_12, permutation::permute12, permutation::permute4,
    tree::compress,
};

/// What the limbs amount to.
fn value(limbs: &Number) -> Fr {
    let radix = Fr::from(1u64 << 52);
    let digits = limbs.iter().rev();
    digits.fold(Fr::ZERO, |number, limb| number * radix + Fr::from(*limb))
}

fn power_of_two(power: i32) -> Fr {
    let half = Fr::from(2u8).inverse().unwrap();
    let base = if power < 0 { half } else { Fr::from(2u8) };
    base.pow([power.unsigned_abs().into()])
}

/// The value in one lane.
fn lane<L: Lanes>(columns: Columns<L>, lane: usize) -> Fr {
    value(&columns.0.map(|limb| limb_words(limb)[lane]))
}

/// The numbers of a vector, those above 52 bits too, which `store` refuses in the twin.
fn limb_words<L: Lanes>(limb: L) -> [u64; LANES] {
    let (low, high) = (limb.low().store(), limb.right::<52>().store());
    core::array::from_fn(|lane| low[lane] | high[lane] << 52)
}

/// Columns with these limbs in all lanes.
fn columns<L: Lanes>(proof: L::Proof, limbs: &Number) -> Columns<L> {
    Columns(limbs.map(|limb| L::load(proof, &[limb; LANES]).claim(LIMB_MASK)))
}

/// Limbs at both ends of their range and in between.
fn limbs() -> impl Strategy<Value = Number> {
    let limb = (0..4u8, 0..=LIMB_MASK).prop_map(|(kind, limb)| match kind {
        0 => 0,
        1 => LIMB_MASK,
        _ => limb,
    });
    proptest::array::uniform5(limb)
}

fn element() -> impl Strategy<Value = Fr> {
    (0..4u8, any::<u64>()).prop_map(|(kind, seed)| match kind {
        0 => Fr::from(seed % 3),
        1 => -Fr::from(1 + seed % 3),
        _ => Fr::rand(&mut StdRng::seed_from_u64(seed)),
    })
}

fn states<const T: usize>() -> impl Strategy<Value = Vec<[Fr; T]>> {
    let state = proptest::collection::vec(element(), T).prop_map(|state| state.try_into().unwrap());
    proptest::collection::vec(state, 1..=LANES)
}

fn leaves() -> impl Strategy<Value = Vec<[u8; LEAF_BYTES]>> {
    let leaf = (0..4u8, any::<u64>()).prop_map(|(kind, seed)| match kind {
        0 => [0; LEAF_BYTES],
        1 => [0xff; LEAF_BYTES],
        _ => {
            let mut leaf = [0; LEAF_BYTES];
            rand::RngCore::fill_bytes(&mut StdRng::seed_from_u64(seed), &mut leaf);
            leaf
        }
    });
    proptest::collection::vec(leaf, 1..=LANES)
}

fn permuted<const T: usize>(
    states: &[[Fr; T]],
    permute: impl FnOnce([Packed; T]) -> [Packed; T],
) -> Vec<[Fr; T]> {
    let mut permuted = states.to_vec();
    unpack(&permute(pack(states)), &mut permuted);
    permuted
}

fn assert_arithmetic<L: Lanes>(proof: L::Proof, a: &Number, b: &Number) {
    let (x, y) = (columns::<L>(proof, a), columns::<L>(proof, b));
    let shrink = power_of_two(-260);
    let product = x.carry().times(proof, y.carry());
    assert_eq!(lane(product, 0), value(a) * value(b) * shrink);
    let square = x.carry().square(proof);
    assert_eq!(lane(square, 7), value(a).square() * shrink);
    for (factor, element) in TABLES_12.diagonal.iter().zip(&WIDTH_12.diagonal) {
        let product = x.carry().times_fixed(proof, factor);
        assert_eq!(lane(product, 3), value(a) * element);
    }
    let sum = x.plus(x).plus(y).plus(y.plus(y));
    let settled = sum.settle(proof).columns();
    assert_eq!(lane(settled, 5), lane(sum, 5));
    assert!(limb_words(settled.0[4])[5] <= SETTLED_TOP);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arithmetic_on_any_limbs_is_arithmetic_modulo_r(a in limbs(), b in limbs()) {
        assert_arithmetic::<Checked>((), &a, &b);
        if let Some(ifma) = Ifma::detect() {
            assert_arithmetic::<neurostore_lanes::Vector>(ifma, &a, &b);
        }
    }

    #[test]
    fn states_of_width_four_are_permuted_as_by_the_reference(states in states::<4>()) {
        let expected: Vec<_> = states.iter().map(taceo_poseidon2::bn254::t4::permutation).collect();
        let twin = permuted(&states, |lot| Permute4(lot).run::<Checked>(()));
        prop_assert_eq!(twin[0], expected[0]);
        if let Some(ifma) = Ifma::detect() {
            prop_assert_eq!(&permuted(&states, |lot| ifma.run(Permute4(lot))), &expected);
        }
        let mut scalar = states;
        scalar.iter_mut().for_each(permute4);
        prop_assert_eq!(scalar, expected);
    }

    #[test]
    fn states_of_width_twelve_are_permuted_as_by_the_reference(states in states::<12>()) {
        let expected: Vec<_> = states.iter().map(taceo_poseidon2::bn254::t12::permutation).collect();
        let twin = permuted(&states, |lot| Permute12(lot).run::<Checked>(()));
        prop_assert_eq!(twin[0], expected[0]);
        if let Some(ifma) = Ifma::detect() {
            prop_assert_eq!(&permuted(&states, |lot| ifma.run(Permute12(lot))), &expected);
        }
        let mut scalar = states;
        scalar.iter_mut().for_each(permute12);
        prop_assert_eq!(scalar, expected);
    }

    #[test]
    fn nodes_are_compressed_as_one_by_one(nodes in states::<4>()) {
        let expected: Vec<_> = nodes.iter().map(compress).collect();
        let twin = Compress(pack(&nodes)).run::<Checked>(()).elements();
        prop_assert_eq!(twin[0], expected[0]);
        if let Some(ifma) = Ifma::detect() {
            prop_assert_eq!(super::compress(ifma, &nodes), expected);
        }
    }

    #[test]
    fn leaves_are_digested_as_one_by_one(leaves in leaves()) {
        let expected: Vec<_> = leaves.iter().map(leaf_digest).collect();
        let twin = Digest { leaves: &Leaves::new(&leaves), tag: &TAG }.run::<Checked>(()).elements();
        prop_assert_eq!(twin[0], expected[0]);
        if let Some(ifma) = Ifma::detect() {
            prop_assert_eq!(super::leaf_digests(ifma, &leaves), expected);
        }
    }
}

/// The twin panics where a column can pass 64 bits, or a factor or a loaded limb 52.
#[test]
fn no_limb_overflows_in_any_permutation_of_any_numbers_below_2_to_the_260() {
    Permute4([Packed::ZERO; 4]).run::<Checked>(());
    Permute12([Packed::ZERO; 12]).run::<Checked>(());
    Compress([Packed::ZERO; 4]).run::<Checked>(());
    let leaves = &Leaves::new(&[]);
    Digest { leaves, tag: &TAG }.run::<Checked>(());
}

/// What is settled has bits from 2^208 on that are `top`, or up to one more, and the rest. It
/// loses the quotient that depends on `top` alone, so that the largest and the smallest `top` of
/// each quotient stand for all. The modulus is between `MODULUS[4]` and one more, times 2^208.
#[test]
fn settling_any_number_below_2_to_the_268_leaves_less_than_the_claimed_limb() {
    let least = MODULUS[4];
    let smallest_top = |quotient: u64| {
        let quotient = u128::from(quotient) << 52;
        u64::try_from(quotient.div_ceil(QUOTIENT.into()) << 20).unwrap()
    };
    let mut quotient = 0;
    while smallest_top(quotient) < 1 << 60 {
        assert!(
            smallest_top(quotient) >= quotient * (least + 1),
            "{quotient}"
        );
        let largest_top = smallest_top(quotient + 1) - 1;
        // The number is below `largest_top + 2`, times 2^208.
        assert!(
            largest_top + 1 - quotient * least <= SETTLED_TOP,
            "{quotient}"
        );
        quotient += 1;
    }
    assert!(quotient > 21_000);
}

#[test]
fn the_constants_are_what_their_names_say() {
    assert_eq!(value(&MODULUS), Fr::ZERO);
    assert_eq!(MODULUS[4], Fr::MODULUS.0[3] >> 16);
    assert_eq!(value(&NEGATIVE_MODULUS), power_of_two(260));
    assert_eq!(
        MODULUS[0].wrapping_mul(NEGATIVE_INVERSE) & LIMB_MASK,
        LIMB_MASK
    );
    assert_eq!(SIXTEENTH * Fr::from(16u8), Fr::ONE);
    for (power, fold) in [-208, -156, -104, -52].into_iter().zip(&FOLDS) {
        assert_eq!(value(fold), power_of_two(power));
    }
    for (power, residue) in [312, 364, 416, 468, 520].into_iter().zip(&TO_MONTGOMERY) {
        assert_eq!(value(residue), power_of_two(power));
    }
    for (constant, element) in TABLES_12.partial.iter().zip(&WIDTH_12.partial) {
        assert_eq!(value(constant), *element * power_of_two(260));
    }
}

#[test]
fn every_number_of_leaves_fills_its_lanes() {
    let leaves: [[u8; LEAF_BYTES]; 17] =
        core::array::from_fn(|i| [u8::try_from(i).unwrap(); LEAF_BYTES]);
    let expected = leaves.each_ref().map(leaf_digest);
    for (count, ifma) in (0..=17).flat_map(|count| Ifma::detect().map(|ifma| (count, ifma))) {
        assert_eq!(
            super::leaf_digests(ifma, &leaves[..count]),
            expected[..count]
        );
    }
}

mod reject {
    use super::*;

    #[test]
    #[should_panic = "a sum that can pass 64 bits"]
    fn the_twin_refuses_a_sum_that_only_other_inputs_would_overflow() {
        let zero = Checked::load((), &[0; LANES]).low();
        (0..13).fold(zero, |sum, _| sum.plus(sum));
    }

    #[test]
    #[should_panic = "a limb that can be"]
    fn the_twin_refuses_a_factor_that_only_other_inputs_would_overflow() {
        let zero = Checked::load((), &[0; LANES]).low();
        Columns([zero.plus(zero); LIMBS]).carry();
    }
}
