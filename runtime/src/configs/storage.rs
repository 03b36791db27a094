//! What the chain exists for: nodes, placement, proofs, payments.

use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU32, ConstU64, ConstU8},
    PalletId,
};
use frame_system::EnsureRoot;

use super::accounts::{deposit, SudoKey};
use crate::{
    AccountId, Balance, Balances, Payments, Placement, Runtime, RuntimeHoldReason, Spacetime,
    StorageNodes, HOURS, MILLI_NEURO, NEURO,
};

/// Leaves of a GiB.
#[allow(clippy::cast_possible_truncation, reason = "2^20")]
const GIB: u64 = neurostore_primitives::LEAVES_PER_GIB as u64;

parameter_types! {
    pub const MinBond: Balance = 10 * NEURO;
    pub const BondPerGib: Balance = 100 * MILLI_NEURO;
    /// What a full block of proofs costs in weight when they are checked one by one, which is what
    /// a single invalid one among them brings about: 1,024 times 5 milliseconds.
    pub const InvalidProofSlash: Balance = 5 * NEURO;
    pub const PotId: PalletId = PalletId(*b"neuropot");
    /// One segment record and fifteen index entries.
    pub const SegmentDeposit: Balance = deposit(16, 1_700);
}

impl pallet_storage_nodes::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    // Burned: an author who is paid what a node loses could be its operator, and lose nothing.
    type OnSlash = ();
    type OnNodeRegistered = Spacetime;
    type MinBond = MinBond;
    type BondPerGib = BondPerGib;
    type InvalidProofSlash = InvalidProofSlash;
    type MinCapacityLeaves = ConstU64<GIB>;
    // 256 TiB: more than one machine has, and a small part of a network worth the name.
    type MaxCapacityLeaves = ConstU64<{ 256 * 1024 * GIB }>;
    type MaxNodes = ConstU32<1_000_000>;
    type WeightInfo = ();
}

impl pallet_payments::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Registry = StorageNodes;
    type PriceOrigin = EnsureRoot<AccountId>;
    type PalletId = PotId;
    type WeightInfo = ();
}

impl pallet_placement::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Registry = StorageNodes;
    type Rent = Payments;
    type Clock = Spacetime;
    type FreshRandomness = pallet_babe::ParentBlockRandomness<Self>;
    type SegmentDeposit = SegmentDeposit;
    type MinWindows = ConstU32<1>;
    // Two years of hourly windows.
    type MaxWindows = ConstU32<{ 2 * 365 * 24 }>;
    // The largest segment, 960 MiB with parity, in that time over 2.2 Mbit/s.
    type ReservationBlocks = ConstU32<HOURS>;
    type MaxReservationsPerOwner = ConstU32<64>;
    type MaxRedraws = ConstU8<30>;
    type MaxDrawQueue = ConstU32<256>;
    type MaxDrawsPerBlock = ConstU32<16>;
    type MaxLapsesPerBlock = ConstU32<32>;
    type MaxEndingsPerBlock = ConstU32<32>;
    type WeightInfo = ();
}

impl pallet_spacetime::Config for Runtime {
    type Registry = StorageNodes;
    type Health = StorageNodes;
    type Holdings = Placement;
    type Ledger = Payments;
    type FreshRandomness = pallet_babe::ParentBlockRandomness<Self>;
    type SettledRandomness = pallet_babe::RandomnessFromOneEpochAgo<Self>;
    // One runtime serves all networks; genesis decides, and the live preset refuses.
    type AllowDevelopmentKeys = ConstBool<true>;
    // 600 blocks of an hourly window times this: 19,200 places. Not all of them are taken: a node tries
    // 64 in a row, from one that its id decides, and registrations begin to fail at about 18,700.
    type MaxOpeningsPerBlock = ConstU32<32>;
    // What a block has room for.
    type MaxProofsPerBatch = ConstU32<1_024>;
    // Two such blocks; checked within six minutes.
    type MaxQueuedProofs = ConstU32<2_048>;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type Maintainers = SudoKey;
    // Half a day.
    type KeyNoticeBlocks = ConstU32<{ 12 * HOURS }>;
    type WeightInfo = ();
}
