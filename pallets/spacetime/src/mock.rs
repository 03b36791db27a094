//! A chain with this pallet, and ledgers that write down what they are told.
// The macros write public items, and those want public types; numbers of tests are small.
#![allow(
    unreachable_pub,
    missing_debug_implementations,
    clippy::cast_possible_truncation
)]

use codec::{Decode, Encode};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU32, Hooks, IsInVec, Randomness},
    weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use neurostore_poseidon::{shard_root, TreeCache};
use neurostore_primitives::{
    CircuitId, ClassCounts, HeldShard, Holdings, NodeHealth, NodeId, NodeInfo, NodeRegistry,
    OnNodeRegistered, SegmentId, ShardClass, ShardRoot, SlotIndex, WindowIndex, WindowLedger,
    SAMPLES_DEVELOPMENT,
};
use sp_core::H256;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, Perbill};

use crate::{self as pallet_spacetime, *};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Spacetime: pallet_spacetime,
    }
);

/// What the ledgers were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Told {
    Opened(NodeId, WindowIndex),
    Proven(NodeId, WindowIndex, u32),
    Missed(NodeId, WindowIndex),
    Healthy(NodeId),
    Sick(NodeId),
    Deceived(NodeId),
}

/// A shard as the mock holdings keep it: node, class, content, root.
pub type Held = (NodeId, ShardClass, u8, ShardRoot);

parameter_types! {
    pub TestBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(
        Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX),
        Perbill::from_percent(75),
    );
    pub TestBlockLength: BlockLength = BlockLength::builder().max_length(750_000).build();
    pub storage Shards: Vec<Held> = Vec::new();
    pub storage Log: Vec<Told> = Vec::new();
    /// Shards of node 0 where it is a large one, instead of those in [`Shards`].
    pub storage Hoard: u32 = 0;
    pub storage Silent: bool = false;
    pub storage Distrusted: Vec<NodeId> = Vec::new();
    pub storage DevelopmentRuntime: bool = true;
    pub storage MaintainerAccounts: Vec<AccountId32> = Vec::new();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type BlockWeights = TestBlockWeights;
    type BlockLength = TestBlockLength;
}

pub(crate) const WINDOW: u32 = 10;
pub(crate) const ANSWER: u32 = 4;
/// Proofs checked together, proofs that may wait, and the notice of a ceremony's key in blocks.
pub(crate) const MAX_BATCH: u32 = 4;
pub(crate) const MAX_QUEUED: u32 = 6;
pub(crate) const NOTICE: u32 = 3;
/// The node that may hold as many shards as a test likes.
pub(crate) const HOARDER: NodeId = NodeId(0);
pub(crate) const GENESIS: H256 = H256([0xab; 32]);
pub(crate) const CIRCUIT: CircuitId = CircuitId(SAMPLES_DEVELOPMENT);

impl Config for Test {
    type Registry = Registry;
    type Health = Recorder;
    type Holdings = Registry;
    type Ledger = Recorder;
    type FreshRandomness = Fresh;
    type SettledRandomness = Settled;
    type AllowDevelopmentKeys = DevelopmentRuntime;
    type MaxOpeningsPerBlock = ConstU32<2>;
    type MaxProofsPerBatch = ConstU32<MAX_BATCH>;
    type MaxQueuedProofs = ConstU32<MAX_QUEUED>;
    type GovernanceOrigin = frame_system::EnsureRoot<AccountId32>;
    type Maintainers = IsInVec<MaintainerAccounts>;
    type KeyNoticeBlocks = ConstU32<NOTICE>;
    type WeightInfo = ();
}

/// Randomness that differs from block to block; none while [`Silent`] is set.
pub struct Fresh;

impl Randomness<Option<H256>, u32> for Fresh {
    fn random(subject: &[u8]) -> (Option<H256>, u32) {
        let now = System::block_number();
        let hash = H256(sp_io::hashing::blake2_256(&(subject, now).encode()));
        ((!Silent::get()).then_some(hash), now)
    }
}

/// Randomness that changes every thousand blocks.
pub struct Settled;

impl Randomness<H256, u32> for Settled {
    fn random(subject: &[u8]) -> (H256, u32) {
        let epoch = System::block_number() / 1_000;
        (
            H256(sp_io::hashing::blake2_256(&(subject, epoch).encode())),
            0,
        )
    }
}

/// Nodes whose account is their number, and what they hold.
pub struct Registry;

impl NodeRegistry for Registry {
    type AccountId = AccountId32;
    type Balance = u128;

    fn info(_: NodeId) -> Option<NodeInfo<AccountId32, u128>> {
        None
    }

    fn node_of(account: &AccountId32) -> Option<NodeId> {
        Offsets::<Test>::iter_keys().find(|node| account_of(*node) == *account)
    }
}

impl Holdings for Registry {
    fn counts(node: NodeId) -> ClassCounts {
        let mut counts = ClassCounts::default();
        if node == HOARDER && Hoard::get() > 0 {
            counts.set(class(2), Hoard::get());
            return counts;
        }
        for (_, class, ..) in Shards::get().iter().filter(|held| held.0 == node) {
            counts.set(*class, counts.of(*class) + 1);
        }
        counts
    }

    fn shard_at(node: NodeId, class: ShardClass, position: u32) -> Option<HeldShard> {
        if node == HOARDER && Hoard::get() > position {
            let content = (position % 251) as u8;
            return Some(HeldShard {
                segment: SegmentId([content; 32]),
                slot: SlotIndex::default(),
                root: hashed(content).0,
            });
        }
        let held = Shards::get();
        let (_, _, content, root) = held
            .iter()
            .filter(|held| held.0 == node && held.1 == class)
            .nth(position as usize)?;
        Some(HeldShard {
            segment: SegmentId([*content; 32]),
            slot: SlotIndex::default(),
            root: *root,
        })
    }
}

