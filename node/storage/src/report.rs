//! How the node stands now: what its workers wrote down, put together.

use neurostore_primitives::NodeState;

use crate::{
    context::Context,
    status::{
        ChainStatus, ChallengeStatus, NodeStatus, ProofStatus, Stage, Status, StoreStatus,
        SwarmStatus, UploadStatus,
    },
};

/// Without a block for so long the chain counts as out of reach.
const BLOCK_SILENCE_SECONDS: u64 = 60;

/// How the node stands now.
pub(crate) fn status(context: &Context) -> Status {
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
    Status {
        version: env!("CARGO_PKG_VERSION").into(),
        uptime_seconds: context.started.elapsed().as_secs(),
        stage,
        message,
        concerns,
        node: NodeStatus {
            id: node.as_ref().map(|node| node.id.0),
            account: context.keys.account.account_id().to_string(),
            operator: node.as_ref().map(|node| node.operator.to_string()),
            peer_id: context.keys.identity.peer_id().to_string(),
            class: Some(context.options.class),
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
            "the bond is not whole: the node gets no new shards until it is filled up".into(),
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
