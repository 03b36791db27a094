//! The task that owns the libp2p swarm.

mod book;
mod events;
mod kept;
mod listen;
mod routing;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use futures::StreamExt;
use libp2p::{
    kad::QueryId,
    multiaddr::Protocol,
    swarm::{
        dial_opts::{DialOpts, PeerCondition},
        DialError,
    },
    Multiaddr, PeerId,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{interval, MissedTickBehavior},
};

use crate::{
    admission::Admission,
    behaviour::Behaviour,
    error::{FindError, StartError},
    limits::{Limits, MAX_LOOKUPS, MAX_WAITING_OPENS, SHORTEST_TICK},
    substreams::{OpenError, Reply},
};
use book::{Book, Origin};
use kept::Kept;

/// What the handle asks of the task.
#[derive(Debug)]
pub(crate) enum Command {
    /// Open a substream, dialling where necessary.
    Open(PeerId, Reply),
    /// Remember an address.
    AddAddress(PeerId, Multiaddr),
    /// Stay connected.
    Keep(PeerId),
    /// Look addresses up.
    Find(PeerId, oneshot::Sender<Result<Vec<Multiaddr>, FindError>>),
    /// Close everything.
    ShutDown(oneshot::Sender<()>),
}

/// What the handle reads without asking.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) listening: BTreeSet<Multiaddr>,
    pub(crate) connected: HashSet<PeerId>,
}

/// The view as both sides hold it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedView(Arc<RwLock<View>>);

impl SharedView {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, View> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

type Lookup = (
    PeerId,
    Vec<oneshot::Sender<Result<Vec<Multiaddr>, FindError>>>,
);

/// The task's state.
pub(crate) struct Actor {
    swarm: libp2p::Swarm<Behaviour>,
    limits: Limits,
    commands: mpsc::Receiver<Command>,
    view: SharedView,
    admission: Arc<Admission>,
    book: Book,
    kept: Kept,
    /// Substreams that wait for a dial.
    waiting: HashMap<PeerId, Vec<Reply>>,
    lookups: HashMap<QueryId, Lookup>,
    /// Peers that are connected through the loopback interface: only they may tell us of
    /// loopback addresses, because everybody else's lead to ourselves.
    local: HashSet<PeerId>,
}

impl Actor {
    /// Takes the swarm over and listens; returns when every address is bound.
    pub(crate) async fn start(
        swarm: libp2p::Swarm<Behaviour>,
        limits: Limits,
        commands: mpsc::Receiver<Command>,
        view: SharedView,
        admission: Arc<Admission>,
        listen: Vec<Multiaddr>,
        bootnodes: Vec<(PeerId, Multiaddr)>,
    ) -> Result<Self, StartError> {
        let mut actor = Self {
            kept: Kept::new(&limits),
            swarm,
            limits,
            commands,
            view,
            admission,
            book: Book::default(),
            waiting: HashMap::new(),
            lookups: HashMap::new(),
            local: HashSet::new(),
        };
        actor.listen(listen).await?;
        for (peer, address) in bootnodes {
            if peer == *actor.swarm.local_peer_id() {
                continue;
            }
            actor
                .swarm
                .behaviour_mut()
                .kad
                .add_address(&peer, address.clone());
            actor.book.note(peer, address, Origin::Worked);
            actor.keep(peer, true);
        }
        Ok(actor)
    }

