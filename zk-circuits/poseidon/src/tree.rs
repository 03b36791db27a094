//! Tree nodes: 4-to-1 compression and the digests of missing subtrees.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use neurostore_primitives::TREE_DEPTH;

use crate::{parameters::elements, permutation::permute4};

/// The digest of a node: the first element of the permuted children plus the first child.
///
/// Nodes and leaves are hashed at different widths, so neither can stand for the other.
pub fn compress(children: &[Fr; 4]) -> Fr {
    let mut state = *children;
    permute4(&mut state);
    let ([digest, ..], [first, ..]) = (state, children);
    digest + first
}

/// Digests of subtrees without leaves, from level 0 up: canonical limbs, pinned by a test.
static ZERO_SUBTREES: [Fr; TREE_DEPTH + 1] = elements(&ZERO_SUBTREE_LIMBS);

const ZERO_SUBTREE_LIMBS: [[u64; 4]; TREE_DEPTH + 1] = [
    [
        0x0000000000000000,
        0x0000000000000000,
        0x0000000000000000,
        0x0000000000000000,
    ],
    [
        0x96785c698bc6732e,
        0x1ce96d9d844236b4,
        0xff974efefc8df78b,
        0x18dfb8dc9b82229c,
    ],
    [
        0xedf3d823cb512968,
        0x6e603e9252af6384,
        0xe80a51a91454b247,
        0x1d59ae248c0b4036,
    ],
    [
        0x4f675b040ed9d1cb,
        0x266382a1e2eacc6b,
        0x3a75c915ca3b5006,
        0x035f4ea7b93faffd,
    ],
    [
        0xc6ffd925b263a88e,
        0xfac204adeff3a6ad,
        0x98840488982995cb,
        0x1d39a4faeec7a422,
    ],
    [
        0xcdcc04ae27295d46,
        0x82f415d599a7d30f,
        0xfb5ab14c7a016b90,
        0x18116c4528f29a14,
    ],
    [
        0x4fe9dc87ae25ab49,
        0xbb3adc45545dba53,
        0x838d77d8ca5c77fc,
        0x17e55d2868457184,
    ],
    [
        0xb400b500f0339d08,
        0x9c6e0d7c15980406,
        0xa0a6d64bd0a9e93a,
        0x10cde359fd153c63,
    ],
    [
        0x2dc57e647646a4dd,
        0x001d63096011901f,
        0x000fc367e1362156,
        0x0237b9d29736604c,
    ],
];

/// The digest of a subtree without leaves whose root stands at `level`: zero for a leaf, above it
/// the compression of four equal children. The tree has levels 0 to 8.
pub fn zero_subtree(level: usize) -> Fr {
    match ZERO_SUBTREES.get(level) {
        Some(digest) => *digest,
        None => {
            let top = ZERO_SUBTREES.last().copied().unwrap_or(Fr::ZERO);
            (TREE_DEPTH..level).fold(top, |digest, _| compress(&[digest; 4]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_subtree_is_four_empty_subtrees() {
        assert_eq!(zero_subtree(0), Fr::ZERO);
        for level in 0..TREE_DEPTH + 2 {
            assert_eq!(
                zero_subtree(level + 1),
                compress(&[zero_subtree(level); 4]),
                "{level}"
            );
        }
    }

    #[test]
    fn the_order_of_children_matters() {
        let children = [1u8, 2, 3, 4].map(Fr::from);
        let swapped = [1u8, 3, 2, 4].map(Fr::from);
        assert_ne!(compress(&children), compress(&swapped));
    }
}
