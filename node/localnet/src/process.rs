//! One process of a network, with its log.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub(crate) use rustix::process::Signal;
use rustix::process::{kill_process, test_kill_process, Pid};

use crate::{error::NetworkError, group::ProcessGroup};

/// Pause between two looks at whether a process has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Bytes of a log's end that an error shows.
const TAIL_BYTES: u64 = 4_000;

/// How a process is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
}

/// A process that can be started again after its end.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    launch: Launch,
    log: PathBuf,
    child: Option<Child>,
    paused: bool,
}

impl Process {
    pub(crate) fn new(name: String, launch: Launch, log: PathBuf) -> Self {
        Self {
            name,
            launch,
            log,
            child: None,
            paused: false,
        }
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Starts it; its log is continued.
    pub(crate) fn start(&mut self, group: &ProcessGroup) -> Result<(), NetworkError> {
        if self.is_running()? {
            return Ok(());
        }
        let open = || -> io::Result<(File, File)> {
            let log = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.log)?;
            Ok((log.try_clone()?, log))
        };
        let (out, err) = open().map_err(NetworkError::file("open the log", &self.log))?;
        let mut command = Command::new(&self.launch.program);
        command
            .args(&self.launch.arguments)
            .envs(
                self.launch
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let started = group.adopt(&mut command).and_then(|()| command.spawn());
        let child = started.map_err(|error| NetworkError::Start {
            name: self.name.clone(),
            error,
        })?;
        self.child = Some(child);
        self.paused = false;
        Ok(())
    }

    /// Whether it runs; a process that has ended is buried.
    pub(crate) fn is_running(&mut self) -> Result<bool, NetworkError> {
        let Some(child) = &mut self.child else {
            return Ok(false);
        };
        let ended = child.try_wait().map_err(|error| self.signal_error(error))?;
        if ended.is_some() {
            self.child = None;
        }
        Ok(ended.is_none())
    }

    /// Fails with the end of the log where it has ended by itself.
    pub(crate) fn check(&mut self) -> Result<(), NetworkError> {
        let Some(child) = &mut self.child else {
            return Ok(());
        };
        let Some(status) = child.try_wait().map_err(|error| self.signal_error(error))? else {
            return Ok(());
        };
        self.child = None;
        Err(NetworkError::Ended {
            name: self.name.clone(),
            status: status.to_string(),
            log: self.log.clone(),
            tail: tail(&self.log).unwrap_or_default(),
        })
    }

    pub(crate) fn signal(&mut self, signal: Signal) -> Result<(), NetworkError> {
        if !self.is_running()? {
            return Ok(());
        }
        let Some(pid) = self
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
        else {
            return Ok(());
        };
        kill_process(pid, signal).map_err(|error| self.signal_error(error.into()))?;
        match signal {
            Signal::STOP => self.paused = true,
            Signal::CONT => self.paused = false,
            _ => {}
        }
        Ok(())
    }

    /// Asks it to end. Who is paused hears nothing, so it is thawed first.
    pub(crate) fn ask_to_end(&mut self) -> Result<(), NetworkError> {
        self.signal(Signal::CONT)?;
        self.signal(Signal::TERM)
    }

    /// Waits for its end; false where it still runs after `patience`.
    pub(crate) async fn ended_within(&mut self, patience: Duration) -> Result<bool, NetworkError> {
        let deadline = Instant::now() + patience;
        while self.is_running()? {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(true)
    }

    /// The same for where nothing can be awaited.
    pub(crate) fn ended_before(&mut self, deadline: Instant) -> bool {
        while self.is_running().unwrap_or(false) {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        true
    }

    fn signal_error(&self, error: io::Error) -> NetworkError {
        NetworkError::Signal {
            name: self.name.clone(),
            error,
        }
    }
}

/// Whether no process has this number any more, or only one that is dead and not yet buried.
pub fn is_gone(id: i32) -> bool {
    let Some(pid) = Pid::from_raw(id) else {
        return true;
    };
    if test_kill_process(pid).is_err() {
        return true;
    }
    // `pid (name) state …`; the name may contain anything, so look behind its last bracket.
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(folder: &Path, script: &str) -> Process {
        let launch = Launch {
            program: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: Vec::new(),
        };
        Process::new("test".into(), launch, folder.join("log"))
    }

    #[tokio::test]
    async fn a_process_that_ends_by_itself_is_reported_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let group = ProcessGroup::start().unwrap();
        let mut process = process(folder.path(), "echo out of coffee >&2; exit 3");
        process.start(&group).unwrap();
        let error = loop {
            match process.check() {
                Ok(()) => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => break error.to_string(),
            }
        };
        assert!(
            error.contains("out of coffee") && error.contains('3'),
            "{error}"
        );
        assert!(process.id().is_none());
    }

    #[tokio::test]
    async fn a_paused_process_can_still_be_killed_and_started_again() {
        let folder = tempfile::tempdir().unwrap();
        let group = ProcessGroup::start().unwrap();
        let mut process = process(folder.path(), "exec sleep 600");
        process.start(&group).unwrap();
        let first = process.id().unwrap();
        process.signal(Signal::STOP).unwrap();
        assert!(process.is_paused());
        process.signal(Signal::KILL).unwrap();
        assert!(process.ended_within(Duration::from_secs(5)).await.unwrap());
        assert!(is_gone(i32::try_from(first).unwrap()));
        process.start(&group).unwrap();
        assert!(!process.is_paused());
        assert_ne!(process.id(), Some(first));
    }
}
