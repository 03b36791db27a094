//! A chain in memory, which does what a test tells it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use neurostore_chain::{
    AccountId, Balance, BlockId, CallName, ChainError, Earnings, Node, Registration, Reservation,
    Signer, Slot, SpacetimeError,
};
use neurostore_primitives::{
    ChallengeInfo, CircuitId, ClassCounts, HeldShardInfo, NodeId, NodeState, ReservationId,
    SampleInfo, ShardClass, ShardRoot, SlotIndex, WindowIndex, WindowOutcome,
};
use neurostore_storage::{ChainAccess, Connector};
use tokio::sync::watch;

pub(crate) const GENESIS: [u8; 32] = [7; 32];
pub(crate) const WINDOW_BLOCKS: u32 = 10;

/// What the chain knows.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) genesis: [u8; 32],
    pub(crate) nodes: Vec<Node>,
    pub(crate) balances: HashMap<[u8; 32], Balance>,
    pub(crate) reservations: HashMap<ReservationId, Reservation>,
    pub(crate) held: Vec<HeldShardInfo>,
    pub(crate) challenge: Option<ChallengeInfo>,
    pub(crate) samples: Vec<SampleInfo>,
    pub(crate) outcomes: HashMap<WindowIndex, WindowOutcome>,
    /// Proofs that arrived, with the statement that was open then.
    pub(crate) proofs: Vec<(WindowIndex, [u8; 32], Vec<u8>)>,
    /// So many proofs are lost on the way.
    pub(crate) lose_proofs: u32,
    /// The verifying key is another than the nodes' proving key belongs to.
    pub(crate) has_other_key: bool,
    /// Proofs that were asked about.
    pub(crate) checked: Vec<Vec<u8>>,
    /// Shows an empty list of held shards next time, in which a block comes.
    pub(crate) hide_held_once: bool,
    /// So many questions for the holdings end in a panic.
    pub(crate) panics: u32,
    /// How far the time of its best block is behind the clock.
    pub(crate) behind: Duration,
    /// Nothing is answered.
    pub(crate) silent: bool,
}

/// The chain of a test. Clones share it.
#[derive(Clone)]
pub(crate) struct TestChain {
    world: Arc<Mutex<World>>,
    best: Arc<watch::Sender<BlockId>>,
}

