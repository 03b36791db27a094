//! Balances, fees, and accounts that stand for several people or for root.

use frame_support::{
    parameter_types,
    traits::{
        fungible::{Balanced, Credit},
        ConstU128, ConstU32, ConstU8, Contains, Imbalance, OnUnbalanced, VariantCountOf,
    },
    weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Permill, Perquintill};

use crate::{
    AccountId, Authorship, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeFreezeReason, RuntimeHoldReason, System, EXISTENTIAL_DEPOSIT, MICRO_NEURO, MILLI_NEURO,
};

/// Deposit that pays for `items` entries and `bytes` bytes of state while they stand.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * 20 * MILLI_NEURO + bytes as Balance * 100 * MICRO_NEURO
}

parameter_types! {
    /// Fees fall while blocks are emptier than this and rise while they are fuller.
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast they do.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
    /// Fees never fall below a tenth.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
    pub MaximumMultiplier: Multiplier = Bounded::max_value();

    pub const MultisigDepositBase: Balance = deposit(1, 88);
    pub const MultisigDepositFactor: Balance = deposit(0, 32);
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}

/// What the author of a block keeps of its fees and tips: half, which pays him for fuller blocks.
///
/// The other half is burned. An author who got all of it would fill his own blocks for nothing, and
/// blocks that cost nothing to fill keep others out. It is burned of tips as well: what an author
/// keeps of a tip alone would be paid as a tip and not as a fee.
pub const AUTHORS_SHARE: Permill = Permill::from_percent(50);

/// Gives the author of the block his share of fees and tips and burns the rest, or all of it where
/// no author is known. What is burned is told by `Balances.BurnedDebt`.
pub struct ShareFees;

impl OnUnbalanced<Credit<AccountId, Balances>> for ShareFees {
    fn on_nonzero_unbalanced(fees: Credit<AccountId, Balances>) {
        let Some(author) = Authorship::author() else {
            return;
        };
        // What cannot be halved is burned. A credit that is dropped leaves the total issuance.
        let kept = AUTHORS_SHARE.mul_floor(fees.peek());
        let (kept, burned) = fees.split(kept);
        drop(burned);
        // An author whose account cannot take the amount forgoes it, and that is burned too.
        let _ = Balances::resolve(&author, kept);
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ShareFees>;
    type WeightToFee = IdentityFee<Balance>;
    // A kilobyte costs as much as a millisecond of computation.
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<MICRO_NEURO>>;
    type FeeMultiplierUpdate = TargetedFeeAdjustment<
        Self,
        TargetBlockFullness,
        AdjustmentVariable,
        MinimumMultiplier,
        MaximumMultiplier,
    >;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDepositBase;
    type DepositFactor = MultisigDepositFactor;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// The account that may act as root, where there is one.
pub struct SudoKey;

impl Contains<AccountId> for SudoKey {
    fn contains(account: &AccountId) -> bool {
        pallet_sudo::Key::<Runtime>::get().as_ref() == Some(account)
    }
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
