//! A chain with this pallet, plain ledgers beside it, and a builder for its first state.
// The macros write public items, and those want public types; numbers of tests are small.
#![allow(
    unreachable_pub,
    missing_debug_implementations,
    clippy::cast_possible_truncation
)]

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::Preservation,
        ConstU32, ConstU8, Hooks, Randomness,
    },
    weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
    BoundedVec,
};
use frame_system::limits::BlockWeights;
use neurostore_primitives::{
    draw_nodes, rate_per_slot, receipt_payload, Candidate, CountryCode, DrawError, EligibleSet,
    NodeClass, NodeId, NodeInfo, NodeRegistry, NodeRoom, NodeState, Receipt, RentLedger,
    ReservationId, SegmentId, ShardClass, ShardRoot, SlotIndex, WindowClock, TOTAL_SHARDS,
};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{
    traits::IdentityLookup, AccountId32, ArithmeticError, BuildStorage, DispatchError,
    DispatchResult,
};

use crate::{self as pallet_placement, *};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Placement: pallet_placement,
    }
);

parameter_types! {
    pub TestBlockWeights: BlockWeights =
        BlockWeights::simple_max(Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX));
    pub storage Nodes: Vec<Row> = Vec::new();
    pub storage Rates: BTreeMap<NodeId, u128> = BTreeMap::new();
    pub storage Price: u128 = 1 << 20;
    pub storage Silent: bool = false;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u128>;
    type BlockWeights = TestBlockWeights;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = u128;
}

pub(crate) const DEPOSIT: u128 = 500;
pub(crate) const WINDOW: u32 = 10;
pub(crate) const GENESIS: [u8; 32] = [0xab; 32];

impl Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Registry = Registry;
    type Rent = Ledger;
    type Clock = Clock;
    type FreshRandomness = Fresh;
    type SegmentDeposit = frame_support::traits::ConstU128<DEPOSIT>;
    type MinWindows = ConstU32<2>;
    type MaxWindows = ConstU32<20>;
    type ReservationBlocks = ConstU32<12>;
    type MaxReservationsPerOwner = ConstU32<5>;
    type MaxRedraws = ConstU8<2>;
    type MaxDrawQueue = ConstU32<8>;
    type MaxDrawsPerBlock = ConstU32<3>;
    type MaxLapsesPerBlock = ConstU32<2>;
    type MaxEndingsPerBlock = ConstU32<4>;
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

/// A node of the mock registry; its id is its position.
#[derive(Clone, Encode, Decode)]
pub struct Row {
    pub(crate) operator: u32,
    pub(crate) class: NodeClass,
    pub(crate) capacity: u64,
    pub(crate) used: u64,
}

struct Snapshot(Vec<Row>);

impl EligibleSet for Snapshot {
    type Operator = u32;

    fn total_free_leaves(&self) -> u64 {
        self.0.iter().map(|row| row.capacity - row.used).sum()
    }

    fn at(&self, point: u64) -> Option<(u64, Candidate<u32>)> {
        let mut start = 0;
        for (id, row) in (0..).zip(&self.0) {
            let free_leaves = row.capacity - row.used;
            if point < start + free_leaves {
                let candidate = Candidate {
                    node: NodeId(id),
                    operator: row.operator,
                    class: row.class,
                    free_leaves,
                };
                return Some((start, candidate));
            }
            start += free_leaves;
        }
        None
    }

    fn operator_of(&self, node: NodeId) -> Option<u32> {
        self.0.get(node.0 as usize).map(|row| row.operator)
    }

    fn class_of(&self, node: NodeId) -> Option<NodeClass> {
        self.0.get(node.0 as usize).map(|row| row.class)
    }
}

pub struct Registry;

impl NodeRegistry for Registry {
    type AccountId = AccountId32;
    type Balance = u128;

    fn info(node: NodeId) -> Option<NodeInfo<AccountId32, u128>> {
        let row = Nodes::get().get(node.0 as usize)?.clone();
        Some(NodeInfo {
            id: node,
            operator: AccountId32::new([0x77; 32]),
            account: node_key(node).public().into(),
            peer_key: [9; 32],
            class: row.class,
            country: CountryCode(*b"DE"),
            capacity_leaves: row.capacity,
            used_leaves: row.used,
            bond: 0,
            state: NodeState::Active,
        })
    }

    fn node_of(account: &AccountId32) -> Option<NodeId> {
        (0..Nodes::get().len() as u32)
            .map(NodeId)
            .find(|node| AccountId32::from(node_key(*node).public()) == *account)
    }
}

