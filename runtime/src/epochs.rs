//! How long a session is: the one thing about consensus that differs from chain to chain.
//!
//! A session is an epoch of BABE. Its length in slots is part of genesis and never changes, because
//! nodes read it once, from the genesis configuration, and reckon every later epoch with it; a
//! runtime that reckoned otherwise would stop its chain. As a value of genesis instead of a constant
//! it serves chains of hourly and of minutely sessions with the same WASM, and two chains that
//! differ in it differ in their genesis hash.

pub use pallet::*;

/// Slots of an epoch where genesis says nothing: an hour of six seconds each.
pub const DEFAULT_EPOCH_SLOTS: u64 = 600;

#[frame_support::pallet]
#[allow(
    clippy::expect_used,
    reason = "the macro's own types and functions; ours are below"
)]
pub mod pallet {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    use super::DEFAULT_EPOCH_SLOTS;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::type_value]
    pub fn DefaultSlots() -> u64 {
        DEFAULT_EPOCH_SLOTS
    }

    /// Slots of an epoch. Fixed at genesis.
    #[pallet::storage]
    pub type Slots<T> = StorageValue<_, u64, ValueQuery, DefaultSlots>;

    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Slots of an epoch.
        pub slots: u64,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                slots: DEFAULT_EPOCH_SLOTS,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(self.slots > 0, "an epoch has slots");
            Slots::<T>::put(self.slots);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// BABE asks for the length in every block; its own weights know it as a constant.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            T::DbWeight::get().reads(1)
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            ensure!(Slots::<T>::get() > 0, "an epoch without slots");
            Ok(())
        }
    }
}
