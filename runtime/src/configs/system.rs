//! System, time, migrations.

use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    migrations::FreezeChainOnFailedMigration,
    parameter_types,
    traits::{ConstU32, ConstU64},
    weights::{
        constants::{ParityDbWeight, WEIGHT_REF_TIME_PER_SECOND},
        Weight,
    },
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

use crate::{
    AccountId, Babe, Balance, Block, BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, MILLISECONDS_PER_BLOCK,
    SS58_PREFIX, VERSION,
};

/// Transactions of users fill at most this part of a block; the rest is for hooks and inherents.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// Bytes of a block: 5 MiB, the size that gossip carries well within six seconds.
const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

parameter_types! {
    pub const BlockHashCount: BlockNumber = 4_096;
    pub const Version: RuntimeVersion = VERSION;
    /// Two seconds of computation in a block of six.
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(
        Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX),
        NORMAL_DISPATCH_RATIO,
    );
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(MAX_BLOCK_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |max| {
            *max = NORMAL_DISPATCH_RATIO * MAX_BLOCK_BYTES
        })
        .build();
    pub const SS58Prefix: u16 = SS58_PREFIX;
    /// Half a block for migrations that take several.
    pub MigrationWeight: Weight = Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type BlockHashCount = BlockHashCount;
    // The database of every node here.
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type SS58Prefix = SS58Prefix;
    type MaxConsumers = ConstU32<16>;
    type MultiBlockMigrator = MultiBlockMigrations;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Babe;
    type MinimumPeriod = ConstU64<{ MILLISECONDS_PER_BLOCK / 2 }>;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_migrations::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Migrations = ();
    type CursorMaxLen = ConstU32<65_536>;
    type IdentifierMaxLen = ConstU32<256>;
    type MigrationStatusHandler = ();
    type FailedMigrationHandler = FreezeChainOnFailedMigration;
    type MaxServiceWeight = MigrationWeight;
    type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}
