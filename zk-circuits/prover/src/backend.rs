//! The ways of adding points, and the choice between them.

#[cfg(target_arch = "x86_64")]
use crate::ifma::Ifma;

/// How points are added: all ways give the same proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// One pair after another, on any CPU.
    Portable,
    /// Eight pairs side by side, on CPUs with AVX-512 IFMA.
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
        Self::Portable
    }

    /// Every way that this CPU has, the portable one first.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Portable];
        if Self::detect() != Self::Portable {
            all.push(Self::detect());
        }
        all
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::detect()
    }
}
