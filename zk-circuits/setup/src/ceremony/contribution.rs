//! What a `.zkey` says about who took part in the ceremony.
//!
//! Section 10: the circuit hash (64 bytes), the number of contributions as `u32`, and for each
//! delta after it in G1, its public key (`s` and `s x` in G1, `s' x` in G2), the transcript hash
//! (64 bytes), its type as `u32`, and the length of its parameters as `u32`. Parameters come in
//! ascending order, each a byte that says which: 1 a name, 2 the beacon's iterations as an exponent
//! of two, 3 the beacon's value; 1 and 3 with their length as a byte.

use ark_bn254::{G1Affine, G2Affine};

use super::encoding::{point, PointFault, G1_BYTES, G2_BYTES};

/// Contributions of one ceremony. Perpetual Powers of Tau has 80 after five years.
pub const MAX_CONTRIBUTIONS: usize = 1024;
/// Bytes of a `BLAKE2b` hash, as snarkjs uses it.
pub(crate) const HASH_BYTES: usize = 64;
/// Name, exponent and value with what stands before them.
const MAX_PARAMETER_BYTES: usize = (2 + 255) + 2 + (2 + 255);
const MAX_CONTRIBUTION_BYTES: usize =
    3 * G1_BYTES + G2_BYTES + HASH_BYTES + 4 + 4 + MAX_PARAMETER_BYTES;
/// Bytes of the longest section 10.
pub(crate) const MAX_SECTION_BYTES: usize =
    HASH_BYTES + 4 + MAX_CONTRIBUTIONS * MAX_CONTRIBUTION_BYTES;

const NAME: u8 = 1;
const EXPONENT: u8 = 2;
const VALUE: u8 = 3;

/// A hash as snarkjs prints them.
pub(crate) type Blake2b = [u8; HASH_BYTES];

/// One participant's part, or the beacon's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// What the participant called itself. Anyone can write anything here.
    pub(crate) name: String,
    /// The value and the exponent, where this is a beacon.
    pub(crate) beacon: Option<Beacon>,
    /// delta after this contribution.
    pub(crate) delta_after: G1Affine,
    /// A point that nobody knows the logarithm of.
    pub(crate) base: G1Affine,
    /// `base` times the secret.
    pub(crate) raised: G1Affine,
    /// A point that follows from the transcript, times the secret: shows that it is known.
    pub(crate) proof: G2Affine,
    /// Hash over everything before and this public key.
    pub(crate) transcript: Blake2b,
}

/// Public randomness that nobody could know before: the last secret follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beacon {
    /// The published value.
    pub(crate) value: Vec<u8>,
    /// The value is hashed two to this power times.
    pub(crate) exponent: u8,
}

/// Section 10 of a `.zkey`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contributions {
    /// Hash over the key before the first contribution.
    pub(crate) circuit_hash: Blake2b,
    /// All contributions in order.
    pub(crate) list: Vec<Contribution>,
}

/// Why section 10 cannot be read. Contributions are numbered from 1, as snarkjs does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContributionFault {
    /// Bytes are missing, left over, or out of order.
    #[error("the list of contributions is damaged")]
    Malformed,
    /// More contributions than [`MAX_CONTRIBUTIONS`].
    #[error("there are more than {MAX_CONTRIBUTIONS} contributions")]
    TooMany,
    /// A point of a contribution is not acceptable.
    #[error("a point of contribution {0} {1}")]
    Point(usize, PointFault),
    /// A name is not UTF-8.
    #[error("the name of contribution {0} is no text")]
    Name(usize),
}

impl Contributions {
    /// Reads section 10.
    pub(crate) fn parse(section: &[u8]) -> Result<Self, ContributionFault> {
        let mut rest = section;
        let circuit_hash = take(&mut rest)?;
        let count = take_u32(&mut rest)?;
        if count > MAX_CONTRIBUTIONS {
            return Err(ContributionFault::TooMany);
        }
        let list = (1..=count)
            .map(|number| Contribution::parse(&mut rest, number))
            .collect::<Result<_, _>>()?;
        if rest.is_empty() {
            Ok(Self { circuit_hash, list })
        } else {
            Err(ContributionFault::Malformed)
        }
    }
}

