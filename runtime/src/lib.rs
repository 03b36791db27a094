#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
// `#[frame_support::runtime]` and `impl_runtime_apis!` generate items that carry no docs, and the
// runtime's types are public only for the node.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub)]
#![recursion_limit = "512"]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

mod apis;
pub mod configs;
pub mod epochs;
pub mod presets;

use alloc::vec::Vec;

use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::{RuntimeApi, RUNTIME_API_VERSIONS};
pub use neurostore_primitives::{
    Balance, DAYS, HOURS, MICRO_NEURO, MILLISECONDS_PER_BLOCK, MILLI_NEURO, MINUTES, NEURO,
};

/// Block types for code that does not need to look into extrinsics: the node.
pub mod opaque {
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

    /// A block whose extrinsics stay bytes.
    pub type Block = sp_runtime::generic::Block<super::Header, UncheckedExtrinsic>;
}

impl_opaque_keys! {
    /// The keys of a validator.
    pub struct SessionKeys {
        /// Block production.
        pub babe: Babe,
        /// Finality.
        pub grandpa: Grandpa,
    }
}

/// Version of the runtime, of its apis and of its transactions.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("neurostore"),
    impl_name: alloc::borrow::Cow::Borrowed("neurostore-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// The least that keeps an account alive.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_NEURO;

/// The prefix of addresses as text: two bytes, our own, still to be entered in the SS58 registry.
pub const SS58_PREFIX: u16 = 7368;

/// A signature of any of the three usual schemes.
pub type Signature = MultiSignature;
/// An account: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Number of an account's transactions.
pub type Nonce = u32;
/// Hash of blocks and state.
pub type Hash = sp_core::H256;
/// Height of a block.
pub type BlockNumber = u32;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What every transaction carries beside its call. Each value is empty or an option, so that
/// wallets need no custom types.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
    pallet_spacetime::NoteRefusedProofs<Runtime>,
);

/// A transaction or an inherent.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What is signed of a transaction.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

// Order matters twice: hooks run by index, so Babe has this block's randomness before Placement
// and Spacetime draw from it in `on_finalize`; and genesis is built by index, so Balances has set the
// total issuance before Payments mints the pot's existential deposit.
#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(4)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(5)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(6)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(7)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(8)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(9)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(10)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(11)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(12)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(13)]
    pub type MultiBlockMigrations = pallet_migrations;
    #[runtime::pallet_index(14)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(15)]
    pub type Epochs = epochs;

    #[runtime::pallet_index(30)]
    pub type StorageNodes = pallet_storage_nodes;
    #[runtime::pallet_index(31)]
    pub type Payments = pallet_payments;
    #[runtime::pallet_index(32)]
    pub type Placement = pallet_placement;
    #[runtime::pallet_index(33)]
    pub type Spacetime = pallet_spacetime;
}
