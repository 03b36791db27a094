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

mod calls;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod pot;
mod rent;
pub mod runtime_api;
mod types;
pub mod weights;
mod windows;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Earnings, Stream};
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
        traits::fungible::{Inspect, InspectHold, Mutate, MutateHold},
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use neurostore_primitives::{NodeId, NodeRegistry, WindowIndex};

    /// The version of the storage layout below.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Rent, credits and streams.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// Where the money is.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + InspectHold<Self::AccountId>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who operates a node, and so is paid for it.
        type Registry: NodeRegistry<AccountId = Self::AccountId>;

        /// Who sets the price of storage.
        type PriceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Names the account of the pot.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds somebody's balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Rent for reservations that are not active segments yet.
        Rent,
    }

    /// The rent of a GiB of shard for one window, in plancks.
    #[pallet::storage]
    pub type PricePerGibWindow<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Rent in the pot that no window has claimed yet.
    #[pallet::storage]
    pub type UnspentRent<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Money in the pot that missed windows left behind, for the repair of what their nodes held.
    #[pallet::storage]
    pub type RepairFund<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What the shards of a node bring in one proven window.
    #[pallet::storage]
    pub type RentRates<T: Config> = StorageMap<_, Twox64Concat, NodeId, Balance, ValueQuery>;

    /// What an open window can earn. Windows that can earn nothing are not here.
    #[pallet::storage]
    pub type OpenWindows<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NodeId, Twox64Concat, WindowIndex, Balance>;

    /// What a node earned, and how much of it is free.
    #[pallet::storage]
    pub type NodeEarnings<T: Config> = StorageMap<_, Twox64Concat, NodeId, Earnings, ValueQuery>;

    /// The price to start with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The rent of a GiB of shard for one window, in plancks.
        pub price_per_gib_window: Balance,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                Pallet::<T>::is_payable(self.price_per_gib_window),
                "the price of storage is too high"
            );
            PricePerGibWindow::<T>::put(self.price_per_gib_window);
            Pallet::<T>::open_pot();
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A window was proven: its rent streams out to the node from now on.
        Credited {
            /// The node.
            node: NodeId,
            /// The window.
            window: WindowIndex,
            /// Its rent, in plancks.
            amount: Balance,
        },
        /// A window was missed: its rent went to the repair fund.
        WindowForfeited {
            /// The node.
            node: NodeId,
            /// The window.
            window: WindowIndex,
            /// Its rent, in plancks.
            amount: Balance,
        },
        /// What a node had earned was paid out.
        Withdrawn {
            /// The node.
            node: NodeId,
            /// Who was paid.
            to: T::AccountId,
            /// How much, in plancks.
            amount: Balance,
        },
        /// New reservations pay another price.
        PriceSet {
            /// The rent of a GiB of shard for one window, in plancks.
            price_per_gib_window: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no node with this number.
        UnknownNode,
        /// The caller is not the operator of the node.
        NotOperator,
        /// Nothing of this node's earnings is free now.
        NothingToWithdraw,
        /// The price is so high that the rent of the largest shard overflows.
        PriceTooHigh,
        /// More rent is asked back than is unspent.
        MoreThanUnspentRent,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::Currency::minimum_balance() > 0,
                "the pot is kept open by an existential deposit"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Pays the operator of `node`, who must be the caller, everything it has earned that has
        /// streamed out by now.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, node: NodeId) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            Self::do_withdraw(operator, node)
        }

        /// Sets the price that new reservations pay. An agreement keeps the price it was made at, also
        /// when it is extended.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_price())]
        pub fn set_price(origin: OriginFor<T>, price_per_gib_window: Balance) -> DispatchResult {
            T::PriceOrigin::ensure_origin(origin)?;
            Self::do_set_price(price_per_gib_window)
        }
    }
}
