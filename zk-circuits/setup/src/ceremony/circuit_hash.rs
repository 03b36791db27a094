//! The hash over an initial key with which the transcript of a ceremony begins. snarkjs calls it
//! the circuit hash.

use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr, CurveGroup,
};
use blake2::{Blake2b512, Digest};
use rayon::prelude::*;

use super::{
    contribution::Blake2b,
    encoding::{hashed, Coordinate},
    powers::Powers,
    zkey::Zkey,
};
use crate::circuits::word;

/// snarkjs hashes the quotient's points in runs of so many, and fills up the last run where there
/// is more than one.
const RUN: usize = 1 << 14;

/// Computes the circuit hash. `None` where the powers end before the last point that snarkjs
/// hashes: it then hashes what follows in its file.
pub(crate) fn circuit_hash(initial: &Zkey, powers: &Powers) -> Option<Blake2b> {
    let key = &initial.key;
    let mut hash = Blake2b512::new();
    hash.update(hashed(&key.vk.alpha_g1));
    hash.update(hashed(&key.beta_g1));
    hash.update(hashed(&key.vk.beta_g2));
    hash.update(hashed(&key.vk.gamma_g2));
    hash.update(hashed(&key.delta_g1));
    hash.update(hashed(&key.vk.delta_g2));
    update(&mut hash, &key.vk.gamma_abc_g1);

    let size = key.h_query.len();
    let last = size.checked_sub(1)?;
    let count = if last <= RUN {
        last
    } else {
        last.next_multiple_of(RUN)
    };
    hash.update(word(last).to_be_bytes());
    let lower = powers.tau_g1.get(..count)?;
    let upper = powers.tau_g1.get(size..size.checked_add(count)?)?;
    if upper.last()?.is_zero() {
        return None;
    }
    let differences: Vec<_> = upper
        .par_iter()
        .zip(lower)
        .map(|(upper, lower)| *upper - lower)
        .collect();
    for difference in ark_bn254::G1Projective::normalize_batch(&differences) {
        hash.update(hashed::<ark_bn254::g1::Config>(&difference));
    }

    update(&mut hash, &key.l_query);
    update(&mut hash, &key.a_query);
    update(&mut hash, &key.b_g1_query);
    update(&mut hash, &key.b_g2_query);
    Some(hash.finalize().into())
}

/// The number of points, big endian, and the points.
fn update<P: SWCurveConfig>(hash: &mut Blake2b512, points: &[Affine<P>])
where
    P::BaseField: Coordinate,
{
    hash.update(word(points.len()).to_be_bytes());
    for point in points {
        hash.update(hashed(point));
    }
}
