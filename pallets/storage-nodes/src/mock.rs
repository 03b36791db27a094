//! A runtime with this pallet, and nodes to register in it.

use frame_support::{construct_runtime, derive_impl, parameter_types, traits::ConstU128};
use neurostore_primitives::{
    node_account_payload, peer_key_payload, CountryCode, NodeClass, NodeId, OnNodeRegistered,
};
use sp_core::{ed25519, sr25519, Pair as _};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchResult};

use crate as pallet_storage_nodes;
use crate::Balance;

/// Capacity bounds of the mock, in leaves.
pub(crate) const MIN_CAPACITY: u64 = 1 << 10;
pub(crate) const MAX_CAPACITY: u64 = 1 << 30;
/// Bond parameters of the mock.
pub(crate) const MIN_BOND: Balance = 1_000;
pub(crate) const BOND_PER_GIB: Balance = 100;
/// What an invalid proof costs in the mock.
pub(crate) const INVALID_PROOF_SLASH: Balance = 400;
/// What frame-system names block 0 in tests.
pub(crate) const GENESIS: [u8; 32] = [69; 32];

construct_runtime!(
    pub struct Test {
        System: frame_system,
        Balances: pallet_balances,
        StorageNodes: pallet_storage_nodes,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<10>;
}

parameter_types! {
    pub const MinBond: Balance = MIN_BOND;
    pub const BondPerGib: Balance = BOND_PER_GIB;
    pub const MinCapacityLeaves: u64 = MIN_CAPACITY;
    pub const MaxCapacityLeaves: u64 = MAX_CAPACITY;
    pub static MaxNodes: u32 = 1_000;
    pub static WindowsAreFull: bool = false;
    pub static Told: Vec<NodeId> = Vec::new();
}

/// Stands for the windows: writes down whom it was told of.
#[derive(Debug)]
pub struct Windows;

impl OnNodeRegistered for Windows {
    fn on_node_registered(node: NodeId) -> Result<(), &'static str> {
        if WindowsAreFull::get() {
            return Err("windows are full");
        }
        Told::mutate(|told| told.push(node));
        Ok(())
    }
}

impl pallet_storage_nodes::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type OnSlash = ();
    type OnNodeRegistered = Windows;
    type MinBond = MinBond;
    type BondPerGib = BondPerGib;
    type InvalidProofSlash = ConstU128<INVALID_PROOF_SLASH>;
    type MinCapacityLeaves = MinCapacityLeaves;
    type MaxCapacityLeaves = MaxCapacityLeaves;
    type MaxNodes = MaxNodes;
    type WeightInfo = ();
}

/// What every operator has at genesis.
pub(crate) const FORTUNE: Balance = 1_000_000_000;
/// Operators with a fortune.
pub(crate) const OPERATORS: u8 = 100;

/// The `n`-th operator.
pub(crate) fn operator(n: u8) -> AccountId32 {
    AccountId32::new([n; 32])
}

/// Runs `test` on a fresh chain, and the invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
    let genesis = RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: (0..OPERATORS).map(|n| (operator(n), FORTUNE)).collect(),
            ..Default::default()
        },
        ..Default::default()
    };
    let storage = genesis.build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        // Events of block 0 are not kept.
        System::set_block_number(1);
        test();
        StorageNodes::do_try_state().unwrap();
    });
}

/// A registration with all that goes into it, to be changed by a test.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) operator: AccountId32,
    pub(crate) account: sr25519::Pair,
    pub(crate) peer: ed25519::Pair,
    pub(crate) class: NodeClass,
    pub(crate) country: CountryCode,
    pub(crate) capacity_leaves: u64,
}

/// A valid registration of the `n`-th operator's node.
pub(crate) fn draft(n: u8) -> Draft {
    Draft {
        operator: operator(n),
        account: sr25519::Pair::from_seed(&[n; 32]),
        peer: ed25519::Pair::from_seed(&[n; 32]),
        class: NodeClass::Anchor,
        country: CountryCode(*b"DE"),
        capacity_leaves: MIN_CAPACITY,
    }
}

impl Draft {
    pub(crate) fn account_id(&self) -> AccountId32 {
        AccountId32::new(self.account.public().0)
    }

    /// The peer key's signature for this operator and account on the chain of `genesis`.
    pub(crate) fn peer_proof(&self, genesis: &[u8; 32]) -> [u8; 64] {
        let payload = peer_key_payload(genesis, self.operator.as_ref(), self.account_id().as_ref());
        self.peer.sign(&payload).0
    }

    /// The account's signature for this operator and peer key on the chain of `genesis`.
    pub(crate) fn account_proof(&self, genesis: &[u8; 32]) -> [u8; 64] {
        let payload = node_account_payload(genesis, self.operator.as_ref(), &self.peer.public().0);
        self.account.sign(&payload).0
    }

    /// Registers with good proofs.
    pub(crate) fn submit(&self) -> DispatchResult {
        self.submit_with(self.peer_proof(&GENESIS), self.account_proof(&GENESIS))
    }

    /// Registers with these proofs.
    pub(crate) fn submit_with(
        &self,
        peer_proof: [u8; 64],
        account_proof: [u8; 64],
    ) -> DispatchResult {
        StorageNodes::register(
            RuntimeOrigin::signed(self.operator.clone()),
            self.account_id(),
            self.peer.public().0,
            self.class,
            self.country,
            self.capacity_leaves,
            peer_proof,
            account_proof,
        )
    }
}

/// Registers one node for each of the operators `0..count`, each with `capacity_leaves`.
pub(crate) fn register_all(count: u8, capacity_leaves: u64) {
    for n in 0..count {
        Draft {
            capacity_leaves,
            ..draft(n)
        }
        .submit()
        .unwrap();
    }
}

/// The events of this pallet since the last call.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
    let events = System::read_events_for_pallet();
    System::reset_events();
    events
}
