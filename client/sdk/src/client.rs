//! The client: a chain, a swarm, and a signer.

use neurostore_chain::{Chain, ChainOptions, Signer};
use neurostore_swarm::{Identity, Limits as SwarmLimits, Multiaddr, Swarm, SwarmOptions};

use crate::{error::ConnectError, limits::ClientLimits};

/// What a client is started with. Fields may be added: the rest is `..ClientOptions::default()`.
///
/// ```
/// use neurostore_client::{ClientLimits, ClientOptions};
///
/// let patient = ClientLimits { retries: 200, ..ClientLimits::default() };
/// let options = ClientOptions { limits: patient, ..ClientOptions::default() };
/// assert!(options.signer.is_none(), "this client reads and pays for nothing");
/// ```
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
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ClientOptions, Signer};
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let signer = Signer::from_file("account.key")?;
    /// let options = ClientOptions { signer: Some(signer), ..ClientOptions::default() };
    /// let client = Client::connect("ws://127.0.0.1:9944", options).await?;
    /// println!("{} storage nodes to begin with", client.bootnodes());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError::Chain`] where no chain answers at `url` or its answer cannot be read,
    /// [`ConnectError::Swarm`] where a bootnode's address has no peer id or no transport can be set
    /// up.
    pub async fn connect(url: &str, options: ClientOptions) -> Result<Self, ConnectError> {
        let chain = Chain::connect_with(url, options.chain.clone()).await?;
        Self::with_chain(chain, options).await
    }

    /// Enters the swarm with a connection to the chain that exists already.
    ///
    /// `options.chain` is not looked at: the connection has its own.
    ///
    /// ```no_run
    /// # use neurostore_client::{Chain, Client, ClientOptions};
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let chain = Chain::connect("ws://127.0.0.1:9944").await?;
    /// let (window, _) = chain.window_blocks().await?; // asked before there is a swarm
    /// println!("a window has {window} blocks");
    /// let client = Client::with_chain(chain, ClientOptions::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError::Chain`] where the chain is asked for bootnodes and does not answer,
    /// [`ConnectError::Swarm`] where a bootnode's address has no peer id or no transport can be set
    /// up.
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
    ///
    /// ```no_run
    /// # use neurostore_client::Client;
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let chain = client.chain();
    /// let (block, _) = chain.finalized_block().await?;
    /// println!("{} is final until block {block}", chain.name().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The swarm.
    ///
    /// ```no_run
    /// # use neurostore_client::Client;
    /// # fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} peers are connected", client.swarm().connected_peers().len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    /// Who pays and signs.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Neuro};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(signer) = client.signer() {
    ///     let account = signer.account_id();
    ///     let free = client.chain().balance(&account).await?;
    ///     println!("{account} can spend {}", Neuro(free));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// The same client for another payer; both share their connections.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, PutOptions, Signer};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// for key_file in ["alice.key", "bob.key"] {
    ///     let payer = client.with_signer(Signer::from_file(key_file)?);
    ///     payer.put_file("film.mkv", PutOptions::new(24)).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_signer(&self, signer: Signer) -> Self {
        Self {
            signer: Some(signer),
            ..self.clone()
        }
    }

    /// Patience and parallelism.
    ///
    /// ```no_run
    /// # use neurostore_client::Client;
    /// # fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let parallel = client.limits().segments_in_flight;
    /// println!("{parallel} segments are uploaded at the same time");
    /// # Ok(())
    /// # }
    /// ```
    pub fn limits(&self) -> &ClientLimits {
        &self.limits
    }

    /// Storage nodes that were known to begin with. With none, no shard will be found.
    ///
    /// ```no_run
    /// # use neurostore_client::Client;
    /// # fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// if client.bootnodes() == 0 {
    ///     return Err("name a storage node in the options: the chain recommends none".into());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn bootnodes(&self) -> usize {
        self.bootnodes
    }

    /// Closes every connection to storage nodes.
    ///
    /// Its clones and objects reach no storage node any more.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, PutOptions};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.put_file("film.mkv", PutOptions::new(24)).await?;
    /// client.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
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
///
/// ```
/// use neurostore_client::{parse_bootnode, ClientOptions, ConnectError};
///
/// let peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
/// let node = parse_bootnode(&format!("/ip4/192.0.2.7/tcp/4150/p2p/{peer}"))?;
/// let options = ClientOptions { bootnodes: vec![node], ..ClientOptions::default() };
/// assert!(parse_bootnode("192.0.2.7:4150").is_err());
/// # Ok::<(), ConnectError>(())
/// ```
///
/// # Errors
/// [`ConnectError::Bootnode`] where it is no such address or does not end with a peer id.
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
