//! The statement of a challenge: one field element that is the proof's only public input.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use neurostore_primitives::ShardRoot;

use crate::{
    path::{field_from_bytes, field_to_bytes, root_to_field},
    sponge::{tag, Sponge},
};

/// Domain of statements. The number of samples follows it as one byte, so that every tag stands
/// for one input length.
pub const STATEMENT_TAG: &[u8; 22] = b"neurostore/statement/1";
/// Leaf indices of 16 bits packed into one element.
pub const INDICES_PER_ELEMENT: usize = 15;

/// The statement over a context, the roots of the sampled shards and the sampled leaves.
///
/// Absorbed are the context as a number of 31 little-endian bytes, the roots in order, and the
/// leaf indices, fifteen to an element with index `j` at bit `16 * j`; the last block is filled
/// up with zeros. The result is canonical and little endian. `None` where a root is not
/// canonical, where there is not one leaf for each root, or outside 1 to 255 samples.
pub fn statement(context: &[u8; 31], roots: &[ShardRoot], leaves: &[u16]) -> Option<[u8; 32]> {
    if roots.len() != leaves.len() {
        return None;
    }
    let samples = u8::try_from(roots.len())
        .ok()
        .filter(|samples| *samples > 0)?;
    let mut sponge = Sponge::new(statement_tag(samples));
    sponge.absorb(&context_to_field(context));
    for root in roots {
        sponge.absorb(&root_to_field(root)?);
    }
    for group in leaves.chunks(INDICES_PER_ELEMENT) {
        sponge.absorb(&pack(group));
    }
    Some(field_to_bytes(sponge.squeeze()))
}

/// A context as a field element.
pub fn context_to_field(context: &[u8; 31]) -> Fr {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(context) {
        *to = *from;
    }
    // 248 bits are always below the modulus.
    field_from_bytes(&bytes).unwrap_or(Fr::ZERO)
}

/// Where the capacity of the statement sponge starts for this many samples.
pub fn statement_tag(samples: u8) -> Fr {
    let mut bytes = [0; STATEMENT_TAG.len() + 1];
    for (to, from) in bytes.iter_mut().zip(STATEMENT_TAG.iter().chain([&samples])) {
        *to = *from;
    }
    tag(&bytes)
}

/// Up to fifteen indices as one element, the first in the lowest bits.
fn pack(indices: &[u16]) -> Fr {
    let shift = Fr::from(1u32 << 16);
    indices
        .iter()
        .rev()
        .fold(Fr::ZERO, |number, index| number * shift + Fr::from(*index))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: [u8; 31] = [9; 31];

    fn roots(count: u8) -> Vec<ShardRoot> {
        (0..count).map(|i| ShardRoot([i; 32])).collect()
    }

    #[test]
    fn every_part_of_a_statement_matters() {
        let (roots, leaves) = (roots(24), [3; 24]);
        let original = statement(&CONTEXT, &roots, &leaves).unwrap();
        let mut context = CONTEXT;
        context[30] ^= 1;
        assert_ne!(statement(&context, &roots, &leaves), Some(original));
        for i in 0..24 {
            let mut changed = roots.clone();
            changed[i].0[0] ^= 1;
            assert_ne!(statement(&CONTEXT, &changed, &leaves), Some(original));
            let mut changed = leaves;
            changed[i] ^= 0x8000;
            assert_ne!(statement(&CONTEXT, &roots, &changed), Some(original));
        }
    }

    #[test]
    fn more_samples_of_zero_are_another_statement() {
        let zero =
            |count: usize| statement(&CONTEXT, &vec![ShardRoot([0; 32]); count], &vec![0; count]);
        assert_ne!(zero(4), zero(5));
    }

    #[test]
    fn a_statement_is_the_sponge_over_context_roots_and_packed_leaves() {
        use ark_ff::PrimeField;
        let leaves: Vec<u16> = (0..24).map(|i| 0x1000 + i).collect();
        let mut input = vec![Fr::from_le_bytes_mod_order(&CONTEXT)];
        input.extend(
            roots(24)
                .iter()
                .map(|root| Fr::from_le_bytes_mod_order(&root.0)),
        );
        for group in leaves.chunks(15) {
            let bytes: Vec<u8> = group.iter().flat_map(|leaf| leaf.to_le_bytes()).collect();
            input.push(Fr::from_le_bytes_mod_order(&bytes));
        }
        let mut state = [Fr::ZERO; 12];
        state[11] = Fr::from_le_bytes_mod_order(b"neurostore/statement/1\x18");
        for block in input.chunks(11) {
            block
                .iter()
                .enumerate()
                .for_each(|(i, element)| state[i] += element);
            state = taceo_poseidon2::bn254::t12::permutation(&state);
        }
        assert_eq!(
            statement(&CONTEXT, &roots(24), &leaves),
            Some(field_to_bytes(state[0]))
        );
    }

    mod reject {
        use super::*;

        #[test]
        fn a_root_that_is_not_canonical_has_no_statement() {
            assert_eq!(statement(&CONTEXT, &[ShardRoot([0xff; 32])], &[0]), None);
        }

        #[test]
        fn roots_and_leaves_of_different_number_have_no_statement() {
            assert_eq!(statement(&CONTEXT, &roots(4), &[0; 5]), None);
            assert_eq!(statement(&CONTEXT, &roots(4), &[0; 3]), None);
        }

        #[test]
        fn no_samples_or_more_than_255_have_no_statement() {
            assert_eq!(statement(&CONTEXT, &[], &[]), None);
            assert_eq!(
                statement(&CONTEXT, &[ShardRoot([0; 32]); 256], &[0; 256]),
                None
            );
        }
    }
}
