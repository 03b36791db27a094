//! The chain's network: its protocols, and how a node that is far behind catches up.

use std::sync::Arc;

use neurostore_runtime::{opaque::Block, Hash};
use sc_consensus_grandpa::{warp_proof, LinkHalf};
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NotificationService,
    service::NotificationMetrics, types::ProtocolName, NetworkBackend,
};
use sc_service::{Configuration, WarpSyncConfig};

use super::client::{FullClient, FullSelectChain, Shared};

/// Where GRANDPA's votes travel.
pub(super) struct GrandpaChannel {
    pub(super) protocol: ProtocolName,
    pub(super) notifications: Box<dyn NotificationService>,
}

/// What the network is built from.
pub(super) struct NetworkParts<N: NetworkBackend<Block, Hash>> {
    pub(super) config: FullNetworkConfiguration<Block, Hash, N>,
    pub(super) metrics: NotificationMetrics,
    pub(super) warp_sync: WarpSyncConfig<Block>,
    pub(super) grandpa: GrandpaChannel,
}

/// Names the protocols of the network.
pub(super) fn configure<N: NetworkBackend<Block, Hash>>(
    config: &Configuration,
    genesis: Hash,
    shared: &Shared,
    grandpa_link: &LinkHalf<Block, FullClient, FullSelectChain>,
) -> NetworkParts<N> {
    let mut net_config =
        FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, shared.prometheus.clone());
    let metrics = N::register_notification_metrics(shared.prometheus.as_ref());
    let protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (peers, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(peers);
    let warp_sync = Arc::new(warp_proof::NetworkProvider::new(
        shared.backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    NetworkParts {
        config: net_config,
        metrics,
        warp_sync: WarpSyncConfig::WithProvider(warp_sync),
        grandpa: GrandpaChannel {
            protocol,
            notifications,
        },
    }
}
