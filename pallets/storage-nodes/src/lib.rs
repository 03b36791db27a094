#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod bond;
mod calls;
mod eligible;
mod health;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod registry;
pub mod runtime_api;
mod slash;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use eligible::{Page, FAN_OUT, MAX_LEVELS, MAX_TREE_NODES};
pub use pallet::*;
pub use types::{Node, NodeIdentity, Registration};
pub use weights::WeightInfo;

use neurostore_primitives::Balance;

#[frame_support::pallet]
#[allow(
    missing_debug_implementations,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "the macro's own types and functions; ours are outside of this module"
)]
pub mod pallet {
    use super::*;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{BalancedHold, Credit, InspectHold, MutateHold},
            OnUnbalanced,
        },
    };
    use frame_system::pallet_prelude::*;
    use neurostore_primitives::{CountryCode, NodeClass, NodeId, OnNodeRegistered, PeerKey};

    /// The version of the storage layout below.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// The registry of storage nodes.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId: AsRef<[u8; 32]>> {
        /// Where the bonds are held.
        type Currency: InspectHold<Self::AccountId>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>
            + BalancedHold<Self::AccountId>;

        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// Takes the bond that nodes lose. Whoever gains by it must have no part in how it is lost.
        type OnSlash: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

        /// Is told of every new node; it may refuse it.
        type OnNodeRegistered: OnNodeRegistered;

        /// The part of the bond that every node pays, in plancks: it makes many small nodes cost
        /// more than one large one.
        #[pallet::constant]
        type MinBond: Get<Balance>;

        /// The part of the bond that grows with capacity, in plancks for a GiB: who offers more
        /// room is drawn more often and has more to lose.
        #[pallet::constant]
        type BondPerGib: Get<Balance>;

        /// What a proof costs that was taken on trust and is invalid, in plancks: as much as it
        /// makes the chain spend on finding it.
        #[pallet::constant]
        type InvalidProofSlash: Get<Balance>;

        /// The least capacity in leaves. Below it a node costs the chain more than it brings.
        #[pallet::constant]
        type MinCapacityLeaves: Get<u64>;

        /// The greatest capacity in leaves: one machine must not become the network.
        #[pallet::constant]
        type MaxCapacityLeaves: Get<u64>;

        /// How many nodes may ever be registered. Bounds the state and the depth of the tree that
        /// nodes are drawn from; at most [`MAX_TREE_NODES`].
        #[pallet::constant]
        type MaxNodes: Get<u32>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds somebody's balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bonds of an operator's storage nodes.
        StorageBond,
    }

    /// The nodes by their number.
    #[pallet::storage]
    pub type Nodes<T: Config> = StorageMap<_, Twox64Concat, NodeId, Node<T::AccountId>>;

    /// The node that signs with an account.
    #[pallet::storage]
    pub type NodeByAccount<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, NodeId>;

    /// The node that a peer key belongs to.
    #[pallet::storage]
    pub type NodeByPeerKey<T: Config> = StorageMap<_, Blake2_128Concat, PeerKey, NodeId>;

    /// The number that the next node gets. Numbers are never used again.
    #[pallet::storage]
    pub type NextNodeId<T: Config> = StorageValue<_, NodeId, ValueQuery>;

    /// Levels of the tree that nodes are drawn from.
    #[pallet::storage]
    pub type TreeLevels<T: Config> = StorageValue<_, u8, ValueQuery>;

    /// The tree that nodes are drawn from, by level (0 holds the nodes' own weights) and page.
    #[pallet::storage]
    pub type TreePages<T: Config> = StorageMap<_, Twox64Concat, (u8, u32), Page, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A node was registered and its bond held.
        NodeRegistered {
            /// Its number.
            node: NodeId,
            /// Who owns it.
            operator: T::AccountId,
            /// The account that signs for it.
            account: T::AccountId,
        },
        /// A node offers another capacity, and its bond follows.
        CapacitySet {
            /// The node.
            node: NodeId,
            /// What it offers now, in leaves.
            capacity_leaves: u64,
            /// The bond held for it now, in plancks.
            bond: Balance,
        },
        /// A node missed a window: it gets no new shards until it proves.
        NodeSuspected {
            /// The node.
            node: NodeId,
            /// Windows missed since the last proven one.
            missed_in_a_row: u32,
        },
        /// A node lost bond. Until its operator fills it up, it stays suspected.
        BondSlashed {
            /// The node.
            node: NodeId,
            /// What it lost, in plancks.
            amount: Balance,
            /// What is left, in plancks.
            bond: Balance,
        },
        /// A suspected node proved again, or holds nothing and its operator says it is there: it
        /// gets new shards as before.
        NodeRecovered {
            /// The node.
            node: NodeId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The country is not two upper-case letters.
        CountryMalformed,
        /// The capacity is below the least that a node must offer.
        CapacityTooSmall,
        /// The capacity is above the most that a node may offer.
        CapacityTooLarge,
        /// The capacity is below what the node's shards and reservations take.
        CapacityBelowUse,
        /// The account already signs for a node.
        AccountTaken,
        /// The peer key already belongs to a node.
        PeerKeyTaken,
        /// The peer key did not sign for this operator and account on this chain.
        BadPeerProof,
        /// The account did not sign for this operator and peer key on this chain.
        BadAccountProof,
        /// As many nodes are registered as the chain has room for.
        TooManyNodes,
        /// The proving windows have no place for another node now.
        NoWindowFree,
        /// There is no node with this number.
        UnknownNode,
        /// The caller is not the operator of the node.
        NotOperator,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            let (min, max) = (T::MinCapacityLeaves::get(), T::MaxCapacityLeaves::get());
            assert!(0 < min && min <= max, "capacity bounds leave no room");
            assert!(
                T::MaxNodes::get() <= MAX_TREE_NODES,
                "more nodes than the tree has places for"
            );
            assert!(
                max.checked_mul(u64::from(T::MaxNodes::get())).is_some(),
                "the room of all nodes together overflows"
            );
            assert!(
                Self::bond_for(max) < Balance::MAX,
                "the bond of the largest node overflows"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a storage node of the caller and holds its bond.
        ///
        /// Both keys of the node sign for the operator, so that nobody can register a machine
        /// that is not his: `peer_proof` is an ed25519 signature of `peer_key` over
        /// [`neurostore_primitives::peer_key_payload`], `account_proof` an sr25519 signature of
        /// `node_account` over [`neurostore_primitives::node_account_payload`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        #[allow(
            clippy::too_many_arguments,
            reason = "the fields of a call are its interface"
        )]
        pub fn register(
            origin: OriginFor<T>,
            node_account: T::AccountId,
            peer_key: PeerKey,
            class: NodeClass,
            country: CountryCode,
            capacity_leaves: u64,
            peer_proof: [u8; 64],
            account_proof: [u8; 64],
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            Self::do_register(Registration {
                identity: NodeIdentity {
                    operator,
                    account: node_account,
                    peer_key,
                    class,
                    country,
                },
                capacity_leaves,
                peer_proof,
                account_proof,
            })
        }

        /// Sets what a node of the caller offers, and holds or frees bond accordingly; with the old
        /// capacity it fills up a bond that was slashed. Lifts the suspicion from a node that holds
        /// nothing, or that lacked nothing but bond.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_capacity())]
        pub fn set_capacity(
            origin: OriginFor<T>,
            node: NodeId,
            capacity_leaves: u64,
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            Self::do_set_capacity(operator, node, capacity_leaves)
        }
    }
}
