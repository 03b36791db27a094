//! Starts, watches and stops whole networks of NeuroStore as processes on one machine.
//!
//! [`Network::start`] brings up validators and storage daemons, each a process of its own with its
//! own log, and waits until they work together: blocks are final, all are registered, all have
//! found each other. Members can then be killed, stopped, paused and started again, and shards
//! damaged behind their backs. Whatever happens to the program that started it, no process of the
//! network outlives it.
//!
//! [`Story`] is the main job told step by step, with every claim checked: store, prove, pay, lose
//! five nodes, read. `make demo` tells it aloud with a large file, the end-to-end tests with small
//! ones.
//!
//! Networks listen on 127.0.0.1 only and use keys that everybody knows.
#![forbid(unsafe_code)]
#![cfg(unix)]

mod error;
mod group;
mod member;
mod network;
mod options;
mod ports;
mod process;
mod programs;
mod story;

pub use error::NetworkError;
pub use member::{Member, MemberKind};
pub use network::{MemberStatus, Network};
pub use options::NetworkOptions;
pub use ports::Ports;
pub use process::is_gone;
pub use programs::Programs;
pub use story::{
    sample, Digest, Download, Fallen, Payment, Proven, SampleFile, Step, StepTable, Stored, Story,
    StoryError,
};
