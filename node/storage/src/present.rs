//! Whether the chain's endpoint shows the chain as it is now.
//!
//! One that catches up tells of the past, when today's nodes, reservations and segments were not
//! known yet: what follows from that would be wrong.

use std::time::{Duration, SystemTime};

use neurostore_chain::ChainError;

use crate::chain_access::ChainAccess;

/// How far the time of the best block may be behind the clock.
const MOST_BEHIND: Duration = Duration::from_secs(600);

/// How far the endpoint is behind, where that is too far to act on what it tells.
pub(crate) async fn behind(chain: &dyn ChainAccess) -> Result<Option<Duration>, ChainError> {
    let (_, hash) = chain.best_block().await?;
    let time = chain.block_time(hash).await?;
    let behind = SystemTime::now().duration_since(time).unwrap_or_default();
    Ok((behind > MOST_BEHIND).then_some(behind))
}