    /// Runs until the handles are gone or one of them shuts the swarm down.
    pub(crate) async fn run(mut self) {
        let mut redial = interval(self.limits.redial_first.max(SHORTEST_TICK));
        redial.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let admission = self.admission.clone();
        let confirm = loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_event(event),
                command = self.commands.recv() => match command {
                    Some(Command::ShutDown(confirm)) => break Some(confirm),
                    Some(command) => self.on_command(command),
                    None => break None,
                },
                () = admission.expelled.notified() => self.expel(),
                _ = redial.tick() => self.redial(),
            }
        };
        let Self { swarm, view, .. } = self;
        drop(swarm);
        *view.write() = View::default();
        if let Some(confirm) = confirm {
            let _ = confirm.send(());
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Open(peer, reply) => self.open(peer, reply),
            Command::AddAddress(peer, address) => self.learn(peer, address, Origin::Named),
            Command::Keep(peer) => self.keep(peer, false),
            Command::Find(peer, reply) => self.find(peer, reply),
            // Taken by the loop.
            Command::ShutDown(_) => {}
        }
    }

    fn learn(&mut self, peer: PeerId, address: Multiaddr, origin: Origin) {
        if peer != *self.swarm.local_peer_id() {
            self.book.note(peer, address, origin);
        }
    }

    fn keep(&mut self, peer: PeerId, is_bootnode: bool) {
        if peer == *self.swarm.local_peer_id() {
            return;
        }
        if self.kept.keep(peer, is_bootnode) {
            self.book.keep(peer);
            self.swarm.behaviour_mut().limits.bypass_peer_id(&peer);
        } else {
            tracing::warn!(%peer, "too many peers to keep connected; this one is not kept");
        }
    }

    fn open(&mut self, peer: PeerId, reply: Reply) {
        let Err(reply) = self.swarm.behaviour_mut().substreams.open(peer, reply) else {
            return;
        };
        let waiting: usize = self.waiting.values().map(Vec::len).sum();
        if waiting >= MAX_WAITING_OPENS {
            let _ = reply.send(Err(OpenError::Overloaded));
            return;
        }
        match self.dial(peer) {
            Ok(()) | Err(DialError::DialPeerConditionFalse(_)) => {
                let queue = self.waiting.entry(peer).or_default();
                queue.retain(|other| !other.is_closed());
                queue.push(reply);
            }
            Err(DialError::NoAddresses) => {
                let _ = reply.send(Err(OpenError::NoAddress));
            }
            Err(error) => {
                let _ = reply.send(Err(OpenError::Unreachable(describe(&error))));
            }
        }
    }

    fn dial(&mut self, peer: PeerId) -> Result<(), DialError> {
        self.swarm.dial(
            DialOpts::peer_id(peer)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(self.book.addresses(&peer))
                .extend_addresses_through_behaviour()
                // From the listening port, two nodes that dial each other at once open one TCP
                // connection from both ends, and its handshake fails.
                .allocate_new_port()
                .build(),
        )
    }

    fn find(&mut self, peer: PeerId, reply: oneshot::Sender<Result<Vec<Multiaddr>, FindError>>) {
        let known = self.book.addresses(&peer);
        if self.swarm.is_connected(&peer) && !known.is_empty() {
            let _ = reply.send(Ok(known));
            return;
        }
        if let Some((_, replies)) = self
            .lookups
            .values_mut()
            .find(|(sought, _)| *sought == peer)
        {
            replies.retain(|other| !other.is_closed());
            if replies.len() < MAX_WAITING_OPENS {
                replies.push(reply);
            } else {
                let _ = reply.send(Err(FindError::Overloaded));
            }
            return;
        }
        if self.lookups.len() >= MAX_LOOKUPS {
            let _ = reply.send(Err(FindError::Overloaded));
            return;
        }
        let query = self.swarm.behaviour_mut().kad.get_closest_peers(peer);
        self.lookups.insert(query, (peer, vec![reply]));
    }

    fn expel(&mut self) {
        for peer in self.admission.take_expelled() {
            tracing::info!(%peer, "disconnected: it broke the protocol or flooded us");
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    fn redial(&mut self) {
        for peer in self.kept.due() {
            if self.swarm.is_connected(&peer) {
                continue;
            }
            match self.dial(peer) {
                Ok(()) | Err(DialError::DialPeerConditionFalse(_)) => {}
                Err(error) => {
                    tracing::debug!(%peer, error = %describe(&error), "cannot dial a kept peer");
                    let us = *self.swarm.local_peer_id();
                    self.kept.failed(&peer, &us);
                }
            }
        }
    }

    /// Our own addresses as others can use them.
    fn full(&self, address: &Multiaddr) -> Multiaddr {
        address
            .clone()
            .with(Protocol::P2p(*self.swarm.local_peer_id()))
    }
}

/// A dial error in one line.
fn describe(error: &DialError) -> String {
    match error {
        DialError::Transport(failures) => failures
            .iter()
            .map(|(address, error)| format!("{address}: {}", innermost(error)))
            .collect::<Vec<_>>()
            .join("; "),
        DialError::WrongPeerId { obtained, address } => {
            format!("at {address} answers another peer, {obtained}")
        }
        DialError::Denied { cause } => innermost(cause),
        other => other.to_string(),
    }
}

/// The message at the bottom of an error's chain, which is the one that says what happened.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
