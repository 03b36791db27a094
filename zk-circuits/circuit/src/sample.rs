//! One sample: a leaf, its position and its path, up to the root of its shard.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use neurostore_poseidon::{
    leaf_elements, leaf_tag, Path, PathError, TreeCache, GROUP, LEAF_ELEMENTS,
};
use neurostore_primitives::{ShardRoot, LEAF_BYTES, TREE_DEPTH};

use crate::{
    builder::Builder,
    permutation::{compress, sponge},
};

/// Bits of a leaf index: two for each level of the tree.
pub const INDEX_BITS: usize = 2 * TREE_DEPTH;

/// What a prover knows of one sample.
#[derive(Clone, Debug)]
pub struct SampleWitness {
    /// The leaf's bytes.
    pub leaf: Box<[u8; LEAF_BYTES]>,
    /// The leaf's position in its shard.
    pub index: u16,
    /// The siblings on the way up.
    pub path: Path,
    /// The root of the shard. The circuit computes it; it is here to be compared.
    pub root: ShardRoot,
}

impl SampleWitness {
    /// The sample at `index` of a shard that is at hand whole, with its root and its tree.
    ///
    /// # Errors
    ///
    /// Where the shard has no such leaf, or its bytes are not those that the tree was made of.
    pub fn of_shard(
        shard: &[u8],
        root: ShardRoot,
        tree: &TreeCache,
        index: u16,
    ) -> Result<Self, PathError> {
        let (leaves, _) = shard.as_chunks::<LEAF_BYTES>();
        let first = usize::from(index) / GROUP * GROUP;
        let group = leaves.get(first..).unwrap_or_default();
        let group = group.get(..GROUP).unwrap_or(group);
        let path = tree.path(index, group.as_flattened())?;
        let leaf = leaves.get(usize::from(index));
        // Found above already: the path of a leaf takes its bytes.
        let leaf = leaf.ok_or(PathError::OutOfRange {
            index,
            leaves: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
        })?;
        Ok(Self {
            leaf: Box::new(*leaf),
            index,
            path,
            root,
        })
    }
}

/// A sample as field elements.
#[derive(Clone, Debug)]
pub(crate) struct SampleValues {
    elements: [Fr; LEAF_ELEMENTS],
    index: u16,
    path: Path,
}

impl SampleValues {
    /// Any sample: its values do not matter to the constraints.
    pub(crate) fn blank() -> Self {
        let path = Path([[Fr::ZERO; 3]; TREE_DEPTH]);
        Self {
            elements: [Fr::ZERO; LEAF_ELEMENTS],
            index: 0,
            path,
        }
    }
}

impl From<&SampleWitness> for SampleValues {
    fn from(sample: &SampleWitness) -> Self {
        let elements = leaf_elements(&sample.leaf);
        Self {
            elements,
            index: sample.index,
            path: sample.path.clone(),
        }
    }
}

/// The wires of a sample that its statement takes in.
pub(crate) struct SampleWires<W> {
    /// The computed root.
    pub(crate) root: W,
    /// The bits of the index, lowest first.
    pub(crate) index_bits: Vec<W>,
}

/// Computes the root above a sample: 3,537 constraints.
pub(crate) fn sample<B: Builder>(builder: &mut B, values: &SampleValues) -> SampleWires<B::Wire> {
    let elements: Vec<_> = values
        .elements
        .iter()
        .map(|value| builder.free(*value))
        .collect();
    let index_bits: Vec<_> = (0..INDEX_BITS)
        .map(|bit| boolean(builder, values.index >> bit & 1 == 1))
        .collect();
    let mut node = sponge(builder, leaf_tag(), &elements);
    for (digit, siblings) in index_bits.chunks(2).zip(&values.path.0) {
        let siblings = siblings.map(|sibling| builder.free(sibling));
        let children = place(builder, &node, digit, &siblings);
        node = compress(builder, &children);
    }
    SampleWires {
        root: node,
        index_bits,
    }
}

