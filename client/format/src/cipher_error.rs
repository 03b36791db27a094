//! The error of everything that encrypts.

/// The cipher refused its input. Cannot happen with the sizes of this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cipher refused its input")]
pub struct CipherError;
