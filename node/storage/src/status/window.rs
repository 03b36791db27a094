//! What people read of a window.

use std::fmt;

use neurostore_primitives::{ChallengeInfo, WindowIndex};
use serde::{Deserialize, Serialize};

/// How far the answer to a challenge is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// The proof is being made.
    Proving,
    /// The proof is on its way to the chain.
    Submitting,
    /// The chain accepted it.
    Accepted,
    /// The window earned nothing.
    Missed,
    /// The chain no longer tells how it ended.
    #[default]
    Unknown,
}

impl fmt::Display for WindowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proving => "proving",
            Self::Submitting => "on its way to the chain",
            Self::Accepted => "accepted",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
        })
    }
}

/// A window of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowNote {
    /// Its number.
    pub window: WindowIndex,
    /// Block in which it opened.
    pub opened_at: u32,
    /// Last block in which an answer counted.
    pub deadline: u32,
    /// How far the answer is.
    pub state: WindowState,
    /// Milliseconds that proving took.
    pub proving_ms: Option<u64>,
    /// What went wrong last, if anything.
    pub trouble: Option<String>,
}

impl WindowNote {
    pub(crate) fn new(challenge: &ChallengeInfo) -> Self {
        Self {
            window: challenge.window,
            opened_at: challenge.opens_at,
            deadline: challenge.deadline,
            state: WindowState::Proving,
            proving_ms: None,
            trouble: None,
        }
    }

    /// Whether nothing more will happen to it.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(
            self.state,
            WindowState::Accepted | WindowState::Missed | WindowState::Unknown
        )
    }
}
