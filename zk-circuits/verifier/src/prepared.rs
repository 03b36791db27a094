//! Verifying keys prepared for verification, and how they are stored.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};

use crate::{
    curve::{sum_of_multiples, Affine, Jacobian},
    field::{Fp, Fp12, Fp2, Fp6},
    limbs::{element, write_element, ELEMENT_BYTES},
    pairing::{final_exponentiation, lines_of, miller_loop, Line, Scaled, LINES},
};

/// The most public inputs a circuit may have. Ours has one; the bound keeps storage bounded.
pub const MAX_PUBLIC_INPUTS: usize = 16;

/// A length as storage bounds count it. For constants: a length that does not fit fails the build.
#[allow(clippy::cast_possible_truncation)]
pub(crate) const fn small(length: usize) -> u32 {
    assert!(length < 1 << 16);
    length as u32
}

/// Version of the stored form.
const VERSION: u8 = 2;
/// Bytes of the hash that names a key.
const ID_BYTES: usize = 32;
/// Base field elements of e(alpha, beta).
const TARGET_ELEMENTS: usize = 12;
/// Multiples of a base that a key has, one for each 64-bit word of a public input.
const WORDS: usize = 4;
/// Base field elements of a base.
const BASE_ELEMENTS: usize = 2 * WORDS;
/// Base field elements of a line.
const LINE_ELEMENTS: usize = 4;
/// Bytes of the longest stored key.
pub const MAX_PREPARED_KEY_BYTES: u32 = small(stored_len(MAX_PUBLIC_INPUTS));

/// The base of a public input, times 1, 2^64, 2^128 and 2^192.
type Base = [Affine<Fp>; WORDS];

/// A verifying key whose points passed their checks.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    pub(crate) alpha: Affine<Fp>,
    pub(crate) beta: Affine<Fp2>,
    pub(crate) gamma: Affine<Fp2>,
    pub(crate) delta: Affine<Fp2>,
    pub(crate) bases: Vec<Affine<Fp>>,
}

/// A verifying key that passed admission: e(alpha, beta), the bases of the inputs, and the lines
/// of -gamma and -delta.
#[derive(Clone, Debug)]
pub struct PreparedKey {
    id: [u8; ID_BYTES],
    alpha_beta: Fp12,
    bases: Vec<Base>,
    gamma_negated: Vec<Line>,
    delta_negated: Vec<Line>,
}

impl PartialEq for PreparedKey {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

/// Why stored bytes are no prepared key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreparedKeyError {
    /// Written by another version of this crate.
    UnknownVersion,
    /// Cut off or extended.
    WrongLength,
}

impl core::fmt::Display for PreparedKeyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::UnknownVersion => "the stored key has an unknown version",
            Self::WrongLength => "the stored key has the wrong length",
        })
    }
}

impl core::error::Error for PreparedKeyError {}

impl PreparedKey {
    /// Prepares a key that these bytes encode, or says `None` where its points have no pairing or
    /// no multiples, which points of the subgroup have.
    pub(crate) fn new(key: &VerifyingKey, bytes: &[u8]) -> Option<Self> {
        let alpha = *Scaled::all(&[key.alpha.into()]).first()?;
        let product = miller_loop(&[(alpha?, key.beta)], &[]);
        Some(Self {
            id: Sha256::digest(bytes).into(),
            alpha_beta: final_exponentiation(&product)?,
            bases: key.bases.iter().map(multiples).collect::<Option<_>>()?,
            gamma_negated: lines_of(&key.gamma.negated()),
            delta_negated: lines_of(&key.delta.negated()),
        })
    }

    /// Public inputs of the circuit.
    pub fn public_inputs(&self) -> usize {
        self.bases.len().saturating_sub(1)
    }

