//! The `neuro` command, run as a person runs it.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

use super::{Stored, Story, StoryError};

/// How a run of the command ended.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Whether its exit code was 0.
    pub(super) succeeded: bool,
    /// What it wrote to standard error.
    pub(super) error: String,
}

impl Story {
    /// `neuro get @LOCATOR-FILE --output PATH`.
    pub(super) async fn neuro_get(
        &self,
        stored: &Stored,
        output: &Path,
    ) -> Result<Run, StoryError> {
        let program = &self.network.programs().neuro;
        let ran = Command::new(program)
            .args(["--quiet", "--chain", &self.network.chain_url()])
            .arg("--config-dir")
            .arg(self.folder())
            .arg("get")
            .arg(format!("@{}", stored.locator_file.display()))
            .arg("--output")
            .arg(output)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| StoryError::Command {
                program: program.clone(),
                error,
            })?;
        Ok(Run {
            succeeded: ran.status.success(),
            error: String::from_utf8_lossy(&ran.stderr).trim().to_owned(),
        })
    }
}
