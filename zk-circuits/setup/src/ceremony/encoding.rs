//! Curve points as snarkjs writes them.
//!
//! In files a coordinate is its Montgomery representation, little endian; what is hashed is the
//! number itself, big endian, the second part of an extension first. The point at infinity is all
//! zeros in both.

use ark_bn254::{Fq, Fq2};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr,
};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};
use rayon::prelude::*;

/// Bytes of a field element, in files and in hashes.
pub(crate) const ELEMENT_BYTES: usize = 32;
/// Bytes of a point of G1.
pub(crate) const G1_BYTES: usize = 2 * ELEMENT_BYTES;
/// Bytes of a point of G2.
pub(crate) const G2_BYTES: usize = 4 * ELEMENT_BYTES;

/// Why bytes are no point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointFault {
    /// A coordinate is not below the modulus, or bytes are missing.
    #[error("is not the canonical encoding of a point")]
    NotCanonical,
    /// Not on the curve.
    #[error("is not on the curve")]
    OffCurve,
    /// On the curve, but outside the prime-order subgroup.
    #[error("is not in the prime-order subgroup")]
    WrongSubgroup,
}

/// A coordinate of a point.
pub(crate) trait Coordinate: AdditiveGroup {
    /// Bytes in files and in hashes.
    const BYTES: usize;

    /// From the Montgomery representation; `None` where that is not canonical.
    fn from_montgomery(bytes: &[u8]) -> Option<Self>;

    /// Appends the number, big endian.
    fn append_big_endian(&self, to: &mut Vec<u8>);
}

impl Coordinate for Fq {
    const BYTES: usize = ELEMENT_BYTES;

    fn from_montgomery(bytes: &[u8]) -> Option<Self> {
        words(bytes)
            .filter(|words| *words < Fq::MODULUS)
            .map(Fq::new_unchecked)
    }

    fn append_big_endian(&self, to: &mut Vec<u8>) {
        to.extend(self.into_bigint().to_bytes_be());
    }
}

impl Coordinate for Fq2 {
    const BYTES: usize = 2 * ELEMENT_BYTES;

    fn from_montgomery(bytes: &[u8]) -> Option<Self> {
        let (c0, c1) = bytes.split_at_checked(ELEMENT_BYTES)?;
        Some(Fq2::new(Fq::from_montgomery(c0)?, Fq::from_montgomery(c1)?))
    }

    fn append_big_endian(&self, to: &mut Vec<u8>) {
        self.c1.append_big_endian(to);
        self.c0.append_big_endian(to);
    }
}

/// Four little-endian words; `None` where there are not 32 bytes.
pub(crate) fn words(bytes: &[u8]) -> Option<BigInt<4>> {
    let bytes: &[u8; ELEMENT_BYTES] = bytes.try_into().ok()?;
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    Some(BigInt(words))
}

/// Decodes one point and checks that it is in the group. Infinity is a point.
pub(crate) fn point<P: SWCurveConfig>(bytes: &[u8]) -> Result<Affine<P>, PointFault>
where
    P::BaseField: Coordinate,
{
    let (x, y) = bytes
        .split_at_checked(P::BaseField::BYTES)
        .ok_or(PointFault::NotCanonical)?;
    let coordinate = |bytes| P::BaseField::from_montgomery(bytes).ok_or(PointFault::NotCanonical);
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    if x == P::BaseField::ZERO && y == P::BaseField::ZERO {
        return Ok(Affine::identity());
    }
    let point = Affine::new_unchecked(x, y);
    if !point.is_on_curve() {
        return Err(PointFault::OffCurve);
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(PointFault::WrongSubgroup);
    }
    Ok(point)
}

/// Decodes all points of a section, or says which one is the first bad one.
pub(crate) fn points<P: SWCurveConfig>(bytes: &[u8]) -> Result<Vec<Affine<P>>, (usize, PointFault)>
where
    P::BaseField: Coordinate,
{
    bytes
        .par_chunks(2 * P::BaseField::BYTES)
        .enumerate()
        .map(|(number, bytes)| point(bytes).map_err(|fault| (number, fault)))
        .collect()
}

/// The bytes of a point that snarkjs hashes.
pub(crate) fn hashed<P: SWCurveConfig>(point: &Affine<P>) -> Vec<u8>
where
    P::BaseField: Coordinate,
{
    let mut bytes = Vec::with_capacity(2 * P::BaseField::BYTES);
    match point.xy() {
        Some((x, y)) => {
            x.append_big_endian(&mut bytes);
            y.append_big_endian(&mut bytes);
        }
        None => bytes.resize(2 * P::BaseField::BYTES, 0),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{g1, g2, G1Affine, G2Affine};

    fn element(value: &Fq) -> Vec<u8> {
        value
            .0
             .0
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect()
    }

    fn encode(point: &G2Affine) -> Vec<u8> {
        [point.x.c0, point.x.c1, point.y.c0, point.y.c1]
            .iter()
            .flat_map(element)
            .collect()
    }

    #[test]
    fn points_are_read_as_they_are_written() {
        let generator = G1Affine::generator();
        let bytes = [element(&generator.x), element(&generator.y)].concat();
        assert_eq!(point::<g1::Config>(&bytes), Ok(generator));
        let generator = G2Affine::generator();
        assert_eq!(point::<g2::Config>(&encode(&generator)), Ok(generator));
        assert_eq!(
            point::<g2::Config>(&[0; G2_BYTES]),
            Ok(G2Affine::identity())
        );
    }

    #[test]
    fn the_hashed_generator_is_one_and_two_in_big_endian() {
        let mut expected = [0; G1_BYTES];
        (expected[31], expected[63]) = (1, 2);
        assert_eq!(hashed(&G1Affine::generator()), expected);
        assert_eq!(hashed(&G1Affine::identity()), [0; G1_BYTES]);
    }

    mod reject {
        use super::*;
        use ark_ff::Field;

        #[test]
        fn coordinates_that_are_not_below_the_modulus() {
            assert_eq!(
                point::<g1::Config>(&[0xff; G1_BYTES]),
                Err(PointFault::NotCanonical)
            );
        }

        #[test]
        fn bytes_that_are_missing_or_left_over() {
            for length in [0, 63, 65] {
                let refused = point::<g1::Config>(&vec![0; length]);
                assert_eq!(refused, Err(PointFault::NotCanonical), "{length} bytes");
            }
        }

        #[test]
        fn points_off_the_curve_and_outside_the_subgroup() {
            let one = element(&Fq::ONE);
            assert_eq!(
                point::<g1::Config>(&[one.clone(), one].concat()),
                Err(PointFault::OffCurve)
            );
            let outside = (1u64..)
                .find_map(|x| {
                    let x = Fq2::new(Fq::from(x), Fq::ZERO);
                    let found = G2Affine::get_point_from_x_unchecked(x, true)?;
                    (!found.is_in_correct_subgroup_assuming_on_curve()).then_some(found)
                })
                .unwrap();
            assert_eq!(
                point::<g2::Config>(&encode(&outside)),
                Err(PointFault::WrongSubgroup)
            );
        }

        #[test]
        fn the_first_bad_point_is_named_by_its_number() {
            let bytes = [[0; G1_BYTES], [0xff; G1_BYTES]].concat();
            assert_eq!(
                points::<g1::Config>(&bytes),
                Err((1, PointFault::NotCanonical))
            );
        }
    }
}