/// A variable that is zero or one.
fn boolean<B: Builder>(builder: &mut B, value: bool) -> B::Wire {
    let bit = builder.free(Fr::from(value));
    let (one, zero) = (builder.constant(Fr::ONE), builder.constant(Fr::ZERO));
    let inverse = builder.sum(&[(Fr::ONE, &one), (-Fr::ONE, &bit)]);
    builder.enforce(&inverse, &bit, &zero);
    bit
}

/// Puts a node at the position that two bits say, its siblings in order around it. Four
/// constraints:
///
/// - whether the position is the last one, as the product of the bits;
/// - the first child is the node at position 0 and else the first sibling;
/// - the last child is the node at position 3 and else the last sibling;
/// - the first two children are together the node and the first sibling where the high bit is
///   zero, and else the first two siblings. The other two are what is left of all four.
fn place<B: Builder>(
    builder: &mut B,
    node: &B::Wire,
    digit: &[B::Wire],
    siblings: &[B::Wire; 3],
) -> [B::Wire; 4] {
    let (plus, minus) = (Fr::ONE, -Fr::ONE);
    let zero = builder.constant(Fr::ZERO);
    let one = builder.constant(Fr::ONE);
    let low = digit.first().unwrap_or(&zero).clone();
    let high = digit.get(1).unwrap_or(&zero).clone();
    let [a, b, c] = siblings;

    let last = builder.product(&low, &high);
    let first = builder.sum(&[(plus, &one), (minus, &low), (minus, &high), (plus, &last)]);

    let from_a = builder.sum(&[(plus, node), (minus, a)]);
    let from_c = builder.sum(&[(plus, node), (minus, c)]);
    let from_node = builder.sum(&[(plus, b), (minus, node)]);
    let to_first = builder.product(&from_a, &first);
    let to_last = builder.product(&from_c, &last);
    let to_pair = builder.product(&from_node, &high);

    let child_0 = builder.sum(&[(plus, a), (plus, &to_first)]);
    let child_3 = builder.sum(&[(plus, c), (plus, &to_last)]);
    let pair = builder.sum(&[(plus, node), (plus, a), (plus, &to_pair)]);
    let child_1 = builder.sum(&[(plus, &pair), (minus, &child_0)]);
    let all = builder.sum(&[(plus, node), (plus, a), (plus, b), (plus, c)]);
    let child_2 = builder.sum(&[(plus, &all), (minus, &pair), (minus, &child_3)]);
    [child_0, child_1, child_2, child_3]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assignment, Constraints};

    #[test]
    fn a_node_stands_where_its_digit_says_with_its_siblings_in_order() {
        let (node, siblings) = (Fr::from(100u8), [1u8, 2, 3].map(Fr::from));
        for (digit, expected) in [
            (0, [100u8, 1, 2, 3]),
            (1, [1, 100, 2, 3]),
            (2, [1, 2, 100, 3]),
            (3, [1, 2, 3, 100]),
        ] {
            let bits = [digit & 1, digit >> 1].map(Fr::from);
            let placed = place(&mut Assignment::default(), &node, &bits, &siblings);
            assert_eq!(placed, expected.map(Fr::from), "digit {digit}");
        }
    }

    #[test]
    fn only_zero_and_one_are_bits() {
        let mut constraints = Constraints::default();
        let _ = boolean(&mut constraints, false);
        for (value, accepted) in [(0u8, true), (1, true), (2, false), (255, false)] {
            let values = [Fr::ONE, Fr::ZERO, Fr::from(value)];
            assert_eq!(
                constraints.first_unsatisfied(&values).is_none(),
                accepted,
                "{value}"
            );
        }
        assert!(constraints
            .first_unsatisfied(&[Fr::ONE, Fr::ZERO, -Fr::ONE])
            .is_some());
    }

    #[test]
    fn a_sample_costs_its_sixteen_bits_three_wide_permutations_and_eight_levels() {
        let mut constraints = Constraints::default();
        sample(&mut constraints, &SampleValues::blank());
        assert_eq!(constraints.rows().len(), 16 + 3 * 459 + 8 * (264 + 4));
    }
}
