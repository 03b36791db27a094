//! From one level of a tree to the next, many nodes at once.

use ark_bn254::Fr;
use rayon::prelude::*;

use neurostore_lanes::Backend;

use crate::{backend::ManyHashes, tree::zero_subtree};

/// Children that one thread takes at once: eight nodes.
const CHILDREN: usize = 32;

/// The level above `nodes`, which stand at `level`; missing children at the end are empty subtrees.
pub(crate) fn level_above(backend: Backend, nodes: &[Fr], level: usize) -> Vec<Fr> {
    let compress = |nodes: &[Fr]| {
        let (whole, rest) = nodes.as_chunks::<4>();
        let mut children = whole.to_vec();
        if !rest.is_empty() {
            let mut last = [zero_subtree(level); 4];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            children.push(last);
        }
        backend.compress(&children)
    };
    // Waking a thread costs more than a few nodes do.
    if nodes.len() <= CHILDREN {
        return compress(nodes);
    }
    nodes.par_chunks(CHILDREN).flat_map_iter(compress).collect()
}
