//! Starts, watches and stops whole networks of NeuroStore as processes on one machine.
//!
//! [`Network::start`] brings up validators and storage daemons, each a process of its own with its
//! own log, and waits until they work together: blocks are final, all are registered, all have
//! found each other. Members can then be added ([`Network::add`]) and removed, and a [`Fault`] be done
//! to any of them and undone. Whatever happens to the program that started it, no process of the
//! network outlives it, and none of its namespaces and mounts either.
//!
//! A [`FaultPlan`] draws faults from a seed; what was done is in the log of faults, from which the
//! same plan can be read and done again. `neurostore-localnet chaos` does so while it stores and
//! reads.
//!
//! [`Story`] is the main job told step by step, with every claim checked: store, prove, pay, lose
//! five nodes, read. `make demo` tells it aloud with a large file, the end-to-end tests with small
//! ones.
//!
//! Networks listen on 127.0.0.1 only, or on a bridge that no other machine reaches, and use keys
//! that everybody knows.
#![forbid(unsafe_code)]
#![cfg(unix)]

mod authority;
mod bridge;
mod chain_file;
mod clock;
mod disk;
mod drill;
mod error;
mod fault;
mod group;
mod leftovers;
mod member;
mod network;
mod options;
mod ports;
mod process;
mod programs;
mod secret;
mod spec;
mod story;
mod system;

pub use error::NetworkError;
pub use fault::{Deed, Fault, FaultEntry, FaultLog, FaultPlan, LogLine, PlannedFault, Scope};
pub use member::Member;
pub use network::{Injected, MemberStatus, Network};
pub use options::NetworkOptions;
pub use ports::Ports;
pub use process::is_gone;
pub use programs::Programs;
pub use spec::{Clock, Disk, MemberKind, MemberSpec, Place, Reach};
pub use story::{
    sample, Digest, Download, Fallen, Payment, Person, Proven, SampleFile, Step, StepTable, Stored,
    Story, StoryError,
};