impl Contribution {
    fn parse(rest: &mut &[u8], number: usize) -> Result<Self, ContributionFault> {
        let bad = |fault| ContributionFault::Point(number, fault);
        let mut g1 = || point(&take::<G1_BYTES>(rest)?).map_err(bad);
        let (delta_after, base, raised) = (g1()?, g1()?, g1()?);
        let proof = point(&take::<G2_BYTES>(rest)?).map_err(bad)?;
        let transcript = take(rest)?;
        let kind = take_u32(rest)?;
        let length = take_u32(rest)?;
        let mut parameters = rest
            .split_off(..length)
            .ok_or(ContributionFault::Malformed)?;

        let (mut name, mut exponent, mut value) = (String::new(), None, None);
        let mut last = 0;
        while !parameters.is_empty() {
            let [parameter, first] = take(&mut parameters)?;
            if parameter <= last {
                return Err(ContributionFault::Malformed);
            }
            last = parameter;
            let mut bytes = || {
                parameters
                    .split_off(..usize::from(first))
                    .map(<[u8]>::to_vec)
                    .ok_or(ContributionFault::Malformed)
            };
            match parameter {
                NAME => {
                    let text = String::from_utf8(bytes()?);
                    name = text.map_err(|_| ContributionFault::Name(number))?;
                }
                EXPONENT => exponent = Some(first),
                VALUE => value = Some(bytes()?),
                _ => return Err(ContributionFault::Malformed),
            }
        }
        let beacon = match (kind, exponent, value) {
            (0, None, None) => None,
            (1, Some(exponent), Some(value)) => Some(Beacon { value, exponent }),
            _ => return Err(ContributionFault::Malformed),
        };
        Ok(Self {
            name,
            beacon,
            delta_after,
            base,
            raised,
            proof,
            transcript,
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ContributionFault> {
    let (bytes, tail) = rest
        .split_first_chunk()
        .ok_or(ContributionFault::Malformed)?;
    *rest = tail;
    Ok(*bytes)
}

fn take_u32(rest: &mut &[u8]) -> Result<usize, ContributionFault> {
    let number = u32::from_le_bytes(take(rest)?);
    usize::try_from(number).map_err(|_| ContributionFault::TooMany)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A contribution of points at infinity.
    fn contribution(kind: u32, parameters: &[u8]) -> Vec<u8> {
        [
            &[0; 3 * G1_BYTES + G2_BYTES + HASH_BYTES][..],
            &kind.to_le_bytes(),
            &u32::try_from(parameters.len()).unwrap().to_le_bytes(),
            parameters,
        ]
        .concat()
    }

    fn section(contributions: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(contributions.len()).unwrap();
        [
            &[7; HASH_BYTES][..],
            &count.to_le_bytes(),
            &contributions.concat(),
        ]
        .concat()
    }

    const NAMED: &[u8] = &[NAME, 3, b'a', b'd', b'a'];
    const BEACON: &[u8] = &[EXPONENT, 10, VALUE, 2, 8, 9];

    #[test]
    fn contributions_are_read_in_order() {
        let bytes = section(&[contribution(0, NAMED), contribution(1, BEACON)]);
        let read = Contributions::parse(&bytes).unwrap();
        assert_eq!(read.circuit_hash, [7; HASH_BYTES]);
        let [first, last] = &read.list[..] else {
            panic!()
        };
        assert_eq!((&first.name[..], &first.beacon), ("ada", &None));
        let beacon = Beacon {
            value: vec![8, 9],
            exponent: 10,
        };
        assert_eq!(last.beacon, Some(beacon));
    }

    mod reject {
        use super::*;

        #[test]
        fn every_cut_and_an_extension() {
            let whole = section(&[contribution(0, NAMED), contribution(1, BEACON)]);
            for length in 0..whole.len() {
                let refused = Contributions::parse(&whole[..length]);
                assert_eq!(refused, Err(ContributionFault::Malformed), "{length} bytes");
            }
            let longer = [&whole[..], &[0]].concat();
            assert_eq!(
                Contributions::parse(&longer),
                Err(ContributionFault::Malformed)
            );
        }

        #[test]
        fn more_contributions_than_any_ceremony_has() {
            let bytes = [&[0; HASH_BYTES][..], &[0xff; 4]].concat();
            assert_eq!(
                Contributions::parse(&bytes),
                Err(ContributionFault::TooMany)
            );
        }

        #[test]
        fn parameters_that_repeat_are_unknown_or_of_another_type() {
            let twice = [NAMED, NAMED].concat();
            for (kind, parameters) in [
                (0, &twice[..]),
                (0, &[4, 0]),
                (0, &[NAME, 9, b'a']),
                (0, BEACON),
                (1, NAMED),
                (2, NAMED),
            ] {
                let refused = Contributions::parse(&section(&[contribution(kind, parameters)]));
                assert_eq!(
                    refused,
                    Err(ContributionFault::Malformed),
                    "{kind} {parameters:?}"
                );
            }
        }

        #[test]
        fn a_name_that_is_no_text() {
            let refused = Contributions::parse(&section(&[contribution(0, &[NAME, 1, 0xff])]));
            assert_eq!(refused, Err(ContributionFault::Name(1)));
        }

        #[test]
        fn a_point_off_the_curve() {
            let mut bytes = contribution(0, NAMED);
            bytes[0] = 1;
            let refused = Contributions::parse(&section(&[bytes]));
            assert_eq!(
                refused,
                Err(ContributionFault::Point(1, PointFault::OffCurve))
            );
        }
    }
}
