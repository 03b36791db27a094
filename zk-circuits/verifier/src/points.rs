//! Curve points from untrusted bytes.

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr,
};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};

/// Bytes of a compressed point of G1.
pub(crate) const G1_BYTES: usize = 32;
/// Bytes of a compressed point of G2.
pub(crate) const G2_BYTES: usize = 64;

/// Why bytes are no acceptable point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointError {
    /// No point of the curve has this encoding, or it is not the canonical one.
    Malformed,
    /// The point at infinity: never part of an honest key or proof.
    Identity,
    /// On the curve, but outside the prime-order subgroup.
    WrongSubgroup,
}

impl core::fmt::Display for PointError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "is not the canonical encoding of a curve point",
            Self::Identity => "is the point at infinity",
            Self::WrongSubgroup => "is not in the prime-order subgroup",
        })
    }
}

/// Decodes a compressed point of G1.
pub(crate) fn g1(bytes: &[u8; G1_BYTES]) -> Result<G1Affine, PointError> {
    decode(bytes)
}

/// Decodes a compressed point of G2.
pub(crate) fn g2(bytes: &[u8; G2_BYTES]) -> Result<G2Affine, PointError> {
    decode(bytes)
}

fn decode<P: SWCurveConfig, const N: usize>(bytes: &[u8; N]) -> Result<Affine<P>, PointError> {
    let point = Affine::<P>::deserialize_compressed_unchecked(&bytes[..])
        .map_err(|_| PointError::Malformed)?;
    if point.is_zero() {
        return Err(PointError::Identity);
    }
    let mut canonical = [0; N];
    let written = point.serialize_compressed(&mut canonical[..]);
    if written.is_err() || canonical != *bytes || !point.is_on_curve() {
        return Err(PointError::Malformed);
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(PointError::WrongSubgroup);
    }
    Ok(point)
}

/// The pairing everything here is about.
pub(crate) type Curve = Bn254;
