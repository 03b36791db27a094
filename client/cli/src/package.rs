//! What packages ship beside the program.

use std::{io, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Arguments;

/// Prints completions. A reader that closes early has what it wanted.
pub(crate) fn completions(shell: Shell) {
    let script = &mut Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "neuro", script);
    let _ = io::Write::write_all(&mut io::stdout(), script);
}

/// Writes a manual page for the program and for each of its commands.
pub(crate) fn manual(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Arguments::command(), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_in_the_help_has_a_page() {
        let definition = Arguments::command();
        let pages = tempfile::tempdir().unwrap();
        manual(pages.path()).unwrap();
        let shown = definition
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        let mut count = 0;
        for command in shown {
            let page = format!("neuro-{}.1", command.get_name());
            assert!(pages.path().join(&page).exists(), "{page}");
            count += 1;
        }
        assert!(count > 5, "{count} commands are shown");
    }
}
