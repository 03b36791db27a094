//! Where the programs are that a network is made of.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::error::NetworkError;

/// Names the folder of the programs where they are not beside the running one.
const FOLDER_VARIABLE: &str = "NEUROSTORE_BIN";

/// The programs a network is made of.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The validator, `neurostore-node`.
    pub validator: PathBuf,
    /// The storage daemon, `neuro-node`.
    pub daemon: PathBuf,
    /// The command, `neuro`.
    pub neuro: PathBuf,
}

impl Programs {
    /// Finds them: in the folder that `NEUROSTORE_BIN` names, else beside the running program or
    /// one folder above it, where Cargo puts the programs that a test runs with.
    pub fn find() -> Result<Self, NetworkError> {
        let mut folders: Vec<PathBuf> = Vec::new();
        if let Some(named) = env::var_os(FOLDER_VARIABLE) {
            folders.push(named.into());
        } else if let Ok(own) = env::current_exe() {
            folders.extend(own.ancestors().skip(1).take(2).map(Path::to_path_buf));
        }
        Ok(Self {
            validator: find(&folders, "neurostore-node")?,
            daemon: find(&folders, "neuro-node")?,
            neuro: find(&folders, "neuro")?,
        })
    }
}

fn find(folders: &[PathBuf], program: &str) -> Result<PathBuf, NetworkError> {
    let candidates = folders.iter().map(|folder| folder.join(program));
    candidates
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| NetworkError::NoProgram {
            program: program.to_owned(),
            looked_in: folders.to_vec(),
        })
}
