//! A sign of life: stays in touch with the swarm, and tells now and then how things stand.

use std::{sync::Arc, time::Duration};

use neurostore_swarm::{Multiaddr, PeerId, Swarm};

use crate::{capacity::Capacity, context::Context};

/// How often the swarm is looked after.
const BEAT: Duration = Duration::from_secs(30);
/// Beats between two lines in the log.
const BEATS_PER_LINE: u32 = 20;

/// Looks after the swarm for ever.
pub(crate) async fn run(context: Arc<Context>, swarm: Swarm) {
    for beat in 1u32.. {
        if swarm.connected_peers().is_empty() {
            join(&context, &swarm).await;
        }
        if beat % BEATS_PER_LINE == 0 {
            tell(&context, &swarm);
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// Tries the addresses that the chain's endpoint recommends; those of the command line are kept
/// by the swarm itself.
async fn join(context: &Context, swarm: &Swarm) {
    let Some(chain) = context.chain() else { return };
    let addresses = match chain.storage_bootnodes().await {
        Ok(addresses) => addresses,
        Err(error) => return context.chain_failed("asking for peers", &error),
    };
    for text in addresses {
        let Some((peer, address)) = parse(&text) else {
            tracing::debug!(address = text, "an endpoint recommends what is no address");
            continue;
        };
        if peer == swarm.peer_id() {
            continue;
        }
        match swarm.add_address(peer, address).await {
            Ok(()) => swarm.keep_connected(peer).await,
            Err(error) => tracing::debug!(%error, "a recommended address is not used"),
        }
    }
}

/// An address with `/p2p/<peer id>` at its end, and whose it is.
fn parse(text: &str) -> Option<(PeerId, Multiaddr)> {
    let (_, peer) = text.rsplit_once("/p2p/")?;
    Some((peer.parse().ok()?, text.parse().ok()?))
}

fn tell(context: &Context, swarm: &Swarm) {
    let occupancy = context.store.occupancy();
    if let Some(reason) = context.store.read_only() {
        tracing::error!(reason, "the store is read-only: no uploads are taken");
    }
    tracing::info!(
        block = context.best().map_or(0, |(number, _)| number),
        peers = swarm.connected_peers().len(),
        shards = occupancy.shards,
        stored = %Capacity(occupancy.stored_bytes),
        capacity = %Capacity(occupancy.capacity_bytes),
        damaged = occupancy.damaged_shards,
        proven = context.metrics.proofs_accepted.get(),
        missed = context.metrics.windows_missed.get(),
        "alive"
    );
}
