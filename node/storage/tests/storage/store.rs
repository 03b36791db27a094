//! The shard store against real files: intake, faults, full disks, restarts, kills.

mod disk_full;
mod faults;
mod intake;
mod kill;
mod reading;
mod recovery;
mod removal;
pub(crate) mod setting;
