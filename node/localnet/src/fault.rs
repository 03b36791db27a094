//! What can go wrong with a member, drawn from a seed, and written down so that it can be done
//! again.

mod log;
mod plan;
mod replay;

use serde::{Deserialize, Serialize};

pub use log::{Deed, FaultEntry, FaultLog, LogLine};
pub(crate) use plan::Step;
pub use plan::{FaultPlan, PlannedFault, Scope};

/// Something that goes wrong with a member and can be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Its process ends by SIGKILL. Mended, it is started again.
    Kill,
    /// Its process is frozen: its connections stay open and nothing answers.
    Pause,
    /// Its cable is pulled. Needs [`crate::Reach::Namespace`].
    Cut,
    /// Its disk is full to the last byte. Needs a [`crate::Disk`] of its own.
    FillDisk,
    /// A shard cannot be read: the disk answers EIO. Needs [`crate::Disk::Checked`].
    Unreadable {
        /// Which of its shards, counted round and round in the order of their roots.
        shard: u64,
    },
    /// Its clock jumps. Needs [`crate::Clock::Own`].
    Clock {
        /// How far, forward or back.
        seconds: i64,
    },
    /// A byte of a shard is another.
    Corrupt {
        /// Which of its shards, counted round and round in the order of their roots.
        shard: u64,
        /// Which byte of it, counted round and round.
        byte: u64,
    },
}

impl Fault {
    /// Whether a member has to be started again once the cause is gone: it is not running, or it
    /// looks only at its start whether its disk is well again.
    pub fn needs_restart(self) -> bool {
        match self {
            Self::Kill | Self::FillDisk | Self::Unreadable { .. } | Self::Corrupt { .. } => true,
            Self::Pause | Self::Cut | Self::Clock { .. } => false,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "killed",
            Self::Pause => "paused",
            Self::Cut => "cut from the network",
            Self::FillDisk => "disk full",
            Self::Unreadable { .. } => "shard unreadable (EIO)",
            Self::Clock { .. } => "clock moved",
            Self::Corrupt { .. } => "byte of a shard flipped",
        }
    }
}
