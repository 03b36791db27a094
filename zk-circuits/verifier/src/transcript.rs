//! The scalars of a batch, drawn by hashing everything the batch consists of.

use ark_bn254::{g1, Fr};
use ark_ec::scalar_mul::glv::GLVConfig;
use sha2::{Digest, Sha256};

use crate::{batch::BatchItem, prepared::PreparedKey};

/// Separates these hashes from all others.
const BATCH_DOMAIN: &[u8] = b"NeuroStore/groth16-bn254/batch/1";
/// Separates a scalar's hash from the transcript's.
const SCALAR_DOMAIN: &[u8] = b"NeuroStore/groth16-bn254/batch-scalar/1";

/// A random scalar low + lambda * high, where lambda is what the endomorphism of G1 multiplies by.
///
/// Two pairs of 64-bit halves never give the same scalar modulo r. Let (a, b) be the difference
/// of two such pairs, so |a|, |b| < 2^64. From a + lambda b = 0 and lambda^2 + lambda + 1 = 0
/// modulo r follows that r divides a^2 - ab + b^2. That is at most 3 * 2^128, far below r, and
/// not negative, so it is zero; and the form is definite, so a = b = 0. There are thus 2^128
/// different scalars, and a wrong proof in a batch meets the one that hides it with a probability
/// of at most 2^-128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SplitScalar {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl SplitScalar {
    /// For a claim that stands alone.
    pub(crate) const ONE: Self = Self { low: 1, high: 0 };

    /// The scalar itself.
    pub(crate) fn value(&self) -> Fr {
        Fr::from(self.low) + Fr::from(self.high) * <g1::Config as GLVConfig>::LAMBDA
    }
}

/// The scalars of a batch, one for each item: hashes of the key, the seed, the number of items,
/// every input and every proof.
pub(crate) fn draw(
    key: &PreparedKey,
    items: &[BatchItem<'_>],
    seed: &[u8; 32],
) -> impl Iterator<Item = SplitScalar> {
    let mut transcript = Sha256::new();
    transcript.update(BATCH_DOMAIN);
    transcript.update(key.id());
    transcript.update(seed);
    transcript.update(count(items.len()));
    for item in items {
        // All items of a batch have as many inputs as the key says: nothing here is ambiguous.
        for input in item.inputs {
            transcript.update(input);
        }
        transcript.update(item.proof.to_bytes());
    }
    let transcript = transcript.finalize();
    (0..items.len()).map(move |number| {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(SCALAR_DOMAIN)
            .chain_update(transcript)
            .chain_update(count(number))
            .finalize()
            .into();
        let [low, high, ..] = crate::limbs::words(&hash);
        SplitScalar { low, high }
    })
}

/// A number as eight bytes, on machines of any width.
fn count(number: usize) -> [u8; 8] {
    u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests;