impl NodeRoom for Registry {
    fn draw_and_allocate(
        randomness: &[u8; 32],
        class: ShardClass,
        taken: &[NodeId],
        count: usize,
    ) -> Result<Vec<NodeId>, DrawError> {
        let mut nodes = Snapshot(Nodes::get());
        let drawn = draw_nodes(randomness, &nodes, class, taken, count)?;
        for node in &drawn {
            nodes.0[node.0 as usize].used += u64::from(class.leaves());
        }
        Nodes::set(&nodes.0);
        Ok(drawn)
    }

    fn release(node: NodeId, leaves: u64) {
        let mut nodes = Nodes::get();
        nodes[node.0 as usize].used -= leaves;
        Nodes::set(&nodes);
    }
}

/// Rent as plain transfers between accounts with a name.
pub struct Ledger;

pub(crate) const HELD: AccountId32 = AccountId32::new([0xf1; 32]);
pub(crate) const POT: AccountId32 = AccountId32::new([0xf2; 32]);
pub(crate) const EARNED: AccountId32 = AccountId32::new([0xf3; 32]);
pub(crate) const REPAIR: AccountId32 = AccountId32::new([0xf4; 32]);

/// What every named account begins with, so that none of them is ever empty.
pub(crate) const FLOAT: u128 = 1_000_000;

fn pay(from: &AccountId32, to: &AccountId32, amount: u128) -> DispatchResult {
    Balances::transfer(from, to, amount, Preservation::Preserve).map(|_| ())
}

impl RentLedger for Ledger {
    type AccountId = AccountId32;
    type Balance = u128;
    type Error = DispatchError;

    fn rate_per_slot(class: ShardClass) -> Result<u128, DispatchError> {
        rate_per_slot(Price::get(), class).ok_or(ArithmeticError::Overflow.into())
    }
    fn hold(owner: &AccountId32, rent: u128) -> DispatchResult {
        pay(owner, &HELD, rent)
    }
    fn unhold(owner: &AccountId32, rent: u128) -> DispatchResult {
        pay(&HELD, owner, rent)
    }
    fn collect_held(_: &AccountId32, rent: u128) -> DispatchResult {
        pay(&HELD, &POT, rent)
    }
    fn collect(owner: &AccountId32, rent: u128) -> DispatchResult {
        pay(owner, &POT, rent)
    }
    fn slot_begins(node: NodeId, rate: u128) {
        let mut rates = Rates::get();
        *rates.entry(node).or_default() += rate;
        Rates::set(&rates);
    }
    fn slot_ends(node: NodeId, rate: u128) {
        let mut rates = Rates::get();
        *rates.get_mut(&node).unwrap() -= rate;
        Rates::set(&rates);
    }
    fn settle_early(owner: &AccountId32, refund: u128, forfeit: u128) -> DispatchResult {
        pay(&POT, owner, refund)?;
        pay(&POT, &REPAIR, forfeit)
    }
}

/// Windows of ten blocks; a node's offset is the last digit of its number.
pub struct Clock;

impl WindowClock for Clock {
    fn window_blocks() -> u32 {
        WINDOW
    }

    fn openings_between(node: NodeId, from: u32, until: u32) -> u32 {
        let opens = |block: &u32| block % WINDOW == node.0 % WINDOW;
        (from..until).filter(opens).count() as u32
    }
}

/// What the chain begins with.
pub(crate) struct ExtBuilder {
    nodes: Vec<Row>,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self { nodes: Vec::new() }.anchors(20, 64)
    }
}

impl ExtBuilder {
    /// Anchors instead of the default ones, each with its own operator.
    pub(crate) fn anchors(mut self, count: u32, capacity: u64) -> Self {
        self.nodes = (0..count)
            .map(|operator| Row {
                operator,
                class: NodeClass::Anchor,
                capacity,
                used: 0,
            })
            .collect();
        self
    }

    pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
        let named = [HELD, POT, EARNED, REPAIR].map(|account| (account, FLOAT));
        let owners = [alice(), bob()].map(|account| (account, 1_000_000_000));
        let genesis = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: named.into_iter().chain(owners).collect(),
                ..Default::default()
            },
            ..Default::default()
        };
        let storage = genesis.build_storage().unwrap();
        sp_io::TestExternalities::new(storage).execute_with(|| {
            frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
            System::set_block_number(1);
            Nodes::set(&self.nodes);
            test();
            check_everything();
        });
    }
}

/// The pallet's invariants, and that the ledgers hold exactly what is owed.
pub(crate) fn check_everything() {
    Placement::do_try_state().unwrap();
    let reserved: u128 = Reservations::<Test>::iter_values().map(|r| r.rent()).sum();
    assert_eq!(Balances::balance(&HELD) - FLOAT, reserved);
    let mut unspent = 0;
    for (segment, _, agreement) in Agreements::<Test>::iter() {
        for slot in Segments::<Test>::get(segment).unwrap().slots {
            let openings =
                Clock::openings_between(slot.node, System::block_number(), agreement.paid_until);
            unspent += agreement.rate_per_slot * u128::from(openings);
        }
    }
    assert_eq!(Balances::balance(&POT) - FLOAT, unspent);
}

