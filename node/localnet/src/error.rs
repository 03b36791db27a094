//! Why a network did not start, do or end as it was told.

use std::{io, path::PathBuf};

use neurostore_chain::ChainError;
use neurostore_primitives::ShardRoot;

/// Why a network did not start, do or end as it was told.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A program is missing.
    #[error("the program {program} is missing; looked in {}. Build it: make build", list(.looked_in))]
    NoProgram {
        /// Its file name.
        program: String,
        /// Where it was looked for.
        looked_in: Vec<PathBuf>,
    },
    /// Something needs root.
    #[error("{0} needs root: network namespaces and mounts are made for it")]
    NotRoot(&'static str),
    /// A tool of the system is missing or refused.
    #[error("`{line}` failed ({reason}); it needs root and the package {package}")]
    Tool {
        /// What was run.
        line: String,
        /// Why it failed.
        reason: String,
        /// The package that has it.
        package: &'static str,
    },
    /// Clocks of their own need a library that is missing.
    #[error("a clock of its own needs libfaketime: install the package libfaketime")]
    NoFaketime,
    /// A fault cannot be done to this member.
    #[error("this fault is impossible here: {0}")]
    NoFault(&'static str),
    /// A fault that needs a stored shard found none.
    #[error("{0} holds no shard")]
    NothingStored(String),
    /// A log of faults cannot be read.
    #[error("line {line} of the log of faults {} cannot be read: {reason}", .path.display())]
    FaultLog {
        /// The log.
        path: PathBuf,
        /// Number of the line, from 1 on.
        line: usize,
        /// Why.
        reason: String,
    },
    /// The chain's specification cannot be written.
    #[error("no specification of the chain: {0}")]
    ChainFile(String),
    /// The size of the network is impossible.
    #[error("{0}")]
    Size(&'static str),
    /// A port is taken.
    #[error(
        "port {0} of 127.0.0.1 is taken: end what uses it, or choose others with --first-port"
    )]
    PortTaken(u16),
    /// No free stretch of ports was found.
    #[error("found no {0} free ports in a row on 127.0.0.1")]
    NoPorts(u16),
    /// A file or folder cannot be used.
    #[error("cannot {what} {}: {error}", .path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A process could not be started.
    #[error("cannot start {name}: {error}")]
    Start {
        /// Name of the member.
        name: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A process could not be signalled or waited for.
    #[error("cannot signal {name}: {error}")]
    Signal {
        /// Name of the member.
        name: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A process ended that should run.
    #[error("{name} ended by itself ({status}). The end of {}:\n{tail}", .log.display())]
    Ended {
        /// Name of the member.
        name: String,
        /// How it ended.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// Something did not come about in time.
    #[error("{what} did not happen within {seconds} s; the logs are in {}{last}", .logs.display())]
    NotReady {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// The folder of logs.
        logs: PathBuf,
        /// What was seen last, in words that go on the sentence.
        last: String,
    },
    /// The proving key could not be made.
    #[error("cannot make the development proving key: {0}")]
    ProvingKey(String),
    /// A secret of the development network could not be used.
    #[error("cannot make the key of {name}: {reason}")]
    Key {
        /// Name of the member.
        name: String,
        /// Why.
        reason: String,
    },
    /// The chain was not reachable or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The network has no such member.
    #[error("the network has no member {0}")]
    NoMember(usize),
    /// The member holds no file of that shard.
    #[error("{member} holds no file of the shard {root}")]
    NoShard {
        /// Name of the member.
        member: String,
        /// The shard.
        root: ShardRoot,
    },
    /// The status page of a member cannot be read.
    #[error("cannot read the status page {url}: {reason}")]
    Status {
        /// Its address.
        url: String,
        /// Why.
        reason: String,
    },
}

impl NetworkError {
    /// Names the file that something could not be done with.
    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { what, path, error }
    }
}

fn list(folders: &[PathBuf]) -> String {
    let names: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    names.join(", ")
}
