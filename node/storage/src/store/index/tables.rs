//! What the index's file holds.

use codec::Decode;
use neurostore_primitives::ShardRoot;

use super::{
    super::record::{Claim, ShardRecord},
    error::IndexError,
};

/// Shard root -> SCALE of [`ShardRecord`].
pub(super) const SHARDS: redb::TableDefinition<'_, &[u8; 32], &[u8]> =
    redb::TableDefinition::new("shards");
/// (reservation, slot) -> root of the shard that was receipted for it.
pub(super) const CLAIMS: redb::TableDefinition<'_, (u64, u8), &[u8; 32]> =
    redb::TableDefinition::new("claims");
/// Shard root -> the claims on it.
pub(super) const CLAIMS_OF: redb::MultimapTableDefinition<'_, &[u8; 32], (u64, u8)> =
    redb::MultimapTableDefinition::new("claims-of");
/// Facts about the store as a whole.
pub(super) const FACTS: redb::TableDefinition<'_, &str, &[u8]> =
    redb::TableDefinition::new("facts");
/// The fact that names the chain the store belongs to, by its genesis hash.
pub(super) const GENESIS: &str = "genesis";
/// The fact that names the format of the index.
pub(super) const FORMAT: &str = "format";
pub(super) const FORMAT_VERSION: &[u8] = &[1];

/// A claim as a key.
pub(super) fn key(claim: Claim) -> (u64, u8) {
    (claim.reservation.0, claim.slot.get())
}

/// A record as it is stored.
pub(super) fn decode(root: &ShardRoot, mut bytes: &[u8]) -> Result<ShardRecord, IndexError> {
    ShardRecord::decode(&mut bytes).map_err(|_| IndexError::Corrupt(*root))
}
