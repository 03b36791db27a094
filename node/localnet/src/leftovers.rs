//! What a network leaves on the machine beside processes and files: namespaces, links, mounts.
//!
//! They are undone by a shell that waits, like the leader of the process group, for the end of a
//! pipe whose other end is ours alone: whatever ends us, nothing stays behind.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::error::NetworkError;

/// Reads until the pipe closes, then runs the script that its first argument names.
const SWEEP: &str = "read -r _; exec sh \"$0\"";

/// Undoes at the end what was noted.
#[derive(Debug)]
pub(crate) struct Leftovers {
    script: PathBuf,
    lines: Vec<String>,
    sweeper: Option<(Child, Option<ChildStdin>)>,
}

impl Leftovers {
    /// Notes go into a script in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            script: folder.join("leftovers.sh"),
            lines: Vec::new(),
            sweeper: None,
        }
    }

    /// Has these words run as a command at the end, before those that were noted earlier.
    pub(crate) fn note(&mut self, words: &[&str]) -> Result<(), NetworkError> {
        let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
        self.lines.push(quoted.join(" "));
        let script: String = self
            .lines
            .iter()
            .rev()
            .map(|line| format!("{line} 2>/dev/null\n"))
            .collect();
        fs::write(&self.script, script).map_err(NetworkError::file("write", &self.script))?;
        if self.sweeper.is_none() {
            self.sweeper = Some(self.start()?);
        }
        Ok(())
    }

    fn start(&self) -> Result<(Child, Option<ChildStdin>), NetworkError> {
        let mut child = Command::new("sh")
            .args(["-c", SWEEP])
            .arg(&self.script)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A signal to our group, as by Ctrl-C, is not for it.
            .process_group(0)
            .spawn()
            .map_err(|error| NetworkError::Start {
                name: "the shell that clears up".into(),
                error,
            })?;
        let lifeline = child.stdin.take();
        Ok((child, lifeline))
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        if let Some((child, lifeline)) = &mut self.sweeper {
            drop(lifeline.take());
            // The folder must not be removed before what is mounted in it is gone.
            let _ = child.wait();
        }
    }
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thing_made_is_undone_first() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("it's a list");
        let list = list.to_str().unwrap();
        let mut leftovers = Leftovers::new(folder.path());
        for number in ["1", "2"] {
            let line = format!("echo {number} >> \"$0\"");
            leftovers.note(&["sh", "-c", &line, list]).unwrap();
        }
        assert!(!Path::new(list).exists());
        drop(leftovers);
        assert_eq!(fs::read_to_string(list).unwrap(), "2\n1\n");
    }
}
