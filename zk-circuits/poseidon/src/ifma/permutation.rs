//! The permutations of width 4 and 12, eight states side by side.
//!
//! Numbers between the steps, in multiples of r, and their columns, in multiples of 2^52:
//!
//! | number | below | columns below |
//! |---|---|---|
//! | what comes in, 2^260 at most, by the external matrix | 5,420 | 832 |
//! | S-box of a settled element | 5.1 | 20 |
//! | external matrix of those, rows of sum 16 and 64, and a constant | 328 | 1,281 |
//! | diagonal times an element | 6 | 12 |
//! | that plus the shared sum | 7.1 | 13 |
//! | the first element with its constant | 8.1 | 14 |
//! | S-box of the first element | 5.6 | 20 |
//! | sum of all | 84 | 163 |
//!
//! So a number to be settled is below 2^266, where 2^268 is allowed, a number to be multiplied is
//! below 15 r, where 84.6 r is, and a column is below 2^62.4. The checked twin works all of it out
//! from the operations themselves.

use neurostore_lanes::Lanes;

use super::{
    arithmetic::Columns,
    constants::{Factor, Number, Tables, LIMBS},
};

/// Elements that the external matrix mixes before it adds their groups.
const GROUP: usize = 4;

/// Permutes eight states. Takes numbers below 2^260 in columns below 13 * 2^52 and gives numbers
/// that must be settled.
#[inline(always)]
pub(super) fn permute<L: Lanes, const T: usize, const P: usize>(
    proof: L::Proof,
    state: &mut [Columns<L>; T],
    tables: &Tables<T, P>,
) {
    mix(proof, state);
    for constants in &tables.opening {
        full_round(proof, state, constants);
    }
    partial_rounds(proof, state, &tables.partial, &tables.diagonal);
    for constants in &tables.closing {
        full_round(proof, state, constants);
    }
}

/// A full round.
///
/// S-boxes two by two, so that one multiplies while the other waits for its carries.
#[inline(always)]
fn full_round<L: Lanes, const T: usize>(
    proof: L::Proof,
    state: &mut [Columns<L>; T],
    constants: &[Number; T],
) {
    let (pairs, _) = state.as_chunks_mut::<2>();
    let (constants, _) = constants.as_chunks::<2>();
    for ([a, b], [k, l]) in pairs.iter_mut().zip(constants) {
        let x = a.plus_number(proof, k).settle(proof);
        let x2 = x.square(proof).carry();
        let y = b.plus_number(proof, l).settle(proof);
        let y2 = y.square(proof).carry();
        let (x4, y4) = (x2.square(proof).carry(), y2.square(proof).carry());
        (*a, *b) = (x4.times(proof, x), y4.times(proof, y));
    }
    mix(proof, state);
}

/// Multiplies each group of four by the matrix of rows (5 7 1 3), (4 6 1 1), (1 3 5 7), (1 1 4 6)
/// and, where there are more groups than one, adds the sum of all groups to each.
///
/// Limb by limb, so that all stays in registers.
// Limbs are addressed by numbers that are known when the loops are unrolled.
#[allow(clippy::indexing_slicing)]
#[inline(always)]
fn mix<L: Lanes, const T: usize>(proof: L::Proof, state: &mut [Columns<L>; T]) {
    for limb in 0..LIMBS {
        let mut limbs = [L::splat(proof, 0); T];
        for (to, from) in limbs.iter_mut().zip(state.iter()) {
            *to = from.0[limb];
        }
        let (groups, _) = limbs.as_chunks_mut::<GROUP>();
        let mut sums = [L::splat(proof, 0); GROUP];
        for group in groups.iter_mut() {
            mix_group(group);
            for (sum, limb) in sums.iter_mut().zip(group.iter()) {
                *sum = sum.plus(*limb);
            }
        }
        for group in groups.iter_mut() {
            for (limb, sum) in group.iter_mut().zip(&sums) {
                if T > GROUP {
                    *limb = limb.plus(*sum);
                }
            }
        }
        for (from, to) in limbs.iter().zip(state.iter_mut()) {
            to.0[limb] = *from;
        }
    }
}

#[inline(always)]
fn mix_group<L: Lanes>(group: &mut [L; GROUP]) {
    let [a, b, c, d] = *group;
    let ab = a.plus(b);
    let cd = c.plus(d);
    let b2_cd = b.plus(b).plus(cd);
    let d2_ab = d.plus(d).plus(ab);
    let (ab2, cd2) = (ab.plus(ab), cd.plus(cd));
    let last = cd2.plus(cd2).plus(d2_ab);
    let second = ab2.plus(ab2).plus(b2_cd);
    *group = [d2_ab.plus(second), second, b2_cd.plus(last), last];
}

/// The partial rounds: an S-box on the first element, then each element times its diagonal entry
/// plus the sum of all.
///
/// The state holds the elements times their entries; the sum is added when they are next read.
/// What does not depend on the S-box stands between its steps, so that the CPU has work while one
/// step waits for the other.
#[inline(always)]
fn partial_rounds<L: Lanes, const T: usize, const P: usize>(
    proof: L::Proof,
    state: &mut [Columns<L>; T],
    constants: &[Number; P],
    diagonal: &[Factor; T],
) {
    for element in state.iter_mut() {
        *element = element.settle(proof).columns();
    }
    let ([first, rest @ ..], [factor, factors @ ..]) = (state.as_mut_slice(), diagonal.as_slice())
    else {
        return;
    };
    let mut shared = Columns::zero(proof);
    // What is multiplied beside the steps of the S-box: a quarter of the elements each.
    let quarter = T / 4;
    let (early, late) = rest.split_at_mut(T - 1 - quarter);
    let (early_factors, late_factors) = factors.split_at(T - 1 - quarter);
    for constant in constants {
        let mut sum = Columns::zero(proof);
        let mut quarters = early.chunks_mut(quarter).zip(early_factors.chunks(quarter));
        let x = first.plus(shared).plus_number(proof, constant).carry();
        let x2 = x.square(proof).carry();
        scale(proof, quarters.next(), shared, &mut sum);
        let x4 = x2.square(proof).carry();
        scale(proof, quarters.next(), shared, &mut sum);
        let x5 = x4.times(proof, x);
        scale(proof, quarters.next(), shared, &mut sum);
        for element in late.iter_mut() {
            *element = element.plus(shared);
            sum = sum.plus(*element);
        }
        *first = x5.carry().times_fixed(proof, factor);
        shared = sum.plus(x5).settle(proof).columns();
        for (element, factor) in late.iter_mut().zip(late_factors) {
            *element = element.carry().times_fixed(proof, factor);
        }
    }
    for element in state.iter_mut() {
        *element = element.plus(shared);
    }
}

/// Adds the shared sum to some elements, these to the next sum, and takes them times their factors.
#[inline(always)]
fn scale<L: Lanes>(
    proof: L::Proof,
    some: Option<(&mut [Columns<L>], &[Factor])>,
    shared: Columns<L>,
    sum: &mut Columns<L>,
) {
    let Some((elements, factors)) = some else {
        return;
    };
    for (element, factor) in elements.iter_mut().zip(factors) {
        let value = element.plus(shared);
        *sum = sum.plus(value);
        *element = value.carry().times_fixed(proof, factor);
    }
}
