//! Many hashes at once, in whatever way the CPU has.

use ark_bn254::Fr;
use neurostore_lanes::Backend;
use neurostore_primitives::LEAF_BYTES;

#[cfg(target_arch = "x86_64")]
use crate::ifma;
use crate::{
    leaf::leaf_digest,
    permutation::{permute12, permute4},
    tree::compress,
};

/// Many hashes at once. All ways give the same digests.
pub trait ManyHashes {
    /// The digests of leaves, in their order.
    fn leaf_digests(self, leaves: &[[u8; LEAF_BYTES]]) -> Vec<Fr>;

    /// The digests of nodes out of their children, in their order.
    fn compress(self, nodes: &[[Fr; 4]]) -> Vec<Fr>;

    /// Permutes states of width 4.
    fn permute4(self, states: &mut [[Fr; 4]]);

    /// Permutes states of width 12.
    fn permute12(self, states: &mut [[Fr; 12]]);
}

impl ManyHashes for Backend {
    fn leaf_digests(self, leaves: &[[u8; LEAF_BYTES]]) -> Vec<Fr> {
        match self {
            Self::Portable => leaves.iter().map(leaf_digest).collect(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma::leaf_digests(ifma, leaves),
        }
    }

    fn compress(self, nodes: &[[Fr; 4]]) -> Vec<Fr> {
        match self {
            Self::Portable => nodes.iter().map(compress).collect(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma::compress(ifma, nodes),
        }
    }

    fn permute4(self, states: &mut [[Fr; 4]]) {
        match self {
            Self::Portable => states.iter_mut().for_each(permute4),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma::permute4(ifma, states),
        }
    }

    fn permute12(self, states: &mut [[Fr; 12]]) {
        match self {
            Self::Portable => states.iter_mut().for_each(permute12),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma::permute12(ifma, states),
        }
    }
}
