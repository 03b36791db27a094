//! The log of faults: what was planned, what was done and undone, in lines of JSON.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Fault, FaultPlan};
use crate::error::NetworkError;

/// What became of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It was done.
    Done,
    /// It was undone.
    Undone,
    /// It could not be done.
    Refused,
}

/// A fault that was done, undone or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultEntry {
    /// The best block at that time.
    pub block: u32,
    /// What became of it.
    pub deed: Deed,
    /// Number of the member.
    pub member: usize,
    /// Name of the member.
    pub name: String,
    /// The fault.
    pub fault: Fault,
    /// What was hit, or why nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLine {
    /// A plan begins; what follows are its faults.
    Plan(FaultPlan),
    /// A fault.
    Fault(FaultEntry),
}

/// A log of faults, written to the disk line by line.
#[derive(Clone, Debug)]
pub struct FaultLog {
    path: PathBuf,
}

impl FaultLog {
    /// The log in a network's folder; there is no file before the first line.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            path: folder.join("faults.jsonl"),
        }
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what became of a fault.
    pub(crate) fn note(&self, entry: &FaultEntry) -> Result<(), NetworkError> {
        self.write(&LogLine::Fault(entry.clone()))
    }

    /// Notes that a plan begins.
    pub(crate) fn begin(&self, plan: &FaultPlan) -> Result<(), NetworkError> {
        self.write(&LogLine::Plan(plan.clone()))
    }

    fn write(&self, line: &LogLine) -> Result<(), NetworkError> {
        let append = || {
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path)?;
            writeln!(file, "{}", serde_json::to_string(line)?)
        };
        append().map_err(NetworkError::file("write", &self.path))
    }

    /// All lines of the log in `path`.
    pub fn read(path: &Path) -> Result<Vec<LogLine>, NetworkError> {
        let text = fs::read_to_string(path).map_err(NetworkError::file("read", path))?;
        let read = |(line, text): (usize, &str)| {
            serde_json::from_str(text).map_err(|error| NetworkError::FaultLog {
                path: path.to_path_buf(),
                line,
                reason: error.to_string(),
            })
        };
        (1..).zip(text.lines()).map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{PlannedFault, Scope};

    fn entry(block: u32, deed: Deed, fault: Fault) -> FaultEntry {
        FaultEntry {
            block,
            deed,
            member: 7,
            name: "daemon-4".into(),
            fault,
            detail: String::new(),
        }
    }

    #[test]
    fn a_plan_that_is_read_back_from_its_log_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let log = FaultLog::new(folder.path());
        let plan = FaultPlan::from_seed(7, &Scope::new(vec![5, 6, 7], 100));
        log.begin(&FaultPlan::from_seed(6, &Scope::new(vec![5], 10)))
            .unwrap();
        log.begin(&plan).unwrap();
        log.note(&entry(12, Deed::Done, Fault::Cut)).unwrap();
        assert_eq!(FaultPlan::from_log(log.path()).unwrap(), plan);
    }

    #[test]
    fn faults_that_were_done_by_hand_become_a_plan() {
        let folder = tempfile::tempdir().unwrap();
        let log = FaultLog::new(folder.path());
        let clock = Fault::Clock { seconds: -3_600 };
        for entry in [
            entry(20, Deed::Done, Fault::Cut),
            entry(21, Deed::Done, clock),
            entry(22, Deed::Refused, Fault::Kill),
            entry(23, Deed::Undone, Fault::Cut),
            entry(29, Deed::Undone, clock),
        ] {
            log.note(&entry).unwrap();
        }
        let planned = |at, lasts, fault| PlannedFault {
            at,
            lasts,
            member: 7,
            fault,
        };
        let plan = FaultPlan::from_log(log.path()).unwrap();
        assert_eq!(
            plan.faults,
            [planned(0, 3, Fault::Cut), planned(1, 8, clock)]
        );
    }

    #[test]
    fn a_line_that_is_no_fault_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let log = FaultLog::new(folder.path());
        log.note(&entry(1, Deed::Done, Fault::Pause)).unwrap();
        let mut text = fs::read_to_string(log.path()).unwrap();
        text.push_str("{\"fault\":{\"kind\":\"flood\"}}\n");
        fs::write(log.path(), text).unwrap();
        let error = FaultLog::read(log.path()).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
