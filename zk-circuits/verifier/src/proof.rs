//! Proofs as points.

use neurostore_primitives::PROOF_BYTES;

use crate::{
    curve::Affine,
    error::{ProofPart, VerifyError},
    field::{Coordinate, Fp, Fp2},
    limbs::{element, write_element, ELEMENT_BYTES},
    points::{g1, g2, G1_BYTES, G2_BYTES},
};

/// Base field elements of a proof: two of A, four of B, two of C.
const ELEMENTS: usize = 8;
/// Bytes of a decoded proof as a chain stores it.
pub const CHECKED_PROOF_BYTES: usize = ELEMENTS * ELEMENT_BYTES;

/// A proof whose points are on the curve, in the prime-order subgroup and not at infinity.
///
/// Whether it proves anything is for [`crate::verify_checked`] and [`crate::verify_batch`] to say.
#[derive(Clone, Copy, Debug)]
pub struct CheckedProof {
    pub(crate) a: Affine<Fp>,
    pub(crate) b: Affine<Fp2>,
    pub(crate) c: Affine<Fp>,
}

impl PartialEq for CheckedProof {
    fn eq(&self, other: &Self) -> bool {
        self.a.equals(&other.a) && self.b.equals(&other.b) && self.c.equals(&other.c)
    }
}

impl Eq for CheckedProof {}

impl CheckedProof {
    /// Decodes and checks a proof of 128 bytes (A, B, C, compressed): everything but the pairing
    /// equation.
    pub fn decode(bytes: &[u8]) -> Result<Self, VerifyError> {
        let wrong_length = VerifyError::WrongLength(bytes.len());
        let bytes: &[u8; PROOF_BYTES] = bytes.try_into().map_err(|_| wrong_length)?;
        let (a, rest) = bytes.split_first_chunk::<G1_BYTES>().ok_or(wrong_length)?;
        let (b, rest) = rest.split_first_chunk::<G2_BYTES>().ok_or(wrong_length)?;
        let c = rest.first_chunk::<G1_BYTES>().ok_or(wrong_length)?;
        Ok(Self {
            a: g1(a).map_err(VerifyError::at(ProofPart::A))?,
            b: g2(b).map_err(VerifyError::at(ProofPart::B))?,
            c: g1(c).map_err(VerifyError::at(ProofPart::C))?,
        })
    }

    /// The stored form: coordinates in Montgomery form, so that reading them back costs next to
    /// nothing. A proof has one stored form.
    pub fn to_bytes(&self) -> [u8; CHECKED_PROOF_BYTES] {
        let mut bytes = [0; CHECKED_PROOF_BYTES];
        let (slots, _) = bytes.as_chunks_mut::<ELEMENT_BYTES>();
        let Self { a, b, c } = self;
        let elements = [a.x, a.y, b.x.c0, b.x.c1, b.y.c0, b.y.c1, c.x, c.y];
        for (slot, element) in slots.iter_mut().zip(&elements) {
            write_element(slot, element);
        }
        bytes
    }

    /// Reads what [`CheckedProof::to_bytes`] wrote. Nothing is checked: the bytes must come from
    /// where only decoded proofs are written.
    pub fn from_bytes_trusted(bytes: &[u8; CHECKED_PROOF_BYTES]) -> Self {
        let mut elements = [Fp::ZERO; ELEMENTS];
        let (slots, _) = bytes.as_chunks::<ELEMENT_BYTES>();
        for (to, slot) in elements.iter_mut().zip(slots) {
            *to = element(slot);
        }
        let [ax, ay, bx0, bx1, by0, by1, cx, cy] = elements;
        Self {
            a: Affine::new(ax, ay),
            b: Affine::new(Fp2::new(bx0, bx1), Fp2::new(by0, by1)),
            c: Affine::new(cx, cy),
        }
    }
}
