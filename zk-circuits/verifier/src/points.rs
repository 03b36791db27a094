//! Curve points from untrusted bytes.

use ark_bn254::{g1, g2};
use ark_ec::short_weierstrass::SWCurveConfig;

use crate::{
    curve::{in_subgroup, Affine},
    field::{Coordinate, Fp, Fp2},
    limbs::words,
};

/// Bytes of a compressed point of G1.
pub(crate) const G1_BYTES: usize = 32;
/// Bytes of a compressed point of G2.
pub(crate) const G2_BYTES: usize = 64;

/// The bit of the last byte that says: of the two points with this x, the one with the larger y.
const LARGER: u64 = 1 << 63;
/// The bit of the last byte that says: the point at infinity.
const INFINITY: u64 = 1 << 62;
/// The modulus minus one, halved: the largest number that is smaller than its negative.
const MIDDLE: [u64; 4] = [
    0x9e10_460b_6c3e_7ea3,
    0xcbc0_b548_b438_e546,
    0xdc28_22db_40c0_ac2e,
    0x1832_2739_7098_d014,
];

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

/// Decodes a compressed point of G1: x, and two flags in the highest bits. The curve has prime
/// order, so all its points are in the subgroup.
pub(crate) fn g1(bytes: &[u8; G1_BYTES]) -> Result<Affine<Fp>, PointError> {
    const B: Fp = Fp::from_ark(<g1::Config as SWCurveConfig>::COEFF_B);
    let (flag, x) = split_flag(words(bytes))?;
    let x = Fp::from_plain(x).ok_or(PointError::Malformed)?;
    let larger = flag.ok_or(PointError::Identity)?;
    let square = (x.square().times(&x) + B).tidy();
    let y = square.root().ok_or(PointError::Malformed)?;
    let order = order(&y);
    // No point has y = 0: it would have order two. Were there one, either flag would do.
    let y = if order == larger { y } else { -y };
    Ok(Affine::new(x, y))
}

/// Decodes a compressed point of G2: x in two coordinates, the flags at the end of the second.
pub(crate) fn g2(bytes: &[u8; G2_BYTES]) -> Result<Affine<Fp2>, PointError> {
    const B: Fp2 = Fp2::from_ark(<g2::Config as SWCurveConfig>::COEFF_B);
    let ([first, second], _) = bytes.as_chunks::<G1_BYTES>() else {
        return Err(PointError::Malformed);
    };
    let (flag, second) = split_flag(words(second))?;
    let coordinate = |words| Fp::from_plain(words).ok_or(PointError::Malformed);
    let x = Fp2::new(coordinate(words(first))?, coordinate(second)?);
    let larger = flag.ok_or(PointError::Identity)?;
    let square = (x.square().times(&x) + B).tidy();
    let y = square.root().ok_or(PointError::Malformed)?;
    let order = if y.c1.is_zero() {
        order(&y.c0)
    } else {
        order(&y.c1)
    };
    let point = Affine::new(x, if order == larger { y } else { -y });
    if !in_subgroup(&point) {
        return Err(PointError::WrongSubgroup);
    }
    Ok(point)
}

/// Takes the flags off: which y is meant, or `None` for the point at infinity.
fn split_flag([a, b, c, d]: [u64; 4]) -> Result<(Option<bool>, [u64; 4]), PointError> {
    let flag = match (d & LARGER != 0, d & INFINITY != 0) {
        (true, true) => return Err(PointError::Malformed),
        (_, true) => None,
        (larger, false) => Some(larger),
    };
    Ok((flag, [a, b, c, d & !(LARGER | INFINITY)]))
}

/// Whether a number is larger than its negative.
fn order(number: &Fp) -> bool {
    number.to_plain().iter().rev().gt(MIDDLE.iter().rev())
}