/// Ends this block, windows included, and begins the next.
pub(crate) fn next_block() {
    let now = System::block_number();
    Placement::on_finalize(now);
    for (node, rate) in Rates::get() {
        if now % WINDOW == node.0 % WINDOW {
            pay(&POT, &EARNED, rate).unwrap();
        }
    }
    System::set_block_number(now + 1);
    Placement::on_initialize(now + 1);
}

pub(crate) fn run_to(block: u32) {
    while System::block_number() < block {
        next_block();
    }
}

pub(crate) fn alice() -> AccountId32 {
    AccountId32::new([1; 32])
}

pub(crate) fn bob() -> AccountId32 {
    AccountId32::new([2; 32])
}

pub(crate) fn class(c: u8) -> ShardClass {
    ShardClass::new(c).unwrap()
}

pub(crate) fn slot(index: u8) -> SlotIndex {
    SlotIndex::new(index).unwrap()
}

pub(crate) fn node_key(node: NodeId) -> sr25519::Pair {
    let mut seed = [0x5e; 32];
    seed[..4].copy_from_slice(&node.0.to_le_bytes());
    sr25519::Pair::from_seed(&seed)
}

/// The roots of content number `content`.
pub(crate) fn roots(content: u8) -> [ShardRoot; TOTAL_SHARDS] {
    let mut slot = 0;
    [content; TOTAL_SHARDS].map(|content| {
        slot += 1;
        let mut root = [content; 32];
        root[0] = slot;
        root[31] = 0x10;
        ShardRoot(root)
    })
}

pub(crate) fn segment_of(class: ShardClass, content: u8) -> SegmentId {
    neurostore_primitives::segment_id(class, 100, &roots(content))
}

/// A reservation by `owner` for 100 bytes of ciphertext.
pub(crate) fn reserve(owner: AccountId32, class: ShardClass, windows: u32) -> ReservationId {
    let id = NextReservation::<Test>::get();
    let origin = RuntimeOrigin::signed(owner);
    frame_support::assert_ok!(Placement::reserve(origin, class, 100, windows));
    id
}

/// A reservation whose nodes are drawn.
pub(crate) fn drawn(owner: AccountId32, class: ShardClass, windows: u32) -> ReservationId {
    let id = reserve(owner, class, windows);
    next_block();
    next_block();
    assert!(nodes_of(id).len() == TOTAL_SHARDS, "not drawn");
    id
}

pub(crate) fn nodes_of(id: ReservationId) -> Vec<NodeId> {
    Reservations::<Test>::get(id)
        .and_then(|reservation| reservation.nodes)
        .map(|nodes| nodes.to_vec())
        .unwrap_or_default()
}

/// A receipt as `node` would sign it.
pub(crate) fn receipt(
    node: NodeId,
    id: ReservationId,
    slot: SlotIndex,
    class: ShardClass,
    root: ShardRoot,
) -> Receipt {
    let payload = receipt_payload(&GENESIS, id, slot, class, &root);
    Receipt {
        root,
        signature: node_key(node).sign(&payload).0,
    }
}

pub(crate) type Receipts = BoundedVec<Receipt, ConstU32<MAX_RECEIPTS>>;

/// What the 15 nodes of a reservation sign for content number `content`.
pub(crate) fn receipts(id: ReservationId, content: u8) -> Receipts {
    let class = Reservations::<Test>::get(id).unwrap().class;
    let signed: Vec<_> = SlotIndex::all()
        .zip(nodes_of(id))
        .zip(roots(content))
        .map(|((slot, node), root)| receipt(node, id, slot, class, root))
        .collect();
    signed.try_into().unwrap()
}

pub(crate) fn commit(owner: AccountId32, id: ReservationId, content: u8) -> DispatchResult {
    Placement::commit(RuntimeOrigin::signed(owner), id, receipts(id, content))
}

/// A stored segment of content number `content`.
pub(crate) fn stored(
    owner: AccountId32,
    class: ShardClass,
    windows: u32,
    content: u8,
) -> SegmentId {
    let id = drawn(owner.clone(), class, windows);
    frame_support::assert_ok!(commit(owner, id, content));
    segment_of(class, content)
}

pub(crate) fn used(node: NodeId) -> u64 {
    Nodes::get()[node.0 as usize].used
}

pub(crate) fn total_used() -> u64 {
    Nodes::get().iter().map(|row| row.used).sum()
}
