//! The scalars of a batch, drawn by hashing everything the batch consists of.
//!
//! Small random exponents (Bellare, Garay and Rabin, "Fast Batch Verification for Modular
//! Exponentiation and Digital Signatures", 1998), made without interaction by the heuristic of Fiat
//! and Shamir.

use sha2::{Digest, Sha256};

use crate::{
    equation::{BatchItem, SplitScalar},
    prepared::PreparedKey,
};

/// Separates these hashes from all others.
const BATCH_DOMAIN: &[u8] = b"NeuroStore/groth16-bn254/batch/1";
/// Separates a scalar's hash from the transcript's.
const SCALAR_DOMAIN: &[u8] = b"NeuroStore/groth16-bn254/batch-scalar/1";

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
