//! The client: a chain, a swarm, and a signer.

use neurostore_chain::{Chain, ChainOptions, Signer};
use neurostore_swarm::{Identity, Limits as SwarmLimits, Multiaddr, Swarm, SwarmOptions};

use crate::{error::ConnectError, limits::ClientLimits};

/// What a client is started with.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    /// Who pays and signs. Reading needs nobody.
    pub signer: Option<Signer>,
    /// Storage nodes that know the others, each with `/p2p/<peer id>` at its end. Empty: those
    /// that the chain's endpoint recommends.
    pub bootnodes: Vec<Multiaddr>,
    /// Patience and parallelism.
    pub limits: ClientLimits,
    /// Bounds of the swarm.
    pub swarm: SwarmLimits,
    /// Patience with the chain.
    pub chain: ChainOptions,
}

/// A way into NeuroStore; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    chain: Chain,
    swarm: Swarm,
    signer: Option<Signer>,
    limits: ClientLimits,
    bootnodes: usize,
}

impl Client {
    /// Connects to the chain and enters the swarm.
    pub async fn connect(url: &str, options: ClientOptions) -> Result<Self, ConnectError> {
        let chain = Chain::connect_with(url, options.chain.clone()).await?;
        Self::with_chain(chain, options).await
    }

    /// Enters the swarm with a connection to the chain that exists already.
    pub async fn with_chain(chain: Chain, options: ClientOptions) -> Result<Self, ConnectError> {
        let mut bootnodes = options.bootnodes;
        if bootnodes.is_empty() {
            bootnodes = recommended(&chain.storage_bootnodes().await?);
        }
        if bootnodes.is_empty() {
            tracing::warn!(
                "no storage node is known to begin with: the chain's endpoint recommends none, \
                 and none was given. Nodes will not be found"
            );
        }
        let known = bootnodes.len();
        let swarm = SwarmOptions {
            identity: Identity::generate(),
            listen: Vec::new(),
            bootnodes,
            limits: options.swarm,
        };
        Ok(Self {
            chain,
            swarm: Swarm::start(swarm, None).await?,
            signer: options.signer,
            limits: options.limits,
            bootnodes: known,
        })
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The swarm.
    pub fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    /// Who pays and signs.
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// The same client for another payer; both share their connections.
    #[must_use]
    pub fn with_signer(&self, signer: Signer) -> Self {
        Self {
            signer: Some(signer),
            ..self.clone()
        }
    }

    /// Patience and parallelism.
    pub fn limits(&self) -> &ClientLimits {
        &self.limits
    }

    /// Storage nodes that were known to begin with. With none, no shard will be found.
    pub fn bootnodes(&self) -> usize {
        self.bootnodes
    }

    /// Closes every connection to storage nodes.
    pub async fn shutdown(&self) {
        self.swarm.shutdown().await;
    }
}

/// The nodes that the chain's endpoint recommends. An address that cannot be used is no reason
/// to do without the others.
fn recommended(addresses: &[String]) -> Vec<Multiaddr> {
    let usable = |address: &String| match parse_bootnode(address) {
        Ok(usable) => Some(usable),
        Err(error) => {
            tracing::warn!(%error, "the chain's endpoint recommends an address that is passed over");
            None
        }
    };
    addresses.iter().filter_map(usable).collect()
}

/// Reads the address of a storage node: `/ip4/…/tcp/…/p2p/<peer id>`.
pub fn parse_bootnode(address: &str) -> Result<Multiaddr, ConnectError> {
    let bad = || ConnectError::Bootnode(address.to_owned());
    // Whom it belongs to comes last: behind `/p2p-circuit` it would be a relay's.
    let peer = address.rsplit_once("/p2p/").map(|(_, peer)| peer);
    if peer.is_none_or(|peer| peer.contains('/')) {
        return Err(bad());
    }
    address.parse().map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_peer_id_is_no_bootnode() {
        let error = parse_bootnode("/ip4/127.0.0.1/tcp/4150").unwrap_err();
        assert!(error.to_string().contains("/p2p/<peer id>"));
        assert!(parse_bootnode("127.0.0.1:4150").is_err());
    }

    #[test]
    fn a_recommended_address_that_is_none_is_passed_over() {
        let peer = Identity::generate().peer_id();
        let good = format!("/ip4/127.0.0.1/tcp/4150/p2p/{peer}");
        let bad = ["/ip4/127.0.0.1/tcp/4150", "nonsense", "/p2p/nonsense"];
        let mut addresses: Vec<String> = bad.iter().map(ToString::to_string).collect();
        addresses.push(format!("{good}/p2p-circuit"));
        addresses.push(good.clone());
        let usable = recommended(&addresses);
        assert_eq!(
            usable.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [good]
        );
    }
}
