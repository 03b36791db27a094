//! Why the node is not registered yet.

use neurostore_chain::ChainError;

/// Why the node is not registered yet.
pub(super) enum Obstacle {
    Chain(ChainError),
    /// What a person has to do.
    Person(String),
    /// The endpoint shows a chain of the past.
    Past,
}

impl From<ChainError> for Obstacle {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}
