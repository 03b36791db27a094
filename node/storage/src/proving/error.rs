//! Why there is no answer yet.

use std::path::PathBuf;

use neurostore_chain::ChainError;
use neurostore_primitives::CircuitId;
use neurostore_prover::{LoadError, ProveError};

/// Why there is no answer yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the chain gives no samples in the state of block {0}: it left that fork, or its endpoint keeps no state that old")]
    NoSamples(u32),
    #[error("the samples are those of another fork than the challenge")]
    OtherFork,
    #[error("{0} of {1} sampled leaves cannot be read")]
    Shards(usize, usize),
    #[error("{0} of {1} sampled leaves cannot be read yet: shards that the start found unsettled are still being checked")]
    Unchecked(usize, usize),
    #[error("the prover could not be loaded: {0}")]
    Load(#[from] LoadError),
    #[error("proving failed: {0}")]
    Prove(#[from] ProveError),
    #[error("the chain would refuse the proof ({reason}), so it is not sent: the proving key of circuit {circuit} in {} is not the one that the chain's verifying key belongs to; put the ceremony's key there. Until this file or the chain's key changes, nothing is proven for circuit {circuit}", .file.display())]
    OtherKey {
        circuit: CircuitId,
        reason: String,
        file: PathBuf,
    },
    #[error("the proving thread ended badly")]
    Thread,
}
