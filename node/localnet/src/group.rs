//! The process group of a network: whatever happens to us, it ends with us.
//!
//! Every process of a network is put into one group whose leader is a shell that waits for the
//! end of its standard input. The other end of that pipe is ours alone. When we die, even by
//! SIGKILL, the system closes the pipe, the shell wakes up and kills the whole group, itself
//! included. Compared with the parent-death signal of Linux this needs no unsafe code, works on
//! every Unix, reaches grandchildren, and does not depend on which of our threads did the start.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
};

/// Reads until the pipe closes, then ends the group, whose number is that of the shell.
const LEADER: &str = "read -r _; kill -s KILL -- -$$";

/// A group of processes that ends when it is dropped, or when this process is gone.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    leader: Child,
    lifeline: Option<ChildStdin>,
}

impl ProcessGroup {
    pub(crate) fn start() -> io::Result<Self> {
        let mut leader = Command::new("sh")
            .args(["-c", LEADER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let lifeline = leader.stdin.take();
        Ok(Self { leader, lifeline })
    }

    /// Puts a process that is about to be started into the group.
    pub(crate) fn adopt(&self, command: &mut Command) -> io::Result<()> {
        let id = i32::try_from(self.leader.id()).map_err(io::Error::other)?;
        command.process_group(id);
        Ok(())
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // The shell has nothing left to do but to kill the group: this takes no time.
        let _ = self.leader.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn sleeper(group: &ProcessGroup) -> Child {
        let mut command = Command::new("sleep");
        command.arg("600");
        group.adopt(&mut command).unwrap();
        command.spawn().unwrap()
    }

    #[test]
    fn every_process_of_a_group_ends_when_the_pipe_closes() {
        let group = ProcessGroup::start().unwrap();
        let mut sleepers = [sleeper(&group), sleeper(&group)];
        assert!(sleepers
            .iter_mut()
            .all(|sleeper| sleeper.try_wait().unwrap().is_none()));
        drop(group);
        for sleeper in &mut sleepers {
            assert_eq!(sleeper.wait().unwrap().signal(), Some(9));
        }
    }

    #[test]
    fn a_grandchild_ends_with_the_group() {
        let group = ProcessGroup::start().unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 600 & echo $!; wait"])
            .stdout(Stdio::piped());
        group.adopt(&mut command).unwrap();
        let mut shell = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = io::BufReader::new(shell.stdout.take().unwrap());
        io::BufRead::read_line(&mut output, &mut line).unwrap();
        let grandchild: i32 = line.trim().parse().unwrap();
        drop(group);
        shell.wait().unwrap();
        // Whoever inherits the orphan buries it; until then it is a zombie, not a process.
        while !crate::process::is_gone(grandchild) {
            std::thread::yield_now();
        }
    }
}
