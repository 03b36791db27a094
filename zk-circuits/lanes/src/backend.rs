//! The ways of computing much at once, and the choice between them.

#[cfg(target_arch = "x86_64")]
use crate::vector::Ifma;

/// How many computations of one kind are done. All ways give the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One after another, on any CPU.
    Portable,
    /// Eight side by side, on CPUs with AVX-512 IFMA. Fewer than eight take as long as eight.
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
