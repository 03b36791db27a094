//! The ways of computing many hashes, and the choice between them.

use ark_bn254::Fr;
use neurostore_primitives::LEAF_BYTES;

#[cfg(target_arch = "x86_64")]
use crate::ifma::Ifma;
use crate::{
    leaf::leaf_digest,
    permutation::{permute12, permute4},
    tree::compress,
};

/// How many hashes are computed. All ways give the same digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// One after another, on any CPU.
    Scalar,
    /// Eight side by side, on CPUs with AVX-512 IFMA. Fewer than eight take as long as eight, which
    /// is about as long as one takes in the scalar way.
    #[cfg(target_arch = "x86_64")]
    Ifma(Ifma),
}

impl Backend {
    /// The fastest way on this CPU.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = Ifma::detect() {
            return Self::Ifma(ifma);
        }
        Self::Scalar
    }

    /// Every way that this CPU has, the scalar one first.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Scalar];
        if Self::detect() != Self::Scalar {
            all.push(Self::detect());
        }
        all
    }

    /// The digests of leaves, in their order.
    pub fn leaf_digests(self, leaves: &[[u8; LEAF_BYTES]]) -> Vec<Fr> {
        match self {
            Self::Scalar => leaves.iter().map(leaf_digest).collect(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.leaf_digests(leaves),
        }
    }

    /// The digests of nodes out of their children, in their order.
    pub fn compress(self, nodes: &[[Fr; 4]]) -> Vec<Fr> {
        match self {
            Self::Scalar => nodes.iter().map(compress).collect(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.compress(nodes),
        }
    }

    /// Permutes states of width 4.
    pub fn permute4(self, states: &mut [[Fr; 4]]) {
        match self {
            Self::Scalar => states.iter_mut().for_each(permute4),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.permute4(states),
        }
    }

    /// Permutes states of width 12.
    pub fn permute12(self, states: &mut [[Fr; 12]]) {
        match self {
            Self::Scalar => states.iter_mut().for_each(permute12),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.permute12(states),
        }
    }
}