/// Writes down what it is told.
pub struct Recorder;

fn tell(told: Told) {
    let mut log = Log::get();
    log.push(told);
    Log::set(&log);
}

impl WindowLedger for Recorder {
    fn opened(node: NodeId, window: WindowIndex) {
        tell(Told::Opened(node, window));
    }
    fn proven(node: NodeId, window: WindowIndex, stream_blocks: u32) {
        tell(Told::Proven(node, window, stream_blocks));
    }
    fn missed(node: NodeId, window: WindowIndex) {
        tell(Told::Missed(node, window));
    }
}

impl NodeHealth for Recorder {
    fn proven(node: NodeId) {
        tell(Told::Healthy(node));
    }
    fn missed(node: NodeId) {
        tell(Told::Sick(node));
    }
    fn deceived(node: NodeId) {
        tell(Told::Deceived(node));
    }
    fn is_trusted(node: NodeId) -> bool {
        !Distrusted::get().contains(&node)
    }
}

/// What the chain begins with.
pub(crate) struct ExtBuilder {
    nodes: u32,
    genesis: GenesisConfig<Test>,
}

impl Default for ExtBuilder {
    /// Three nodes, and the development circuit with its key.
    fn default() -> Self {
        let genesis = GenesisConfig {
            window_blocks: WINDOW,
            answer_blocks: ANSWER,
            development_keys: true,
            verifying_keys: vec![(CIRCUIT.0, development_key(CIRCUIT), None)],
            active_circuit: Some(CIRCUIT.0),
            ..Default::default()
        };
        Self { nodes: 3, genesis }
    }
}

impl ExtBuilder {
    pub(crate) fn nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes;
        self
    }

    pub(crate) fn genesis(mut self, change: impl FnOnce(&mut GenesisConfig<Test>)) -> Self {
        change(&mut self.genesis);
        self
    }

    pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
        let mut storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .unwrap();
        self.genesis.assimilate_storage(&mut storage).unwrap();
        sp_io::TestExternalities::from(storage).execute_with(|| {
            // As the genesis of a whole runtime does.
            STORAGE_VERSION.put::<Spacetime>();
            frame_system::BlockHash::<Test>::insert(0, GENESIS);
            System::set_block_number(1);
            for node in 0..self.nodes {
                Spacetime::on_node_registered(NodeId(node)).unwrap();
            }
            test();
            Spacetime::do_try_state().unwrap();
        });
    }
}

pub(crate) fn development_key(circuit: CircuitId) -> Vec<u8> {
    neurostore_verifier::development_key(circuit)
        .unwrap()
        .to_vec()
}

pub(crate) fn account_of(node: NodeId) -> AccountId32 {
    AccountId32::new([node.0 as u8 + 1; 32])
}

pub(crate) fn class(c: u8) -> ShardClass {
    ShardClass::new(c).unwrap()
}

/// The bytes of content number `content`: four leaves.
pub(crate) fn content(content: u8) -> Vec<u8> {
    (0..4096u32)
        .map(|i| (i.wrapping_mul(31) + i / 256) as u8 ^ content)
        .collect()
}

pub(crate) fn hashed(number: u8) -> (ShardRoot, TreeCache) {
    shard_root(class(2), &content(number)).unwrap()
}

/// Puts content on a node.
pub(crate) fn give(node: NodeId, number: u8) {
    let mut held = Shards::get();
    held.push((node, class(2), number, hashed(number).0));
    Shards::set(&held);
}

/// Ends the present block: its state is what runtime APIs answer from.
pub(crate) fn end_block() {
    Spacetime::on_finalize(System::block_number());
}

pub(crate) fn begin_block() {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    frame_system::BlockWeight::<Test>::kill();
    frame_system::BlockSize::<Test>::kill();
    Spacetime::on_initialize(now);
    Spacetime::do_try_state().unwrap();
}

pub(crate) fn run_to(block: u32) {
    while System::block_number() < block {
        end_block();
        begin_block();
    }
}

/// Runs up to `block` while something is out of order that the invariants would find.
pub(crate) fn run_to_without_checks(block: u32) {
    while System::block_number() < block {
        Spacetime::on_finalize(System::block_number());
        let now = System::block_number() + 1;
        System::set_block_number(now);
        Spacetime::on_initialize(now);
    }
}

/// Runs up to `block` with every block on the way full of answers.
pub(crate) fn run_full_to(block: u32) {
    while System::block_number() < block {
        fill_block();
        end_block();
        begin_block();
    }
}

/// Answers have taken all that they may take of this block.
pub(crate) fn fill_block() {
    use_block(
        TestBlockWeights::get().max_block,
        DispatchClass::Operational,
    );
}

/// Calls of a class take so much of this block.
pub(crate) fn use_block(weight: Weight, class: DispatchClass) {
    System::register_extra_weight_unchecked(weight, class);
}

/// The first block that has not ended yet at whose end a window of the node opens.
pub(crate) fn opening(node: NodeId) -> u32 {
    let offset = Offsets::<Test>::get(node).unwrap();
    let now = System::block_number();
    (now..).find(|block| block % WINDOW == offset).unwrap()
}

/// Runs into the block after the one in which the node's next window opens, and returns the
/// window.
pub(crate) fn open(node: NodeId) -> WindowIndex {
    let opens_at = opening(node);
    run_to(opens_at + 1);
    WindowIndex(opens_at / WINDOW)
}

pub(crate) fn told() -> Vec<Told> {
    Log::get()
}

pub(crate) fn check_explanation(node: NodeId, window: WindowIndex, words: &str) {
    let text = String::from_utf8(Spacetime::explain(node, window)).unwrap();
    assert!(text.contains(words), "{text}");
}
