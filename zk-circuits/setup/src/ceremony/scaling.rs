//! Whether a key after contributions is the initial one but for delta.
//!
//! Contributions change delta, and divide the points of the witness and of the quotient by the
//! same secret. Everything else must have stayed.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{CurveGroup, VariableBaseMSM};
use rand::RngCore;

use super::{chain::same_ratio, powers::factors, zkey::Zkey};

/// Why a key does not come from an initial one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScalingError {
    /// The ceremony began with another key.
    #[error("the ceremony began with another initial key")]
    OtherInitial,
    /// A part that contributions leave alone has changed.
    #[error("{0} changed during the ceremony, which no contribution may do")]
    Changed(&'static str),
    /// A query was not divided by what delta was multiplied with.
    #[error("the points of the {0} were not scaled as delta was")]
    Scaled(&'static str),
}

/// Compares a key with the one the ceremony began with.
pub(crate) fn check(
    key: &Zkey,
    initial: &Zkey,
    random: &mut impl RngCore,
) -> Result<(), ScalingError> {
    if key.contributions.circuit_hash != initial.contributions.circuit_hash {
        return Err(ScalingError::OtherInitial);
    }
    let (now, before) = (&key.key, &initial.key);
    let same = [
        ("alpha", now.vk.alpha_g1 == before.vk.alpha_g1),
        ("beta", now.beta_g1 == before.beta_g1),
        ("beta in G2", now.vk.beta_g2 == before.vk.beta_g2),
        ("gamma", now.vk.gamma_g2 == before.vk.gamma_g2),
        ("input bases", now.vk.gamma_abc_g1 == before.vk.gamma_abc_g1),
        ("A", now.a_query == before.a_query),
        ("B in G1", now.b_g1_query == before.b_g1_query),
        ("B in G2", now.b_g2_query == before.b_g2_query),
    ];
    if let Some((name, _)) = same.iter().find(|(_, same)| !same) {
        return Err(ScalingError::Changed(name));
    }
    let deltas = (now.vk.delta_g2, before.vk.delta_g2);
    if !scaled(&before.l_query, &now.l_query, deltas, random) {
        return Err(ScalingError::Scaled("witness"));
    }
    if !scaled(&before.h_query, &now.h_query, deltas, random) {
        return Err(ScalingError::Scaled("quotient"));
    }
    Ok(())
}

/// Whether every point of `now` times the first delta is that of `before` times the second.
fn scaled(
    before: &[G1Affine],
    now: &[G1Affine],
    deltas: (G2Affine, G2Affine),
    random: &mut impl RngCore,
) -> bool {
    let factors: Vec<Fr> = factors(before.len(), random);
    let sum = |points| G1Projective::msm_unchecked(points, &factors).into_affine();
    before.len() == now.len() && same_ratio((sum(now), sum(before)), (deltas.1, deltas.0))
}
