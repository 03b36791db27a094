//! Why the story did not end as it should.

use std::{io, path::PathBuf};

use neurostore_chain::ChainError;
use neurostore_client::{ConnectError, GetError, PutError};

use crate::error::NetworkError;

/// Why the story did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// Something that must hold did not.
    #[error("this does not hold: {0}")]
    Claim(String),
    /// The network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The chain failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The client did not start.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The upload failed.
    #[error("the upload failed: {0}")]
    Put(#[from] PutError),
    /// The download failed.
    #[error("the download failed: {0}")]
    Get(#[from] GetError),
    /// The person's key cannot be used.
    #[error("cannot use the person's key: {0}")]
    Key(String),
    /// A file cannot be used.
    #[error("cannot {what} {}: {error}", .path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A program could not be run.
    #[error("cannot run {program}: {error}")]
    Command {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A task of this process died.
    #[error("a task died: {0}")]
    Task(String),
}

impl StoryError {
    pub(crate) fn claim(what: impl Into<String>) -> Self {
        Self::Claim(what.into())
    }

    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { what, path, error }
    }
}