    /// SHA-256 of the verifying key's bytes.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// The stored form: a version, the number of inputs, the id, then field elements in Montgomery
    /// form, so that reading them back costs next to nothing. A key has one stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inputs = self.public_inputs();
        let mut bytes = Vec::with_capacity(stored_len(inputs));
        // Admission bounds the number of inputs far below 256.
        bytes.extend([VERSION, u8::try_from(inputs).unwrap_or(u8::MAX)]);
        bytes.extend(self.id);
        let target = [self.alpha_beta.c0, self.alpha_beta.c1];
        let target = target.iter().flat_map(|half| [half.c0, half.c1, half.c2]);
        let points = self.bases.iter().flatten();
        let points = points.flat_map(|point| [point.x, point.y]);
        let lines = self.gamma_negated.iter().chain(&self.delta_negated);
        let lines = lines.flat_map(|line| [line.slope_negated, line.offset]);
        let pair = |element: Fp2| [element.c0, element.c1];
        for element in target
            .flat_map(pair)
            .chain(points)
            .chain(lines.flat_map(pair))
        {
            let mut written = [0; ELEMENT_BYTES];
            write_element(&mut written, &element);
            bytes.extend(written);
        }
        bytes
    }

    /// Reads what [`PreparedKey::to_bytes`] wrote. Only the length is checked: the bytes must come
    /// from where only admitted keys are written.
    pub fn from_bytes_trusted(bytes: &[u8]) -> Result<Self, PreparedKeyError> {
        let ([version, inputs], rest) = bytes
            .split_first_chunk()
            .ok_or(PreparedKeyError::WrongLength)?;
        if *version != VERSION {
            return Err(PreparedKeyError::UnknownVersion);
        }
        let inputs = usize::from(*inputs);
        if inputs > MAX_PUBLIC_INPUTS || bytes.len() != stored_len(inputs) {
            return Err(PreparedKeyError::WrongLength);
        }
        let (id, rest) = rest
            .split_first_chunk()
            .ok_or(PreparedKeyError::WrongLength)?;
        let (elements, _) = rest.as_chunks::<ELEMENT_BYTES>();
        Self::read(*id, &mut elements.iter().map(element), inputs)
            .ok_or(PreparedKeyError::WrongLength)
    }

    fn read(
        id: [u8; ID_BYTES],
        elements: &mut impl Iterator<Item = Fp>,
        inputs: usize,
    ) -> Option<Self> {
        let alpha_beta = Fp12::new(read_six(elements)?, read_six(elements)?);
        let mut bases = Vec::with_capacity(inputs.saturating_add(1));
        for _ in 0..=inputs {
            let mut point = || Some(Affine::new(elements.next()?, elements.next()?));
            bases.push([point()?, point()?, point()?, point()?]);
        }
        Some(Self {
            id,
            alpha_beta,
            bases,
            gamma_negated: read_lines(elements)?,
            delta_negated: read_lines(elements)?,
        })
    }

    /// The point of G1 that public inputs stand for, or a sum of such points: the first weight
    /// belongs to the constant one. The caller has checked their number.
    pub(crate) fn combine<'a>(&self, weights: impl Iterator<Item = &'a Fr>) -> Jacobian<Fp> {
        let terms = self.bases.iter().zip(weights);
        let terms = terms.flat_map(|(base, weight)| {
            let words = weight.into_bigint().0;
            base.iter().copied().zip(words)
        });
        sum_of_multiples(&terms.collect::<Vec<_>>())
    }

    pub(crate) fn alpha_beta(&self) -> &Fp12 {
        &self.alpha_beta
    }

    pub(crate) fn gamma_negated(&self) -> &[Line] {
        &self.gamma_negated
    }

    pub(crate) fn delta_negated(&self) -> &[Line] {
        &self.delta_negated
    }
}

/// The multiples of a point that a key has.
fn multiples(base: &Affine<Fp>) -> Option<Base> {
    let shifted = |point: &Affine<Fp>| {
        let multiple = (0..u64::BITS).fold(Jacobian::from(*point), |sum, _| sum.doubled());
        multiple.to_affine()
    };
    let second = shifted(base)?;
    let third = shifted(&second)?;
    Some([*base, second, third, shifted(&third)?])
}

fn read_two(elements: &mut impl Iterator<Item = Fp>) -> Option<Fp2> {
    Some(Fp2::new(elements.next()?, elements.next()?))
}

fn read_six(elements: &mut impl Iterator<Item = Fp>) -> Option<Fp6> {
    Some(Fp6::new(
        read_two(elements)?,
        read_two(elements)?,
        read_two(elements)?,
    ))
}

fn read_lines(elements: &mut impl Iterator<Item = Fp>) -> Option<Vec<Line>> {
    let mut lines = Vec::with_capacity(LINES);
    for _ in 0..LINES {
        lines.push(Line {
            slope_negated: read_two(elements)?,
            offset: read_two(elements)?,
        });
    }
    Some(lines)
}

const fn stored_len(inputs: usize) -> usize {
    let elements = TARGET_ELEMENTS + BASE_ELEMENTS * (inputs + 1) + 2 * LINES * LINE_ELEMENTS;
    2 + ID_BYTES + ELEMENT_BYTES * elements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{admit, development_key};
    use ark_bn254::G2Affine;
    use ark_ec::AffineRepr;
    use neurostore_primitives::CircuitId;

    #[test]
    fn a_point_of_the_twist_has_the_expected_number_of_lines() {
        let point = G2Affine::generator();
        let point = Affine::new(Fp2::from_ark(point.x), Fp2::from_ark(point.y));
        assert_eq!(lines_of(&point).len(), LINES);
    }

    /// What chains have stored must be read as what it was written as. Whoever changes the layout
    /// changes the version with it, and writes both here.
    #[test]
    fn the_stored_form_of_a_version_is_always_the_same() {
        let key = admit(development_key(CircuitId(4)).unwrap(), 1).unwrap();
        let stored = key.to_bytes();
        let hash: [u8; 32] = Sha256::digest(&stored).into();
        assert_eq!((VERSION, stored.len()), (2, 23_202));
        assert_eq!(hash[..8], [89, 135, 158, 45, 186, 144, 20, 4]);
    }
}
