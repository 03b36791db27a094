//! The system's own tools, where only they can do something.

use std::process::{Command, Stdio};

use crate::error::NetworkError;

/// Fails unless we are root, which `what` needs.
pub(crate) fn must_be_root(what: &'static str) -> Result<(), NetworkError> {
    if rustix::process::geteuid().is_root() {
        Ok(())
    } else {
        Err(NetworkError::NotRoot(what))
    }
}

/// Runs a tool to its end. Where it is missing, the error names the `package` that has it.
pub(crate) fn run(
    package: &'static str,
    tool: &'static str,
    words: &[&str],
) -> Result<(), NetworkError> {
    let failed = |reason: String| NetworkError::Tool {
        line: format!("{tool} {}", words.join(" ")),
        reason,
        package,
    };
    let output = Command::new(tool)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{}: {}", output.status, said.trim())))
}
