//! How a storage node stands, as a record: the status page, `/status` and `storage_status`.

use std::collections::BTreeMap;

use neurostore_chain::Earnings;
use neurostore_primitives::{ChallengeInfo, NodeClass, NodeState};
use serde::Serialize;

use crate::{
    context::{Context, MissingShard, Stage},
    proving::WindowNote,
    store::Occupancy,
};

/// Without a block for so long the chain counts as out of reach.
const BLOCK_SILENCE_SECONDS: u64 = 60;

/// How a storage node stands.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Version of the program.
    pub version: &'static str,
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

/// Who a node is.
#[derive(Clone, Debug, Serialize)]
pub struct NodeStatus {
    /// Its number on the chain, once it is registered.
    pub id: Option<u32>,
    /// The account that signs its receipts and proofs, in SS58 form.
    pub account: String,
    /// The account that owns it.
    pub operator: Option<String>,
    /// Its id in the swarm.
    pub peer_id: String,
    /// Anchor or light.
    pub class: NodeClass,
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
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct SwarmStatus {
    /// Addresses at which others can dial it.
    pub addresses: Vec<String>,
    /// Peers connected at present.
    pub peers: usize,
}

/// Uploads and refusals since the start.
#[derive(Clone, Debug, Serialize)]
pub struct UploadStatus {
    /// Uploads being taken.
    pub running: u64,
    /// Uploads that were receipted.
    pub receipted: u64,
    /// Requests that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// A challenge.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct ProofStatus {
    /// Windows proven.
    pub accepted: u64,
    /// Windows missed.
    pub missed: u64,
    /// The latest windows, oldest first.
    pub windows: Vec<WindowNote>,
}

/// What a node earned, in plancks as decimal digits: they do not fit JSON's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

impl Status {
    /// How the node stands now.
    pub(crate) fn of(context: &Context) -> Self {
        let node = context.node();
        let silence = context.since_block().map(|since| since.as_secs());
        let board = context.board();
        let (stage, message) = match &board.other_key {
            Some(why) if board.stage == Stage::Serving => (Stage::Blocked, why.clone()),
            _ => (board.stage, board.message.clone()),
        };
        let mut concerns = concerns(
            node.as_ref().map(|node| node.state),
            silence,
            board.missing.len(),
        );
        concerns.extend(board.concerns());
        let metrics = &context.metrics;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: context.started.elapsed().as_secs(),
            stage,
            message,
            concerns,
            node: NodeStatus {
                id: node.as_ref().map(|node| node.id.0),
                account: context.keys.account.account_id().to_string(),
                operator: node.as_ref().map(|node| node.operator.to_string()),
                peer_id: context.keys.identity.peer_id().to_string(),
                class: context.options.class,
                country: context.options.country.to_string(),
                state: node.as_ref().map(|node| node.state),
                capacity_leaves: node.as_ref().map(|node| node.capacity_leaves),
                used_leaves: node.as_ref().map(|node| node.used_leaves),
            },
            chain: ChainStatus {
                url: context.options.chain_url.clone(),
                connected: is_connected(silence),
                genesis: context.chain().map(|chain| hex::encode(chain.genesis())),
                best_block: context.best().map(|(number, _)| number),
                seconds_since_block: silence,
            },
            store: StoreStatus {
                path: context.options.path.display().to_string(),
                occupancy: context.store.occupancy(),
                free_disk_bytes: context.store.free_bytes().ok(),
                read_only: context.store.read_only().map(str::to_owned),
                recovering: board.recovering,
            },
            swarm: SwarmStatus {
                addresses: addresses(context),
                peers: context
                    .swarm()
                    .map_or(0, |swarm| swarm.connected_peers().len()),
            },
            uploads: UploadStatus {
                running: metrics.uploads_running.get(),
                receipted: metrics.uploads.get(),
                refused: metrics.refusals(),
            },
            challenge: board.challenge.map(ChallengeStatus::from),
            proofs: ProofStatus {
                accepted: metrics.proofs_accepted.get(),
                missed: metrics.windows_missed.get(),
                windows: board.windows.iter().cloned().collect(),
            },
            missing_shards: board.missing_shown(),
            earned: board.earned.clone(),
        }
    }
}

fn is_connected(silence: Option<u64>) -> bool {
    silence.is_some_and(|seconds| seconds < BLOCK_SILENCE_SECONDS)
}

/// What keeps a node in this state from earning, with the seconds since the last block and the
/// number of shards that cannot be proven.
fn concerns(state: Option<NodeState>, silence: Option<u64>, missing: usize) -> Vec<String> {
    let mut concerns = Vec::new();
    if let Some(seconds) = silence.filter(|_| !is_connected(silence)) {
        concerns.push(format!(
            "no block of the chain for {seconds} s: windows that open now cannot be answered"
        ));
    }
    match state {
        None | Some(NodeState::Active) => {}
        Some(NodeState::Suspect { missed_in_a_row: 0 }) => concerns.push(
            "the bond is not whole: the node gets no new shards until it is filled up and a \
             window is proven"
                .into(),
        ),
        Some(NodeState::Suspect { missed_in_a_row }) => concerns.push(format!(
            "windows missed in a row: {missed_in_a_row}; the node gets no new shards until it \
             proves one"
        )),
    }
    if missing > 0 {
        concerns.push(format!(
            "shards that the chain expects here and that cannot be proven: {missing}"
        ));
    }
    concerns
}

/// Addresses at which others can dial the node.
pub(crate) fn addresses(context: &Context) -> Vec<String> {
    let listening = context.swarm().map(|swarm| swarm.listen_addresses());
    let listening = listening.unwrap_or_default();
    listening.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_misses_and_missing_shards_are_concerns() {
        let active = Some(NodeState::Active);
        assert_eq!(concerns(active, Some(3), 0), Vec::<String>::new());
        assert!(concerns(active, Some(BLOCK_SILENCE_SECONDS), 0)[0].contains("no block"));
        assert!(concerns(active, Some(3), 5)[0].contains("proven: 5"));
        let suspect = |missed_in_a_row| Some(NodeState::Suspect { missed_in_a_row });
        assert!(concerns(suspect(2), Some(3), 0)[0].contains("in a row: 2"));
        assert!(concerns(suspect(0), Some(3), 0)[0].contains("bond"));
    }
}
