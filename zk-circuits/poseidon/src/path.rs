//! Merkle paths, and roots as bytes.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use neurostore_primitives::{ShardRoot, LEAF_BYTES, TREE_DEPTH};

use crate::{leaf::leaf_digest, tree::compress};

/// Bytes of an encoded path: three siblings on each level, 32 bytes each.
pub const PATH_BYTES: usize = TREE_DEPTH * 3 * 32;

/// The siblings of a leaf and of every node above it, from the leaf level up. On each level they
/// stand in the order of their positions, the own node left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(pub [[Fr; 3]; TREE_DEPTH]);

impl Path {
    /// The root above a node with this digest at leaf position `index`.
    pub fn root(&self, digest: Fr, index: u16) -> Fr {
        let mut rest = index;
        self.0.iter().fold(digest, |node, siblings| {
            let children = place(node, rest & 3, siblings);
            rest >>= 2;
            compress(&children)
        })
    }
}

/// The four children of a node: `own` at its position, its siblings around it.
pub(crate) fn place(own: Fr, position: u16, siblings: &[Fr; 3]) -> [Fr; 4] {
    let [a, b, c] = *siblings;
    match position {
        0 => [own, a, b, c],
        1 => [a, own, b, c],
        2 => [a, b, own, c],
        _ => [a, b, c, own],
    }
}

/// Whether `leaf` stands at `index` under `root`.
pub fn verify_path(root: &ShardRoot, leaf: &[u8; LEAF_BYTES], index: u16, path: &Path) -> bool {
    root_to_field(root) == Some(path.root(leaf_digest(leaf), index))
}

/// A root as a field element, or `None` where its bytes are not canonical.
pub fn root_to_field(root: &ShardRoot) -> Option<Fr> {
    field_from_bytes(&root.0)
}

/// A field element as a root: its canonical little-endian bytes.
pub fn field_to_root(root: Fr) -> ShardRoot {
    ShardRoot(field_to_bytes(root))
}

pub(crate) fn field_from_bytes(bytes: &[u8; 32]) -> Option<Fr> {
    let mut limbs = [0; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (limb, word) in limbs.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    Fr::from_bigint(BigInt(limbs))
}

pub(crate) fn field_to_bytes(element: Fr) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut::<8>();
    for (word, limb) in words.iter_mut().zip(element.into_bigint().0) {
        *word = limb.to_le_bytes();
    }
    bytes
}

impl Encode for Path {
    fn size_hint(&self) -> usize {
        PATH_BYTES
    }

    fn encode_to<T: Output + ?Sized>(&self, output: &mut T) {
        for sibling in self.0.iter().flatten() {
            output.write(&field_to_bytes(*sibling));
        }
    }
}

impl EncodeLike for Path {}

impl Decode for Path {
    fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
        let mut path = [[Fr::ZERO; 3]; TREE_DEPTH];
        for sibling in path.iter_mut().flatten() {
            let bytes = <[u8; 32]>::decode(input)?;
            *sibling = field_from_bytes(&bytes).ok_or("sibling is not a canonical element")?;
        }
        Ok(Self(path))
    }
}

impl DecodeWithMemTracking for Path {}

impl MaxEncodedLen for Path {
    fn max_encoded_len() -> usize {
        PATH_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Field;

    fn path() -> Path {
        let sibling = |level, number| Fr::from((level * 3 + number + 2) as u64).pow([99]);
        Path(core::array::from_fn(|level| {
            core::array::from_fn(|number| sibling(level, number))
        }))
    }

    #[test]
    fn a_path_survives_its_encoding() {
        let encoded = path().encode();
        assert_eq!(encoded.len(), PATH_BYTES);
        assert_eq!(Path::decode(&mut &encoded[..]), Ok(path()));
    }

    #[test]
    fn a_leaf_is_found_only_at_its_own_index() {
        let leaf = [7; LEAF_BYTES];
        let root = field_to_root(path().root(leaf_digest(&leaf), 0b01_10_11_00_01_10_11_00));
        assert!(verify_path(
            &root,
            &leaf,
            0b01_10_11_00_01_10_11_00,
            &path()
        ));
        for bit in 0..16 {
            assert!(!verify_path(
                &root,
                &leaf,
                0b01_10_11_00_01_10_11_00 ^ 1 << bit,
                &path()
            ));
        }
    }

    mod reject {
        use super::*;

        #[test]
        fn a_sibling_above_the_modulus_does_not_decode() {
            let mut encoded = path().encode();
            encoded[32 * 5..32 * 6].fill(0xff);
            assert!(Path::decode(&mut &encoded[..]).is_err());
        }

        #[test]
        fn a_short_path_does_not_decode() {
            let encoded = path().encode();
            assert!(Path::decode(&mut &encoded[..PATH_BYTES - 1]).is_err());
        }

        #[test]
        fn a_root_of_the_modulus_is_not_the_root_zero() {
            let modulus = ShardRoot(field_to_bytes(-Fr::from(1u8)));
            assert_eq!(root_to_field(&modulus), Some(-Fr::from(1u8)));
            let mut above = modulus;
            above.0[0] += 1;
            assert_eq!(root_to_field(&above), None);
        }
    }
}