impl TestChain {
    pub(crate) fn new() -> Self {
        Self {
            world: Arc::new(Mutex::new(World {
                genesis: GENESIS,
                ..World::default()
            })),
            best: Arc::new(watch::Sender::new((1, [1; 32]))),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn connector(&self) -> Connector {
        let chain = self.clone();
        Arc::new(move || {
            let chain = chain.clone();
            Box::pin(async move {
                chain.answers()?;
                Ok(Arc::new(chain) as Arc<dyn ChainAccess>)
            })
        })
    }

    /// The next block.
    pub(crate) fn tick(&self) -> u32 {
        let next = self.best.borrow().0 + 1;
        self.best
            .send_replace((next, [u8::try_from(next % 251).unwrap(); 32]));
        next
    }

    /// Makes `account` a node without its doing.
    pub(crate) fn enrol(&self, account: AccountId, peer_key: [u8; 32], leaves: u64) -> NodeId {
        let mut world = self.world();
        let id = NodeId(u32::try_from(world.nodes.len()).unwrap() + 3);
        world.nodes.push(Node {
            id,
            operator: AccountId::from([9; 32]),
            account,
            peer_key,
            class: neurostore_primitives::NodeClass::Light,
            country: neurostore_primitives::CountryCode(*b"DE"),
            capacity_leaves: leaves,
            used_leaves: 0,
            bond: 1,
            state: NodeState::Active,
        });
        id
    }

    /// A reservation of `owner` in which every slot is `node`'s but the last.
    pub(crate) fn reserve(&self, id: u64, owner: &Signer, class: ShardClass, node: NodeId) {
        let slots = SlotIndex::all().map(|slot| Slot {
            slot,
            node: if slot.get() == 14 { NodeId(999) } else { node },
            account: AccountId::from([1; 32]),
            peer_key: [2; 32],
            root: ShardRoot::default(),
            state: NodeState::Active,
        });
        let reservation = Reservation {
            id: ReservationId(id),
            owner: owner.account_id(),
            class,
            ciphertext_len: 10,
            windows: 1,
            rent: 1,
            expires_at: 1_000,
            slots: slots.collect(),
        };
        self.world()
            .reservations
            .insert(ReservationId(id), reservation);
    }

    fn panic_if_told(&self) {
        let panics = {
            let mut world = self.world();
            let panics = world.panics;
            world.panics = panics.saturating_sub(1);
            panics
        };
        assert_eq!(panics, 0, "the test wants a panic");
    }

    fn answers(&self) -> Result<(), ChainError> {
        match self.world().silent {
            false => Ok(()),
            true => Err(ChainError::Unreachable {
                url: "ws://test".into(),
                reason: "silent".into(),
            }),
        }
    }
}

#[async_trait]
impl ChainAccess for TestChain {
    fn genesis(&self) -> [u8; 32] {
        self.world().genesis
    }

    async fn best_block(&self) -> Result<BlockId, ChainError> {
        self.answers()?;
        Ok(*self.best.borrow())
    }

    async fn block_time(&self, _hash: [u8; 32]) -> Result<SystemTime, ChainError> {
        self.answers()?;
        let behind = self.world().behind;
        Ok(SystemTime::now().checked_sub(behind).unwrap())
    }

    fn subscribe_best(&self) -> BoxStream<'static, BlockId> {
        let mut blocks = self.best.subscribe();
        blocks.mark_changed();
        futures::stream::unfold(blocks, |mut blocks| async move {
            blocks.changed().await.ok()?;
            let block = *blocks.borrow_and_update();
            Some((block, blocks))
        })
        .boxed()
    }

    async fn storage_bootnodes(&self) -> Result<Vec<String>, ChainError> {
        Ok(Vec::new())
    }

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        self.answers()?;
        Ok(self
            .world()
            .balances
            .get(&account.0)
            .copied()
            .unwrap_or_default())
    }

    async fn transfer(
        &self,
        from: &Signer,
        to: &AccountId,
        amount: Balance,
    ) -> Result<(), ChainError> {
        self.answers()?;
        let mut world = self.world();
        let purse = world.balances.entry(from.account_id().0).or_default();
        *purse = purse
            .checked_sub(amount)
            .ok_or(ChainError::NotEnoughFunds {
                reason: "test".into(),
            })?;
        *world.balances.entry(to.0).or_default() += amount;
        Ok(())
    }

    async fn node_of(&self, account: &AccountId) -> Result<Option<NodeId>, ChainError> {
        self.answers()?;
        let world = self.world();
        Ok(world
            .nodes
            .iter()
            .find(|node| node.account == *account)
            .map(|node| node.id))
    }

    async fn node(&self, id: NodeId) -> Result<Option<Node>, ChainError> {
        self.answers()?;
        Ok(self
            .world()
            .nodes
            .iter()
            .find(|node| node.id == id)
            .cloned())
    }

    async fn bond_for(&self, capacity_leaves: u64) -> Result<Balance, ChainError> {
        Ok(u128::from(capacity_leaves))
    }

    async fn register(
        &self,
        operator: &Signer,
        registration: Registration,
    ) -> Result<NodeId, ChainError> {
        self.answers()?;
        use neurostore_primitives::{node_account_payload, peer_key_payload};
        let operator = operator.account_id();
        let account = registration.node_account;
        let peer = peer_key_payload(&GENESIS, &operator.0, &account.0);
        let own = node_account_payload(&GENESIS, &operator.0, &registration.peer_key);
        assert!(neurostore_swarm::verify_peer_signature(
            &registration.peer_key,
            &peer,
            &registration.peer_proof
        ));
        assert!(neurostore_chain::verify_sr25519(
            &account.0,
            &own,
            &registration.account_proof
        ));
        let id = self.enrol(account, registration.peer_key, registration.capacity_leaves);
        self.world().nodes.last_mut().unwrap().operator = operator;
        Ok(id)
    }

