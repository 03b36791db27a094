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

mod agreements;
mod draws;
mod expiry;
mod index;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod reservations;
mod runtime_api;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use runtime_api::*;
pub use types::{Agreement, DrawTask, EndReason, IndexEntry, Reservation, Segment, SlotRecord};
pub use weights::WeightInfo;

use neurostore_primitives::Balance;

#[frame_support::pallet]
#[allow(
    missing_docs,
    missing_debug_implementations,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "the macro's own types and functions; ours are outside of this module"
)]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Randomness},
    };
    use frame_system::pallet_prelude::*;
    use neurostore_primitives::{
        ClassCounts, DrawError, NodeId, NodeRegistry, NodeRoom, Receipt, RentLedger, ReservationId,
        SegmentId, ShardClass, SlotIndex, WindowClock,
    };
    use sp_core::H256;
    use sp_runtime::AccountId32;

    use crate::{
        Agreement, Balance, DrawTask, EndReason, IndexEntry, Reservation, Segment, WeightInfo,
    };

    /// Receipts that a call may carry: one more than there are slots, so that a list of the wrong
    /// length is refused by name and not by the decoder.
    pub const MAX_RECEIPTS: u32 = 16;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId32, Hash = H256, RuntimeEvent: From<Event<Self>>>
    {
        /// The reasons of all holds of the runtime.
        type RuntimeHoldReason: From<HoldReason>;

        /// NEURO; deposits are held here.
        type Currency: fungible::hold::Mutate<
            AccountId32,
            Reason = Self::RuntimeHoldReason,
            Balance = Balance,
        >;

        /// Who the nodes are, and who is drawn.
        type Registry: NodeRegistry<AccountId = AccountId32, Balance = Balance> + NodeRoom;

        /// Where rent is paid.
        type Rent: RentLedger<AccountId = AccountId32, Balance = Balance, Error = DispatchError>;

        /// When windows open: agreements run in whole windows.
        type Clock: WindowClock;

        /// Randomness of the block that is being finalized, `None` where it carries none. BABE's
        /// `ParentBlockRandomness` is that once BABE's own `on_finalize` ran, so BABE stands
        /// before this pallet in the runtime.
        type FreshRandomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

        /// Deposit for the record of a segment, returned when it goes.
        #[pallet::constant]
        type SegmentDeposit: Get<Balance>;

        /// Fewest windows that can be paid for.
        #[pallet::constant]
        type MinWindows: Get<u32>;

        /// Most windows that an agreement may run ahead: rent is fixed for that long.
        #[pallet::constant]
        type MaxWindows: Get<u32>;

        /// Blocks after which a reservation that was not committed lapses.
        #[pallet::constant]
        type ReservationBlocks: Get<u32>;

        /// Open reservations of one owner.
        #[pallet::constant]
        type MaxReservationsPerOwner: Get<u32>;

        /// Replacements that may be drawn for one reservation.
        #[pallet::constant]
        type MaxRedraws: Get<u8>;

        /// Draws that wait; a call that would add another is refused.
        #[pallet::constant]
        type MaxDrawQueue: Get<u32>;

        /// Draws made in one block.
        #[pallet::constant]
        type MaxDrawsPerBlock: Get<u32>;

        /// Reservations that lapse in one block.
        #[pallet::constant]
        type MaxLapsesPerBlock: Get<u32>;

        /// Agreements that end in one block.
        #[pallet::constant]
        type MaxEndingsPerBlock: Get<u32>;

        /// Weights of calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit for a segment's record, from the reservation on.
        SegmentDeposit,
    }

    /// The number of the next reservation.
    #[pallet::storage]
    pub type NextReservation<T> = StorageValue<_, ReservationId, ValueQuery>;

    /// Open reservations. Numbered by the chain, so the fast hasher cannot be abused.
    #[pallet::storage]
    pub type Reservations<T: Config> =
        StorageMap<_, Twox64Concat, ReservationId, Reservation<AccountId32>>;

    /// The open reservations of an owner. Accounts are chosen by anyone: hashed with blake2.
    #[pallet::storage]
    pub type ReservationsOf<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        AccountId32,
        BoundedVec<ReservationId, T::MaxReservationsPerOwner>,
        ValueQuery,
    >;

    /// Draws that wait, oldest first.
    #[pallet::storage]
    pub type DrawQueue<T: Config> =
        StorageValue<_, BoundedVec<DrawTask, T::MaxDrawQueue>, ValueQuery>;

    /// Reservations that lapse at the beginning of a block.
    #[pallet::storage]
    pub type Lapses<T: Config> = StorageMap<
        _,
        Twox64Concat,
        u32,
        BoundedVec<ReservationId, T::MaxLapsesPerBlock>,
        ValueQuery,
    >;

    /// Active segments. The id is a hash already, but one that its owner may try out: blake2.
    #[pallet::storage]
    pub type Segments<T: Config> = StorageMap<_, Blake2_128Concat, SegmentId, Segment<AccountId32>>;

    /// Who pays for a segment.
    #[pallet::storage]
    pub type Agreements<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, SegmentId, Blake2_128Concat, AccountId32, Agreement>;

    /// Agreements that end at the beginning of a block.
    #[pallet::storage]
    pub type Endings<T: Config> = StorageMap<
        _,
        Twox64Concat,
        u32,
        BoundedVec<(SegmentId, AccountId32), T::MaxEndingsPerBlock>,
        ValueQuery,
    >;

    /// The shards of a node, numbered without gaps within each class.
    #[pallet::storage]
    pub type Index<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Twox64Concat, NodeId>,
            NMapKey<Twox64Concat, ShardClass>,
            NMapKey<Twox64Concat, u32>,
        ),
        IndexEntry,
    >;

    /// How many shards of each class a node holds.
    #[pallet::storage]
    pub type Counts<T: Config> = StorageMap<_, Twox64Concat, NodeId, ClassCounts, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A reservation waits for its draw.
        Reserved {
            /// Its number.
            reservation: ReservationId,
            /// Who pays.
            owner: AccountId32,
            /// Class of the shards.
            class: ShardClass,
            /// Windows to be paid for.
            windows: u32,
            /// Rent held for it.
            rent: Balance,
            /// Block at which it lapses.
            expires_at: u32,
        },
        /// The 15 nodes of a reservation are drawn.
        Drawn {
            /// The reservation.
            reservation: ReservationId,
        },
        /// Too few nodes could be drawn; the reservation ended.
        DrawFailed {
            /// The reservation.
            reservation: ReservationId,
            /// The rule that was in the way.
            reason: DrawError,
        },
        /// A slot got another node.
        SlotRedrawn {
            /// The reservation.
            reservation: ReservationId,
            /// The slot.
            slot: SlotIndex,
            /// Its node from now on.
            node: NodeId,
        },
        /// No replacement could be drawn; the slot keeps its node.
        RedrawFailed {
            /// The reservation.
            reservation: ReservationId,
            /// The slot.
            slot: SlotIndex,
            /// The rule that was in the way.
            reason: DrawError,
        },
        /// A reservation ended without a segment; its holds are free.
        ReservationEnded {
            /// The reservation.
            reservation: ReservationId,
            /// Who had asked for it.
            owner: AccountId32,
            /// Why.
            reason: EndReason,
        },
        /// A segment is stored, paid and will be proven.
        SegmentActivated {
            /// Its identity.
            segment: SegmentId,
            /// The reservation that it fills.
            reservation: ReservationId,
            /// Who pays.
            owner: AccountId32,
            /// Block at which the paid time ends.
            paid_until: u32,
        },
        /// An owner paid for more windows.
        AgreementExtended {
            /// The segment.
            segment: SegmentId,
            /// Who pays.
            owner: AccountId32,
            /// Block at which the paid time now ends.
            paid_until: u32,
        },
        /// An owner's interest in a segment ended.
        AgreementEnded {
            /// The segment.
            segment: SegmentId,
            /// Who paid.
            owner: AccountId32,
            /// Rent given back: zero where the paid time was over.
            refund: Balance,
            /// Rent of the windows in progress, kept for repairs: zero where the time was over.
            forfeit: Balance,
        },
        /// Nobody pays for a segment any more; its nodes may delete it.
        SegmentRemoved {
            /// The segment.
            segment: SegmentId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The ciphertext is longer than a segment of this class carries.
        CiphertextTooLong,
        /// The number of windows is outside what can be paid for.
        WindowsOutOfRange,
        /// The owner has as many open reservations as one owner may have.
        TooManyReservations,
        /// As many draws wait as may wait; try again in the next block.
        DrawQueueFull,
        /// Too many reservations lapse in the blocks in which this one could; try again later.
        LapsesFull,
        /// There is no such reservation.
        UnknownReservation,
        /// The reservation is another account's.
        NotOwner,
        /// The nodes of the reservation are not drawn yet.
        NotDrawn,
        /// No replacement is left for this reservation.
        NoRedrawLeft,
        /// A replacement for this slot is queued already.
        RedrawPending,
        /// A segment has exactly 15 receipts, one for each slot in order.
        ReceiptCount,
        /// The root in the receipt of this slot is not a canonical field element.
        RootNotCanonical(u8),
        /// The receipt of this slot is not signed by the slot's node for this reservation, slot,
        /// class and root.
        BadReceipt(u8),
        /// A segment with this content is stored already.
        SegmentExists,
        /// Too many agreements end in the block in which this one would: try again in the next
        /// block, or with another number of windows.
        EndingsFull,
        /// The caller pays for no such segment.
        UnknownAgreement,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::begin_block(Self::now())
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::draw_due(Self::now());
        }

        fn integrity_test() {
            Self::check_config();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Asks for 15 nodes for a segment: rent and deposit are held, the nodes are drawn at the
        /// end of a later block, the next one unless too many draws wait.
        ///
        /// Signed by whoever will own the agreement. Emits [`Event::Reserved`], then
        /// [`Event::Drawn`] or [`Event::DrawFailed`].
        #[pallet::call_index(0)]
        // With the draw and the lapse that it causes in the hooks of later blocks.
        #[pallet::weight(
            T::WeightInfo::reserve()
                .saturating_add(T::WeightInfo::draw())
                .saturating_add(T::WeightInfo::lapse())
        )]
        pub fn reserve(
            origin: OriginFor<T>,
            class: ShardClass,
            ciphertext_len: u64,
            windows: u32,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_reserve(owner, class, ciphertext_len, windows)
        }

        /// Activates a segment with the receipts of its 15 nodes in slot order, and pays its rent.
        ///
        /// Signed by the owner of the reservation. Emits [`Event::SegmentActivated`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::commit())]
        pub fn commit(
            origin: OriginFor<T>,
            reservation: ReservationId,
            receipts: BoundedVec<Receipt, ConstU32<MAX_RECEIPTS>>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_commit(owner, reservation, &receipts)
        }

        /// Gives a reservation up: the nodes' room and the owner's holds are free again.
        ///
        /// Signed by the owner of the reservation. Emits [`Event::ReservationEnded`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, reservation: ReservationId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_cancel(owner, reservation)
        }

        /// Asks for another node for a slot whose node refuses or does not answer.
        ///
        /// Signed by the owner of the reservation. Emits [`Event::SlotRedrawn`] or
        /// [`Event::RedrawFailed`] in a later block.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::redraw().saturating_add(T::WeightInfo::draw()))]
        pub fn redraw(
            origin: OriginFor<T>,
            reservation: ReservationId,
            slot: SlotIndex,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_redraw(owner, reservation, slot)
        }

        /// Pays for more windows at the rate of the agreement.
        ///
        /// Signed by the owner of an agreement. Emits [`Event::AgreementExtended`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::extend())]
        pub fn extend(origin: OriginFor<T>, segment: SegmentId, windows: u32) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_extend(owner, segment, windows)
        }

        /// Ends the caller's agreement early: whole windows that are left are refunded, the window
        /// in progress is not. The last agreement takes the segment with it.
        ///
        /// Signed by the owner of an agreement. Emits [`Event::AgreementEnded`] and, where it was
        /// the last, [`Event::SegmentRemoved`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::drop_agreement())]
        pub fn drop_agreement(origin: OriginFor<T>, segment: SegmentId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_drop_agreement(owner, segment)
        }
    }
}
