//! Nothing outlives the program that started it.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Processes that must run before the starter is ended: the first validator alone would not show
/// that all are in the group.
const FEWEST: usize = 5;
/// Patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

pub(crate) fn a_starter_that_is_killed_leaves_no_process_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut starter = start(folder.path());
    wait_until(|| members(folder.path()).len() >= FEWEST);
    starter.kill().unwrap();
    starter.wait().unwrap();
    wait_until(|| members(folder.path()).is_empty());
}

pub(crate) fn a_starter_that_is_interrupted_ends_its_processes_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut starter = start(folder.path());
    wait_until(|| members(folder.path()).len() >= FEWEST);
    let interrupted = Command::new("kill")
        .args(["-INT", &starter.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    assert_eq!(starter.wait().unwrap().code(), Some(130));
    assert!(members(folder.path()).is_empty());
}

fn start(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_neurostore-localnet"))
        .args(["demo", "--size", "1", "--dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Processes that have the folder on their command line, the starter apart.
fn members(folder: &Path) -> Vec<u32> {
    let name = folder.canonicalize().unwrap();
    let name = name.to_str().unwrap();
    let ids = fs::read_dir("/proc").unwrap().flatten();
    ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            line.contains(name) && !line.contains("neurostore-localnet")
        })
        .collect()
}

fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "not within {} s",
            PATIENCE.as_secs()
        );
        thread::sleep(Duration::from_millis(100));
    }
}
