//! A runtime with this pallet, where placement and spacetime are played by the tests.

use frame_support::{
    construct_runtime, derive_impl, parameter_types, traits::fungible::Inspect, traits::ConstU128,
    PalletId,
};
use frame_system::EnsureRoot;
use neurostore_primitives::{
    CountryCode, NodeClass, NodeId, NodeInfo, NodeRegistry, NodeState, RentLedger, WindowIndex,
    WindowLedger,
};
use sp_runtime::BuildStorage;

use crate as pallet_payments;
use crate::Balance;

pub(crate) const OWNER: u64 = 1;
pub(crate) const STRANGER: u64 = 2;
pub(crate) const FORTUNE: Balance = 1_000_000;
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10;
/// A leaf costs one planck a window.
pub(crate) const PRICE: Balance = 1 << 20;
/// The node that most tests are about.
pub(crate) const NODE: NodeId = NodeId(0);

construct_runtime!(
    pub struct Test {
        System: frame_system,
        Balances: pallet_balances,
        Payments: pallet_payments,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
}

parameter_types! {
    pub const PaymentsPalletId: PalletId = PalletId(*b"nrs/rent");
}

impl pallet_payments::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Registry = TenNodes;
    type PriceOrigin = EnsureRoot<u64>;
    type PalletId = PaymentsPalletId;
    type WeightInfo = ();
}

/// The operator of a node of [`TenNodes`].
pub(crate) fn operator(node: NodeId) -> u64 {
    100 + u64::from(node.0)
}

/// Nodes 0 to 9, each with an operator of its own.
#[derive(Debug)]
pub struct TenNodes;

impl NodeRegistry for TenNodes {
    type AccountId = u64;
    type Balance = Balance;

    fn info(id: NodeId) -> Option<NodeInfo<u64, Balance>> {
        (id.0 < 10).then(|| NodeInfo {
            id,
            operator: operator(id),
            account: 200 + u64::from(id.0),
            peer_key: [0; 32],
            class: NodeClass::Anchor,
            country: CountryCode(*b"DE"),
            capacity_leaves: 0,
            used_leaves: 0,
            bond: 0,
            state: NodeState::Active,
        })
    }

    fn node_of(_: &u64) -> Option<NodeId> {
        None
    }
}

/// Runs `test` on a fresh chain, and the invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
    let genesis = RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: vec![(OWNER, FORTUNE), (STRANGER, FORTUNE)],
            ..Default::default()
        },
        payments: PaymentsConfig {
            price_per_gib_window: PRICE,
            ..Default::default()
        },
        ..Default::default()
    };
    let storage = genesis.build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        test();
        Payments::do_try_state().unwrap();
        assert_eq!(pot(), Payments::obligations(), "the pot is exactly covered");
    });
}

/// What lies in the pot.
pub(crate) fn pot() -> Balance {
    Balances::balance(&Payments::pot_account())
}

/// Pays `rent` in and lets `node` earn `rate` in each window.
pub(crate) fn rented(node: NodeId, rate: Balance, rent: Balance) {
    Payments::collect(&OWNER, rent).unwrap();
    Payments::slot_begins(node, rate);
}

/// Opens and proves window `window` of `node` now, streaming over `blocks`.
pub(crate) fn prove(node: NodeId, window: u32, blocks: u32) {
    Payments::opened(node, WindowIndex(window));
    Payments::proven(node, WindowIndex(window), blocks);
}

/// The events of this pallet since the last call.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
    let events = System::read_events_for_pallet();
    System::reset_events();
    events
}