    async fn set_capacity(
        &self,
        _operator: &Signer,
        node: NodeId,
        capacity_leaves: u64,
    ) -> Result<(), ChainError> {
        let mut world = self.world();
        let found = world
            .nodes
            .iter_mut()
            .find(|known| known.id == node)
            .unwrap();
        found.capacity_leaves = capacity_leaves;
        Ok(())
    }

    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, ChainError> {
        self.answers()?;
        Ok(self.world().reservations.get(&id).cloned())
    }

    async fn held_shards(
        &self,
        _node: NodeId,
        class: ShardClass,
        from: u32,
        limit: u32,
    ) -> Result<Vec<HeldShardInfo>, ChainError> {
        self.answers()?;
        let world = self.world();
        let of_class = world.held.iter().filter(|shard| shard.class == class);
        Ok(of_class
            .skip(from as usize)
            .take(limit as usize)
            .copied()
            .collect())
    }

    async fn holdings(&self, _node: NodeId) -> Result<ClassCounts, ChainError> {
        self.answers()?;
        self.panic_if_told();
        let is_hidden = std::mem::take(&mut self.world().hide_held_once);
        if is_hidden {
            self.tick();
            return Ok(ClassCounts::default());
        }
        let world = self.world();
        let mut counts = ClassCounts::default();
        for shard in &world.held {
            counts.set(shard.class, counts.of(shard.class) + 1);
        }
        Ok(counts)
    }

    async fn next_challenge(&self, _node: NodeId) -> Result<Option<ChallengeInfo>, ChainError> {
        self.answers()?;
        Ok(self.world().challenge)
    }

    async fn samples(
        &self,
        _node: NodeId,
        window: WindowIndex,
        _opened_at: u32,
    ) -> Result<Option<Vec<SampleInfo>>, ChainError> {
        self.answers()?;
        let world = self.world();
        let is_open = world
            .challenge
            .is_some_and(|challenge| challenge.window == window);
        Ok(is_open.then(|| world.samples.clone()))
    }

    async fn check_proof(
        &self,
        _circuit: CircuitId,
        _statement: [u8; 32],
        proof: &[u8],
    ) -> Result<Result<(), String>, ChainError> {
        self.answers()?;
        let mut world = self.world();
        world.checked.push(proof.to_vec());
        Ok(if world.has_other_key {
            Err("the proof is not valid".into())
        } else {
            Ok(())
        })
    }

    async fn submit_proof(
        &self,
        _node_account: &Signer,
        window: WindowIndex,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<(), ChainError> {
        self.answers()?;
        let best = self.best.borrow().0;
        let mut world = self.world();
        if world.lose_proofs > 0 {
            world.lose_proofs -= 1;
            return Err(ChainError::Dropped {
                call: CallName::SubmitProof,
                reason: "test".into(),
            });
        }
        if statement != world.challenge.unwrap().statement {
            return Err(ChainError::Refused {
                error: SpacetimeError::OtherChallenge.into(),
                docs: "test".into(),
            });
        }
        world.proofs.push((window, statement, proof.to_vec()));
        world
            .outcomes
            .insert(window, WindowOutcome::Proven { at: best });
        let next = world.challenge.as_mut().unwrap();
        next.open = false;
        next.window = WindowIndex(window.0 + 1);
        next.opens_at += WINDOW_BLOCKS;
        next.deadline += WINDOW_BLOCKS;
        Ok(())
    }

    async fn outcome(
        &self,
        _node: NodeId,
        window: WindowIndex,
    ) -> Result<Option<WindowOutcome>, ChainError> {
        self.answers()?;
        Ok(self.world().outcomes.get(&window).copied())
    }

    async fn window_blocks(&self) -> Result<(u32, u32), ChainError> {
        self.answers()?;
        Ok((WINDOW_BLOCKS, WINDOW_BLOCKS / 2))
    }

    async fn earnings(&self, _node: NodeId) -> Result<Earnings, ChainError> {
        self.answers()?;
        Ok(Earnings {
            withdrawable: u128::from(u64::MAX) * 2,
            ..Earnings::default()
        })
    }
}
