//! Verification of many proofs under one key at once.

use alloc::vec::Vec;

use crate::{
    equation::{holds, BatchItem, Claim},
    error::{BatchError, Degenerate, VerifyError},
    prepared::PreparedKey,
    transcript::draw,
    verification::{scalars, verify_checked},
};

/// Verifies many proofs under one key: all of them prove their statements, or the batch is
/// refused as a whole. An empty batch is accepted.
///
/// The equations of the proofs are added up, each multiplied by a random scalar of 128 bits, and
/// the sum is tested. The scalars are hashes of the whole batch and the seed: whoever chooses a
/// proof changes all scalars with it. The seed adds what nobody knew when the proofs were made
/// (the hash of the parent block), so that not even those who can hash a lot can search ahead.
pub fn verify_batch(
    key: &PreparedKey,
    items: &[BatchItem<'_>],
    seed: &[u8; 32],
) -> Result<(), BatchError> {
    if items.is_empty() {
        return Ok(());
    }
    let claim = |(position, (item, factor)): (usize, (&BatchItem<'_>, _))| {
        let inputs =
            scalars(key, item.inputs).map_err(|error| BatchError::Item(position, error))?;
        Ok(Claim {
            inputs,
            proof: item.proof,
            factor,
        })
    };
    let claims = items.iter().zip(draw(key, items, seed)).enumerate();
    let claims = claims.map(claim).collect::<Result<Vec<_>, _>>()?;
    match holds(key, &claims) {
        Ok(true) => Ok(()),
        Ok(false) => Err(BatchError::Rejected),
        Err(Degenerate) => Err(BatchError::Degenerate),
    }
}

/// The positions of the proofs that do not prove their statements, after [`verify_batch`] said
/// that there are some.
///
/// Halves the batch until the culprits stand alone: a few of them among many cost a few batches
/// of half the size and less, not one verification for each item.
pub fn find_rejected(
    key: &PreparedKey,
    items: &[BatchItem<'_>],
    seed: &[u8; 32],
) -> Result<Vec<usize>, BatchError> {
    let mut rejected = Vec::new();
    search(key, items, seed, 0, &mut rejected)?;
    Ok(rejected)
}

/// Appends the culprits among these items, the first of which stands at `start`.
fn search(
    key: &PreparedKey,
    items: &[BatchItem<'_>],
    seed: &[u8; 32],
    start: usize,
    rejected: &mut Vec<usize>,
) -> Result<(), BatchError> {
    let within = |error| match error {
        BatchError::Item(position, error) => {
            BatchError::Item(start.saturating_add(position), error)
        }
        other => other,
    };
    if let [item] = items {
        return match verify_checked(key, item.inputs, &item.proof) {
            Ok(()) => Ok(()),
            Err(VerifyError::Rejected | VerifyError::Degenerate) => {
                rejected.push(start);
                Ok(())
            }
            Err(error) => Err(BatchError::Item(start, error)),
        };
    }
    match verify_batch(key, items, seed).map_err(within) {
        Err(BatchError::Rejected | BatchError::Degenerate) => {}
        other => return other,
    }
    // The depth is the logarithm of the number of items.
    let (first, second) = items.split_at(items.len() / 2);
    search(key, first, seed, start, rejected)?;
    search(
        key,
        second,
        seed,
        start.saturating_add(first.len()),
        rejected,
    )
}
