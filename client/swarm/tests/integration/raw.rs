//! A peer that speaks libp2p well and the shard protocol as badly as a test wants.

use codec::Encode;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{
    identity::Keypair, noise, swarm::SwarmEvent, tcp, yamux, Multiaddr, PeerId, Stream,
    StreamProtocol, SwarmBuilder,
};
use neurostore_swarm::{
    message::{Answer, Request, SHARD_PROTOCOL},
    Swarm,
};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::service::PATIENCE;

pub(crate) struct Raw {
    node: PeerId,
    control: libp2p_stream::Control,
    connected: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Raw {
    /// Connects to `node` and stays connected as long as the node lets it.
    pub(crate) async fn connect(node: &Swarm) -> Self {
        Self::connect_as(Keypair::generate_ed25519(), node).await
    }

    pub(crate) async fn connect_as(key: Keypair, node: &Swarm) -> Self {
        let mut swarm = SwarmBuilder::with_existing_identity(key)
            .with_tokio()
            .with_tcp(
                tcp::Config::default().nodelay(true),
                noise::Config::new,
                yamux::Config::default,
            )
            .unwrap()
            .with_behaviour(|_| libp2p_stream::Behaviour::new())
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
            .build();
        let control = swarm.behaviour().new_control();
        let address: Multiaddr = node.listen_addresses().remove(0);
        swarm.dial(address).unwrap();
        let (report, mut connected) = watch::channel(false);
        let task = tokio::spawn(async move {
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => report.send_replace(true),
                    SwarmEvent::ConnectionClosed { .. } => report.send_replace(false),
                    _ => continue,
                };
            }
        });
        timeout(PATIENCE, connected.wait_for(|connected| *connected))
            .await
            .unwrap()
            .unwrap();
        Self {
            node: node.peer_id(),
            control,
            connected,
            task,
        }
    }

    pub(crate) async fn open(&self) -> Option<Stream> {
        self.control
            .clone()
            .open_stream(self.node, StreamProtocol::new(SHARD_PROTOCOL))
            .await
            .ok()
    }

    pub(crate) async fn request(&self, request: &Request) -> Stream {
        let mut stream = self.open().await.unwrap();
        send(&mut stream, request).await;
        stream
    }

    pub(crate) async fn is_disconnected(&self) {
        let mut connected = self.connected.clone();
        timeout(PATIENCE, connected.wait_for(|connected| !*connected))
            .await
            .unwrap()
            .unwrap();
    }

    pub(crate) fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }
}

pub(crate) async fn send(stream: &mut Stream, message: &impl Encode) {
    let message = message.encode();
    let len = u32::try_from(message.len()).unwrap();
    stream.write_all(&len.to_le_bytes()).await.unwrap();
    stream.write_all(&message).await.unwrap();
    stream.flush().await.unwrap();
}

/// The next answer, or `None` where the node hung up.
pub(crate) async fn answer(stream: &mut Stream) -> Option<Answer> {
    let reading = async {
        let mut prefix = [0; 4];
        stream.read_exact(&mut prefix).await.ok()?;
        let mut frame = vec![0; u32::from_le_bytes(prefix) as usize];
        stream.read_exact(&mut frame).await.ok()?;
        Some(Answer::from_frame(&frame).unwrap())
    };
    timeout(PATIENCE, reading).await.unwrap()
}
