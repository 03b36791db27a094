//! What packages ship beside the program.

use std::{
    io::{self, Write},
    path::Path,
};

use clap_complete::Shell;

use crate::cli::{Cli, NAME};

/// Prints completions.
pub(crate) fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::definition(), NAME, &mut script);
    // A reader that closes early has what it wanted.
    let _ = io::stdout().write_all(&script);
}

/// Writes a manual page for the program and for each of its commands.
pub(crate) fn manual(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Cli::definition(), folder)
}
