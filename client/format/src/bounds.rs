//! How large an index, and with it an object, can be.

/// The most parts of an object: bounds the index to 10 MiB, which a reader holds in memory.
pub const MAX_PARTS: usize = 1 << 17;
/// Bytes before the parts: length of the object, number of parts, four zero bytes.
pub(crate) const FIXED_BYTES: usize = 16;
/// Bytes of a part: segment id, key, length of the content, class.
pub(crate) const PART_BYTES: usize = 73;
/// Bytes of the largest index.
pub const MAX_INDEX_BYTES: u64 = (FIXED_BYTES + PART_BYTES * MAX_PARTS) as u64;
