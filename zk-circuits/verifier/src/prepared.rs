//! Verifying keys prepared for verification, and how they are stored.

use alloc::vec::Vec;

use ark_bn254::{Config, Fq, Fq12, Fq2, Fr, G1Affine, G1Projective};
use ark_ec::{
    bn::{BnConfig, G2Prepared},
    AffineRepr,
};
use ark_ff::{Field, PrimeField};
use ark_groth16::{prepare_verifying_key, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::{
    admission::{small, MAX_PUBLIC_INPUTS},
    limbs::{element, write_element, ELEMENT_BYTES},
    points::Curve,
};

/// Version of the stored form.
const VERSION: u8 = 2;
/// Bytes of the hash that names a key.
const ID_BYTES: usize = 32;
/// Base field elements of e(alpha, beta).
const TARGET_ELEMENTS: usize = 12;
/// Base field elements of one line of a prepared point of G2.
const LINE_ELEMENTS: usize = 6;
/// Lines of a prepared point of G2.
const LINES: usize = lines();
/// Bytes of the longest stored key.
pub const MAX_PREPARED_KEY_BYTES: u32 = small(stored_len(MAX_PUBLIC_INPUTS));

/// A verifying key that passed admission: e(alpha, beta), the bases of the inputs, and the lines
/// of -gamma and -delta.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedKey {
    id: [u8; ID_BYTES],
    alpha_beta: Fq12,
    bases: Vec<G1Affine>,
    gamma_negated: G2Prepared<Config>,
    delta_negated: G2Prepared<Config>,
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
    /// Prepares a key that these bytes encode.
    pub(crate) fn new(key: &VerifyingKey<Curve>, bytes: &[u8]) -> Self {
        let prepared = prepare_verifying_key::<Curve>(key);
        Self {
            id: Sha256::digest(bytes).into(),
            alpha_beta: prepared.alpha_g1_beta_g2,
            bases: prepared.vk.gamma_abc_g1,
            gamma_negated: prepared.gamma_g2_neg_pc,
            delta_negated: prepared.delta_g2_neg_pc,
        }
    }

    /// Public inputs of the circuit.
    pub fn public_inputs(&self) -> usize {
        self.bases.len().saturating_sub(1)
    }

    /// SHA-256 of the verifying key's bytes.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// The stored form: a version, the number of inputs, the id, then field elements as they stand in
    /// memory, so that reading them back costs no arithmetic.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inputs = self.public_inputs();
        let mut bytes = Vec::with_capacity(stored_len(inputs));
        // Admission bounds the number of inputs far below 256.
        bytes.extend([VERSION, u8::try_from(inputs).unwrap_or(u8::MAX)]);
        bytes.extend(self.id);
        let points = self.bases.iter().flat_map(|base| [base.x, base.y]);
        let lines = [&self.gamma_negated, &self.delta_negated]
            .into_iter()
            .flat_map(|point| &point.ell_coeffs)
            .flat_map(|(a, b, c)| [a.c0, a.c1, b.c0, b.c1, c.c0, c.c1]);
        let target = self.alpha_beta.to_base_prime_field_elements();
        for element in target.chain(points).chain(lines) {
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
        let mut elements = elements.iter().map(element);
        let target = elements.by_ref().take(TARGET_ELEMENTS);
        Self::read(*id, target.collect(), &mut elements, inputs)
            .ok_or(PreparedKeyError::WrongLength)
    }

    fn read(
        id: [u8; ID_BYTES],
        target: Vec<Fq>,
        elements: &mut impl Iterator<Item = Fq>,
        inputs: usize,
    ) -> Option<Self> {
        let alpha_beta = Fq12::from_base_prime_field_elems(target)?;
        let mut bases = Vec::with_capacity(inputs.saturating_add(1));
        for _ in 0..=inputs {
            bases.push(G1Affine::new_unchecked(elements.next()?, elements.next()?));
        }
        Some(Self {
            id,
            alpha_beta,
            bases,
            gamma_negated: read_lines(elements)?,
            delta_negated: read_lines(elements)?,
        })
    }

    /// The point of G1 that the public inputs stand for. The caller has checked their number.
    pub(crate) fn combine(&self, inputs: &[Fr]) -> G1Projective {
        self.combine_weighted(Fr::ONE, inputs)
    }

    /// The same for a sum of statements: the base of the constant one has a weight, too.
    pub(crate) fn combine_weighted(&self, constant: Fr, inputs: &[Fr]) -> G1Projective {
        let weights = core::iter::once(&constant).chain(inputs);
        self.bases
            .iter()
            .zip(weights)
            .map(|(base, weight)| base.mul_bigint(weight.into_bigint()))
            .sum()
    }

    pub(crate) fn alpha_beta(&self) -> &Fq12 {
        &self.alpha_beta
    }

    pub(crate) fn gamma_negated(&self) -> &G2Prepared<Config> {
        &self.gamma_negated
    }

    pub(crate) fn delta_negated(&self) -> &G2Prepared<Config> {
        &self.delta_negated
    }
}

fn read_lines(elements: &mut impl Iterator<Item = Fq>) -> Option<G2Prepared<Config>> {
    let mut pair = || Some(Fq2::new(elements.next()?, elements.next()?));
    let mut ell_coeffs = Vec::with_capacity(LINES);
    for _ in 0..LINES {
        ell_coeffs.push((pair()?, pair()?, pair()?));
    }
    Some(G2Prepared {
        ell_coeffs,
        infinity: false,
    })
}

const fn stored_len(inputs: usize) -> usize {
    2 + ID_BYTES + ELEMENT_BYTES * (TARGET_ELEMENTS + 2 * (inputs + 1) + 2 * LINES * LINE_ELEMENTS)
}

/// One line for each doubling, one for each addition, two for the Frobenius steps at the end.
#[allow(clippy::indexing_slicing)]
const fn lines() -> usize {
    let digits = Config::ATE_LOOP_COUNT;
    let mut lines = 2;
    let mut digit = 0;
    while digit + 1 < digits.len() {
        lines += if digits[digit] == 0 { 1 } else { 2 };
        digit += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_point_has_the_expected_number_of_lines() {
        assert_eq!(G2Prepared::<Config>::default().ell_coeffs.len(), LINES);
    }
}
