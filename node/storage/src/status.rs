//! How a storage node stands, as a record: what the node writes at `/status` and in answer to
//! `storage_status`, and what everybody who asks it reads.
//!
//! A part that is missing reads as empty: the program that answers may be of another version than
//! the one that asks.

mod window;

use std::collections::BTreeMap;

use neurostore_chain::Earnings;
use neurostore_primitives::{ChallengeInfo, NodeClass, NodeState};
use serde::{Deserialize, Serialize};

pub use self::window::{WindowNote, WindowState};
use crate::store::Occupancy;

/// How a storage node stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Seconds since it was started.
    pub uptime_seconds: u64,
    /// What it is doing as a whole.
    pub stage: Stage,
    /// The same in a sentence for its operator.
    pub message: String,
    /// What keeps it from earning, each in a sentence; empty where all is well.
    pub concerns: Vec<String>,
    /// Who it is.
    pub node: NodeStatus,
    /// What it sees of the chain.
    pub chain: ChainStatus,
    /// What it stores.
    pub store: StoreStatus,
    /// What it sees of the swarm.
    pub swarm: SwarmStatus,
    /// Uploads and refusals.
    pub uploads: UploadStatus,
    /// The open challenge, or the next one.
    pub challenge: Option<ChallengeStatus>,
    /// Its proofs.
    pub proofs: ProofStatus,
    /// Shards that the chain expects here and that cannot be proven; the first 64.
    pub missing_shards: Vec<MissingShard>,
    /// What it earned.
    pub earned: Option<Earned>,
}

/// What a node is doing, as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It has begun.
    #[default]
    Starting,
    /// No connection to the chain yet.
    WaitingForChain,
    /// The chain does not know the node.
    WaitingForRegistration,
    /// It takes, serves and proves shards.
    Serving,
    /// It cannot go on without its operator.
    Blocked,
}

/// Who a node is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    /// Its number on the chain, once it is registered.
    pub id: Option<u32>,
    /// The account that signs its receipts and proofs, in SS58 form.
    pub account: String,
    /// The account that owns it.
    pub operator: Option<String>,
    /// Its id in the swarm.
    pub peer_id: String,
    /// Anchor or light, as it was started.
    pub class: Option<NodeClass>,
    /// Where it says it stands.
    pub country: String,
    /// Its health on the chain.
    pub state: Option<NodeState>,
    /// Leaves of 1 KiB that it offers on the chain.
    pub capacity_leaves: Option<u64>,
    /// Leaves that the chain counts as taken.
    pub used_leaves: Option<u64>,
}

/// What a node sees of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChainStatus {
    /// Its endpoint.
    pub url: String,
    /// Whether blocks are coming.
    pub connected: bool,
    /// The genesis hash, in hexadecimal digits.
    pub genesis: Option<String>,
    /// Number of the best block.
    pub best_block: Option<u32>,
    /// Seconds since it was seen.
    pub seconds_since_block: Option<u64>,
}

/// What a node stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoreStatus {
    /// Its folder.
    pub path: String,
    /// Shards and bytes.
    #[serde(flatten)]
    pub occupancy: Occupancy,
    /// Free bytes of the disk beyond the reserve.
    pub free_disk_bytes: Option<u64>,
    /// Why it no longer writes, if so.
    pub read_only: Option<String>,
    /// Findings of the start that are checked, and how many there are.
    pub recovering: Option<(usize, usize)>,
}

/// What a node sees of the swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmStatus {
    /// Addresses at which others can dial it.
    pub addresses: Vec<String>,
    /// Peers connected at present.
    pub peers: usize,
}

/// Uploads and refusals since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadStatus {
    /// Uploads being taken.
    pub running: u64,
    /// Uploads that were receipted.
    pub receipted: u64,
    /// Requests that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// A challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChallengeStatus {
    /// Its window.
    pub window: u32,
    /// Whether it is open and unanswered.
    pub open: bool,
    /// Block in which it opened or will open.
    pub opens_at: u32,
    /// Last block in which an answer counts.
    pub deadline: u32,
    /// The circuit that must answer.
    pub circuit: u16,
}

/// Proofs since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProofStatus {
    /// Windows proven.
    pub accepted: u64,
    /// Windows missed.
    pub missed: u64,
    /// The latest windows, oldest first.
    pub windows: Vec<WindowNote>,
}

/// A shard that the chain expects on a node and that cannot be read there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MissingShard {
    /// Its segment, in hexadecimal digits.
    pub segment: String,
    /// Its slot there.
    pub slot: u8,
    /// Its root, in hexadecimal digits.
    pub root: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a node earned, in plancks as decimal digits: they do not fit JSON's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Earned {
    /// Released and not yet withdrawn.
    pub withdrawable: String,
    /// Proven and still streaming out.
    pub streaming: String,
    /// What a proven window brings now.
    pub rate_per_window: String,
    /// All that was ever credited.
    pub credited_total: String,
    /// All that was ever withdrawn.
    pub withdrawn_total: String,
}

impl From<Earnings> for Earned {
    fn from(earned: Earnings) -> Self {
        Self {
            withdrawable: earned.withdrawable.to_string(),
            streaming: earned.streaming.to_string(),
            rate_per_window: earned.rate_per_window.to_string(),
            credited_total: earned.credited_total.to_string(),
            withdrawn_total: earned.withdrawn_total.to_string(),
        }
    }
}

impl From<ChallengeInfo> for ChallengeStatus {
    fn from(challenge: ChallengeInfo) -> Self {
        Self {
            window: challenge.window.0,
            open: challenge.open,
            opens_at: challenge.opens_at,
            deadline: challenge.deadline,
            circuit: challenge.circuit.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_back_as_it_was_written() {
        let mut status = Status {
            version: "1.2.3".into(),
            stage: Stage::Blocked,
            concerns: vec!["no block".into()],
            earned: Some(Earned {
                withdrawable: "36893488147419103230".into(),
                ..Earned::default()
            }),
            ..Status::default()
        };
        status.node.class = Some(NodeClass::Anchor);
        status.node.state = Some(NodeState::Suspect { missed_in_a_row: 2 });
        status.store.occupancy.stored_bytes = 8192;
        status.store.recovering = Some((1, 2));
        status.uploads.refused.insert("DiskFull".into(), 3);
        status.proofs.windows.push(WindowNote {
            state: WindowState::Missed,
            trouble: Some("late".into()),
            ..WindowNote::default()
        });
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), status);
    }

    #[test]
    fn parts_that_are_missing_read_as_empty() {
        let read: Status = serde_json::from_str(r#"{"message":"all well","new":1}"#).unwrap();
        let expected = Status {
            message: "all well".into(),
            ..Status::default()
        };
        assert_eq!(read, expected);
    }
}
