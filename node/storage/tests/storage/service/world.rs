//! A running service, its chain, and a client that uploads to it.

use std::{future::Future, path::PathBuf, time::Duration};

use neurostore_chain::Signer;
use neurostore_primitives::{upload_payload, NodeId, ReservationId, ShardClass, SlotIndex};
use neurostore_storage::{
    Capacity, NodeKeys, Stage, StorageHandle, StorageOptions, StorageService,
};
use neurostore_swarm::{
    Identity, Limits, PutRequest, ShardError, StoredShard, Swarm, SwarmOptions,
};
use tempfile::TempDir;

use super::chain::{TestChain, GENESIS};

/// The longest wait for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const OFFERED: Capacity = Capacity(16 << 20);

pub(crate) struct Setting {
    pub(crate) chain: TestChain,
    pub(crate) node: StorageHandle,
    pub(crate) id: NodeId,
    pub(crate) owner: Signer,
    client: Swarm,
    pub(crate) folder: TempDir,
}

/// Options of a node that listens on the loopback address only.
pub(crate) fn options(path: PathBuf) -> StorageOptions {
    let mut options = StorageOptions::new(path, OFFERED, "ws://test".into());
    options.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
    options.status_listen = Some("127.0.0.1:0".parse().unwrap());
    options.free_reserve = Some(Capacity(0));
    // Blocks come as fast as a test wants them.
    options.shortest_block = Duration::ZERO;
    // Derived once for all tests and runs.
    options.proving_key_dir = Some(std::env::temp_dir().join("neurostore-test-proving-keys"));
    options
}

/// A registered node.
pub(crate) async fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    let keys = NodeKeys::load_or_generate(folder.path()).unwrap();
    let account = keys.account.account_id();
    let id = chain.enrol(account, keys.identity.peer_key(), OFFERED.leaves());
    chain.world().balances.insert(account.0, 1 << 60);
    start(folder, chain, id).await
}

pub(crate) async fn start(folder: TempDir, chain: TestChain, id: NodeId) -> Setting {
    let options = options(folder.path().to_path_buf());
    let node = StorageService::start_on(options, chain.connector())
        .await
        .unwrap();
    until("the node serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
    let client = SwarmOptions {
        identity: Identity::generate(),
        listen: Vec::new(),
        bootnodes: Vec::new(),
        limits: Limits::default(),
    };
    let client = Swarm::start(client, None).await.unwrap();
    for address in node.addresses() {
        client.add_address(node.peer_id(), address).await.unwrap();
    }
    Setting {
        chain,
        node,
        id,
        owner: Signer::generate().unwrap(),
        client,
        folder,
    }
}

impl Setting {
    /// An upload request that is as it should be.
    pub(crate) fn request(&self, reservation: u64, slot: u8, class: ShardClass) -> PutRequest {
        let reservation = ReservationId(reservation);
        let slot = SlotIndex::new(slot).unwrap();
        let payload = upload_payload(&GENESIS, reservation, slot);
        PutRequest {
            reservation,
            slot,
            class,
            len: class.shard_bytes(),
            owner: self.owner.account_id().0,
            signature: self.owner.sign(&payload),
        }
    }

    pub(crate) async fn put(
        &self,
        request: PutRequest,
        bytes: &[u8],
    ) -> Result<StoredShard, ShardError> {
        self.client
            .put_shard(self.node.peer_id(), request, bytes, |_| {})
            .await
    }

    /// Reserves and uploads in one go.
    pub(crate) async fn store(
        &self,
        reservation: u64,
        class: ShardClass,
        bytes: &[u8],
    ) -> StoredShard {
        self.chain.reserve(reservation, &self.owner, class, self.id);
        self.put(self.request(reservation, 0, class), bytes)
            .await
            .unwrap()
    }

    pub(crate) fn client(&self) -> &Swarm {
        &self.client
    }

    /// Blocks go by until `so` holds.
    pub(crate) async fn blocks_until<F: Future<Output = bool>>(
        &self,
        what: &str,
        so: impl Fn() -> F,
    ) {
        let chain = self.chain.clone();
        let blocks = tokio::spawn(async move {
            loop {
                chain.tick();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        until(what, so).await;
        blocks.abort();
    }
}

/// Waits until `so` holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let waiting = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(in_time.is_ok(), "waited in vain until {what}");
}
