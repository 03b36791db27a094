//! Which bytes are a shard root at all: the canonical encoding of a BN254 scalar.

use crate::ids::ShardRoot;

/// The order of the BN254 scalar field, little endian.
const SCALAR_ORDER: [u8; 32] = [
    0x01, 0x00, 0x00, 0xf0, 0x93, 0xf5, 0xe1, 0x43, 0x91, 0x70, 0xb9, 0x79, 0x48, 0xe8, 0x33, 0x28,
    0x5d, 0x58, 0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
];

/// Whether `root`, read as a little-endian number, is below the order of the field.
///
/// A segment is refused otherwise: no statement could ever be formed over such a root, and its
/// node could neither prove it nor be held to it.
pub fn is_canonical_root(root: &ShardRoot) -> bool {
    root.0.iter().rev().lt(SCALAR_ORDER.iter().rev())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_itself_is_the_first_number_refused() {
        let mut below = SCALAR_ORDER;
        below[0] = 0;
        assert!(is_canonical_root(&ShardRoot(below)));
        assert!(!is_canonical_root(&ShardRoot(SCALAR_ORDER)));
        assert!(!is_canonical_root(&ShardRoot([0xff; 32])));
        assert!(is_canonical_root(&ShardRoot([0; 32])));
    }

    #[test]
    fn the_highest_byte_decides_first() {
        let mut root = [0xff; 32];
        root[31] = 0x2f;
        assert!(is_canonical_root(&ShardRoot(root)));
        root[31] = 0x31;
        assert!(!is_canonical_root(&ShardRoot(root)));
    }
}
