//! The commands, and how they fail.

pub(crate) mod ceremony;
pub(crate) mod development;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use neurostore_keys::{DevelopmentKeyError, KeyFileError};
use neurostore_setup::{
    ceremony::{
        CeremonyError, ContainerError, ImportError, PowersError, TranscriptError, ZkeyError,
    },
    UnknownCircuit,
};

/// Exit code for what is read well and not acceptable.
const REFUSED: u8 = 3;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Circuit(#[from] UnknownCircuit),
    #[error(transparent)]
    Development(#[from] DevelopmentKeyError),
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("{0}: {1}")]
    Write(PathBuf, std::io::Error),
}

impl Failure {
    /// 3 for what is not acceptable, 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let refused = match self {
            Self::Circuit(_) | Self::Development(_) | Self::File(_) | Self::Write(..) => false,
            Self::Ceremony(error) | Self::Import(ImportError::Ceremony(error)) => refuses(error),
            Self::Transcript(error) | Self::Import(ImportError::Transcript(error)) => {
                !matches!(error, TranscriptError::Io(_))
            }
            Self::Import(ImportError::Admit(_) | ImportError::SelfTest(_)) => true,
        };
        ExitCode::from(if refused { REFUSED } else { 1 })
    }
}

fn refuses(error: &CeremonyError) -> bool {
    use CeremonyError as E;
    !matches!(
        error,
        E::Circuit(_)
            | E::PowersEnd
            | E::Hash(_)
            | E::Encoding(_)
            | E::Final(ZkeyError::File(ContainerError::Io { .. }))
            | E::Initial(ZkeyError::File(ContainerError::Io { .. }))
            | E::Powers(PowersError::File(ContainerError::Io { .. }) | PowersError::TooFew { .. })
    )
}

/// Writes a file and the folders it lies in. Readable by all: nothing here is a secret.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| Failure::Write(path.to_owned(), error))
}
