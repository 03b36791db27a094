//! Keeps the gauges true, whoever reads them: beside a chain node they are served with the chain's
//! own, and nobody asks this service first.

use std::{sync::Arc, time::Duration};

use crate::{context::Context, metrics::Standing};

/// Pause between two looks: a third of the interval at which Prometheus usually reads.
const PAUSE: Duration = Duration::from_secs(5);

/// Brings the gauges up to date for ever.
pub(crate) async fn run(context: Arc<Context>) {
    loop {
        refresh(&context);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Brings the gauges up to date.
pub(crate) fn refresh(context: &Context) {
    let peers = context
        .swarm()
        .map_or(0, |swarm| swarm.connected_peers().len());
    context.metrics.refresh(&Standing {
        occupancy: context.store.occupancy(),
        is_read_only: context.store.read_only().is_some(),
        missing_shards: context.board().missing.len(),
        peers,
    });
}
