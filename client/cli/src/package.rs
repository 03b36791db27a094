//! What packages ship beside the program.

use std::{io::Write, path::Path};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Arguments;

/// Prints completions.
pub(crate) fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "neuro", &mut script);
    // A reader that closes early has what it wanted.
    let _ = std::io::stdout().write_all(&script);
}

/// Writes a manual page for the program and for each of its commands.
pub(crate) fn manual(folder: &Path) -> anyhow::Result<()> {
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| format!("cannot write manual pages into {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_is_shown_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        manual(folder.path()).unwrap();
        for page in ["neuro.1", "neuro-put.1", "neuro-account-new.1"] {
            let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
            assert!(text.contains(".SH NAME"), "{page}");
        }
    }
}
