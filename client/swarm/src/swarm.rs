//! The handle that the rest of the project holds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use libp2p::{Multiaddr, PeerId};
use neurostore_primitives::{PeerKey, ShardRoot};
use tokio::{
    io::AsyncRead,
    sync::{mpsc, oneshot, OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    actor::{Actor, Command, SharedView},
    address::{dialable, split_peer},
    admission::Admission,
    body::ShardBody,
    client::Client,
    error::{AddressError, FindError, ShardError, StartError, Step},
    identity::Identity,
    limits::{Limits, COMMAND_QUEUE},
    message::{LeafAnswer, PutRequest, Request, StoredShard},
    refusal::Refusal,
    server::Server,
    service::ShardService,
    substreams::{OpenError, Serving},
    transport,
};

/// What a swarm is started with.
#[derive(Clone, Debug)]
pub struct SwarmOptions {
    /// Who we are.
    pub identity: Identity,
    /// Where to listen, for example `/ip4/0.0.0.0/tcp/4150` and `/ip4/0.0.0.0/udp/4150/quic-v1`.
    /// A pure client listens nowhere.
    pub listen: Vec<Multiaddr>,
    /// Peers that know the network, each with `/p2p/<peer id>` at its end.
    pub bootnodes: Vec<Multiaddr>,
    /// Bounds and deadlines.
    pub limits: Limits,
}

/// A handle to a running swarm. Clones are cheap; the swarm ends with the last of them or by
/// [`Swarm::shutdown`].
#[derive(Clone, Debug)]
pub struct Swarm {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    peer_id: PeerId,
    peer_key: PeerKey,
    limits: Limits,
    commands: mpsc::Sender<Command>,
    view: SharedView,
    slots: Mutex<HashMap<PeerId, Arc<Semaphore>>>,
    server: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

impl Swarm {
    /// Starts a swarm on the current tokio runtime; every listen address is bound when it
    /// returns. With a `service` it is a storage node. With listen addresses it also answers
    /// lookups of others.
    pub async fn start(
        options: SwarmOptions,
        service: Option<Arc<dyn ShardService>>,
    ) -> Result<Self, StartError> {
        let SwarmOptions {
            identity,
            listen,
            bootnodes,
            limits,
        } = options;
        let bootnodes = bootnodes
            .into_iter()
            .map(|address| match split_peer(address) {
                (plain, Some(peer)) => Ok((peer, plain)),
                (plain, None) => Err(StartError::Bootnode(plain)),
            })
            .collect::<Result<Vec<_>, _>>()?;

        let admission = Admission::new(limits.clone());
        let (inbound, substreams) =
            mpsc::channel(limits.requests.saturating_add(limits.refusals).max(1));
        let serving = service.is_some().then(|| Serving {
            admission: admission.clone(),
            inbound,
        });
        let swarm = transport::build(&identity, &limits, serving, !listen.is_empty())?;
        let (commands, receiver) = mpsc::channel(COMMAND_QUEUE);
        let view = SharedView::default();
        let actor = Actor::start(
            swarm,
            limits.clone(),
            receiver,
            view.clone(),
            admission.clone(),
            listen,
            bootnodes,
        )
        .await?;
        tokio::spawn(actor.run());
        let server = service.map(|service| {
            let server = Server {
                service,
                limits: limits.clone(),
                admission,
            };
            tokio::spawn(server.run(substreams))
        });
        Ok(Self {
            inner: Arc::new(Inner {
                peer_id: identity.peer_id(),
                peer_key: identity.peer_key(),
                limits,
                commands,
                view,
                slots: Mutex::default(),
                server,
            }),
        })
    }

    /// Our id in the swarm.
    pub fn peer_id(&self) -> PeerId {
        self.inner.peer_id
    }

    /// The key behind our id, as the chain stores it.
    pub fn peer_key(&self) -> PeerKey {
        self.inner.peer_key
    }

    /// The addresses at which others can dial us, each with `/p2p/<peer id>` at its end. 0.0.0.0
    /// is never among them: it is resolved to the addresses of the interfaces.
    pub fn listen_addresses(&self) -> Vec<Multiaddr> {
        self.inner.view.read().listening.iter().cloned().collect()
    }

    /// Who is connected at present.
    pub fn connected_peers(&self) -> Vec<PeerId> {
        self.inner.view.read().connected.iter().copied().collect()
    }

    /// Remembers an address of a peer, as the first to be tried.
    pub async fn add_address(&self, peer: PeerId, address: Multiaddr) -> Result<(), AddressError> {
        let address = dialable(peer, address)?;
        self.command(Command::AddAddress(peer, address))
            .await
            .map_err(|ShutDown| AddressError::ShutDown)
    }

    /// Stays connected with `peer` from now on, redialling with growing pauses.
    pub async fn keep_connected(&self, peer: PeerId) {
        // A swarm that is shut down keeps nobody connected.
        let _ = self.command(Command::Keep(peer)).await;
    }

    /// Looks up where `peer` can be dialled: through the hash table, unless it is connected.
    pub async fn find(&self, peer: PeerId) -> Result<Vec<Multiaddr>, FindError> {
        let (reply, answer) = oneshot::channel();
        self.command(Command::Find(peer, reply))
            .await
            .map_err(|ShutDown| FindError::ShutDown)?;
        // Twice the lookup's own deadline: the hash table keeps that one by itself.
        let deadline = self.inner.limits.lookup.saturating_mul(2);
        match timeout(deadline, answer).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => Err(FindError::ShutDown),
            Err(_) => Err(FindError::NotFound(peer)),
        }
    }

    /// Uploads `request.len` bytes of `body` to `peer`. `progress` is told how many bytes went
    /// out in all, after each piece.
    pub async fn put_shard(
        &self,
        peer: PeerId,
        request: PutRequest,
        body: impl AsyncRead + Send + Unpin,
        progress: impl FnMut(u64) + Send,
    ) -> Result<StoredShard, ShardError> {
        if request.len != request.class.shard_bytes() {
            return Err(Refusal::WrongLength.into());
        }
        let _slot = self.slot(peer).await?;
        let stream = self.open(peer).await?;
        self.client(peer).put(stream, request, body, progress).await
    }

    /// Asks `peer` for the bytes `offset..offset + len` of the shard `root`.
    pub async fn get_range(
        &self,
        peer: PeerId,
        root: ShardRoot,
        offset: u64,
        len: u64,
    ) -> Result<ShardBody, ShardError> {
        let request = Request::Get { root, offset, len };
        request.check()?;
        let slot = self.slot(peer).await?;
        let mut stream = self.open(peer).await?;
        self.client(peer).get(&mut stream, request).await?;
        Ok(ShardBody::new(peer, stream, len, &self.inner.limits, slot))
    }

    /// Asks `peer` for at most sixteen leaves of the shard `root` with their paths. The caller
    /// checks the paths.
    pub async fn get_leaves(
        &self,
        peer: PeerId,
        root: ShardRoot,
        indices: &[u16],
    ) -> Result<Vec<LeafAnswer>, ShardError> {
        let request = Request::Leaves {
            root,
            indices: indices.to_vec(),
        };
        request.check()?;
        let _slot = self.slot(peer).await?;
        let stream = self.open(peer).await?;
        self.client(peer)
            .leaves(stream, request, indices.len())
            .await
    }

    /// Closes every connection and aborts every request, served or asked.
    pub async fn shutdown(&self) {
        if let Some(server) = &self.inner.server {
            server.abort();
        }
        let (confirm, confirmed) = oneshot::channel();
        if self.command(Command::ShutDown(confirm)).await.is_ok() {
            // An error means that it had ended already.
            let _ = confirmed.await;
        }
    }

    fn client(&self, peer: PeerId) -> Client<'_> {
        Client {
            peer,
            limits: &self.inner.limits,
        }
    }

    async fn command(&self, command: Command) -> Result<(), ShutDown> {
        self.inner
            .commands
            .send(command)
            .await
            .map_err(|_| ShutDown)
    }

    /// Waits for one of our places at `peer`.
    async fn slot(&self, peer: PeerId) -> Result<OwnedSemaphorePermit, ShardError> {
        let semaphore = {
            let mut slots = self
                .inner
                .slots
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            // Nobody holds a permit of a semaphore that only this map knows.
            slots.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
            slots
                .entry(peer)
                .or_insert_with(|| {
                    let places = self.inner.limits.own_requests_per_peer.max(1);
                    Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)))
                })
                .clone()
        };
        let deadline = self.slot_deadline();
        match timeout(deadline, semaphore.acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) => Err(ShardError::ShutDown),
            Err(_) => Err(ShardError::TooSlow {
                peer,
                step: Step::Slot,
            }),
        }
    }

    /// As long as one whole request of ours may rest without moving a byte.
    fn slot_deadline(&self) -> Duration {
        let limits = &self.inner.limits;
        limits
            .connect
            .saturating_add(limits.answer)
            .saturating_add(limits.receipt)
    }

    /// Opens a substream; where the addresses we know do not work, the network is asked once.
    async fn open(&self, peer: PeerId) -> Result<libp2p::swarm::Stream, ShardError> {
        let first = match self.try_open(peer).await {
            Err(error @ (ShardError::NoAddress(_) | ShardError::Unreachable { .. })) => error,
            // The connection was closing just then; a new one may stand.
            Err(ShardError::Broken { .. }) => return self.try_open(peer).await,
            other => return other,
        };
        match self.find(peer).await {
            Ok(_) => self.try_open(peer).await,
            Err(FindError::ShutDown) => Err(ShardError::ShutDown),
            Err(FindError::NotFound(_) | FindError::Overloaded) => Err(first),
        }
    }

    async fn try_open(&self, peer: PeerId) -> Result<libp2p::swarm::Stream, ShardError> {
        let (reply, answer) = oneshot::channel();
        self.command(Command::Open(peer, reply))
            .await
            .map_err(|ShutDown| ShardError::ShutDown)?;
        let step = Step::Connect;
        match timeout(self.inner.limits.connect, answer).await {
            Ok(Ok(Ok(stream))) => Ok(stream),
            Ok(Ok(Err(error))) => Err(match error {
                OpenError::NoAddress => ShardError::NoAddress(peer),
                OpenError::Unreachable(reason) => ShardError::Unreachable { peer, reason },
                OpenError::Unsupported => ShardError::Unsupported(peer),
                OpenError::Broken(reason) => ShardError::Broken { peer, step, reason },
                OpenError::Overloaded => ShardError::Overloaded,
            }),
            Ok(Err(_)) if self.inner.commands.is_closed() => Err(ShardError::ShutDown),
            Ok(Err(_)) => Err(ShardError::Broken {
                peer,
                step,
                reason: "the connection closed".into(),
            }),
            Err(_) => Err(ShardError::TooSlow { peer, step }),
        }
    }
}

struct ShutDown;
