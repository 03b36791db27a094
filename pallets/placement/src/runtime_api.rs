//! What clients and nodes ask of placement.

use alloc::vec::Vec;
use codec::Codec;
use frame_support::traits::Get;
use neurostore_primitives::{
    rent_total, AgreementInfo, ClassCounts, HeldShardInfo, Holdings, NodeId, NodeRegistry, Quote,
    RentLedger, ReservationId, ReservationInfo, SegmentId, SegmentInfo, ShardClass, ShardRoot,
    SlotIndex, SlotInfo,
};
use sp_runtime::AccountId32;

use crate::{pallet::*, Balance};

/// Shards that one question about a node's holdings returns at most.
pub const MAX_HELD_SHARDS: u32 = 1024;
/// Agreements of a segment that an answer lists at most.
const MAX_LISTED_AGREEMENTS: usize = 64;

// The macro writes items without documentation of their own.
#[allow(missing_docs)]
mod declaration {
    use super::{
        ClassCounts, Codec, HeldShardInfo, NodeId, Quote, ReservationId, ReservationInfo,
        SegmentId, SegmentInfo, ShardClass, Vec,
    };

    sp_api::decl_runtime_apis! {
        /// Reservations, segments and who holds what.
        pub trait PlacementApi<AccountId, Balance>
        where
            AccountId: Codec,
            Balance: Codec,
        {
            /// The exact charge for a segment of `class` over `windows` windows; `None` where that
            /// cannot be paid for.
            fn quote(class: ShardClass, windows: u32) -> Option<Quote<Balance>>;
            /// An open reservation.
            fn reservation(id: ReservationId) -> Option<ReservationInfo<AccountId, Balance>>;
            /// The open reservations of an owner.
            fn reservations_of(owner: AccountId) -> Vec<ReservationId>;
            /// An active segment.
            fn segment(id: SegmentId) -> Option<SegmentInfo<AccountId, Balance>>;
            /// The shards of one class that `node` is expected to hold, from position `from` on.
            fn held_shards(
                node: NodeId,
                class: ShardClass,
                from: u32,
                limit: u32,
            ) -> Vec<HeldShardInfo>;
            /// How many shards of each class `node` is expected to hold.
            fn holdings(node: NodeId) -> ClassCounts;
        }
    }
}

pub use declaration::*;

impl<T: Config> Pallet<T> {
    /// Answers `PlacementApi::quote`.
    pub fn quote(class: ShardClass, windows: u32) -> Option<Quote<Balance>> {
        if !(T::MinWindows::get()..=T::MaxWindows::get()).contains(&windows) {
            return None;
        }
        let rate_per_slot = T::Rent::rate_per_slot(class).ok()?;
        Some(Quote {
            rate_per_slot,
            rent: rent_total(rate_per_slot, windows)?,
            deposit: T::SegmentDeposit::get(),
        })
    }

    /// Answers `PlacementApi::reservation`.
    pub fn reservation_info(id: ReservationId) -> Option<ReservationInfo<AccountId32, Balance>> {
        let reservation = Reservations::<T>::get(id)?;
        let no_root = ShardRoot::default();
        let slots = SlotIndex::all()
            .zip(reservation.nodes.iter().flatten())
            .filter_map(|(slot, node)| Self::slot_info(slot, *node, no_root))
            .collect();
        Some(ReservationInfo {
            id,
            rent: reservation.rent(),
            owner: reservation.owner,
            class: reservation.class,
            ciphertext_len: reservation.ciphertext_len,
            windows: reservation.windows,
            expires_at: reservation.expires_at,
            slots,
        })
    }

    /// Answers `PlacementApi::reservations_of`.
    pub fn reservations_of(owner: &AccountId32) -> Vec<ReservationId> {
        ReservationsOf::<T>::get(owner).into_inner()
    }

    /// Answers `PlacementApi::segment`.
    pub fn segment_info(id: SegmentId) -> Option<SegmentInfo<AccountId32, Balance>> {
        let segment = Segments::<T>::get(id)?;
        let slots = SlotIndex::all()
            .zip(segment.slots.iter().zip(&segment.roots))
            .filter_map(|(slot, (record, root))| Self::slot_info(slot, record.node, *root))
            .collect();
        let agreements = Agreements::<T>::iter_prefix(id)
            .take(MAX_LISTED_AGREEMENTS)
            .map(|(owner, agreement)| AgreementInfo {
                owner,
                paid_until: agreement.paid_until,
                rate_per_slot: agreement.rate_per_slot,
            })
            .collect();
        Some(SegmentInfo {
            id,
            class: segment.class,
            ciphertext_len: segment.ciphertext_len,
            created_at: segment.created_at,
            slots,
            agreements,
        })
    }

    fn slot_info(slot: SlotIndex, node: NodeId, root: ShardRoot) -> Option<SlotInfo<AccountId32>> {
        let info = T::Registry::info(node)?;
        Some(SlotInfo {
            slot,
            node,
            account: info.account,
            peer_key: info.peer_key,
            root,
            state: info.state,
        })
    }

    /// Answers `PlacementApi::held_shards`.
    pub fn held_shards(
        node: NodeId,
        class: ShardClass,
        from: u32,
        limit: u32,
    ) -> Vec<HeldShardInfo> {
        let end = from
            .saturating_add(limit.min(MAX_HELD_SHARDS))
            .min(Counts::<T>::get(node).of(class));
        (from..end)
            .filter_map(|position| Self::shard_at(node, class, position))
            .map(|held| HeldShardInfo {
                segment: held.segment,
                slot: held.slot,
                class,
                root: held.root,
            })
            .collect()
    }

    /// Answers `PlacementApi::holdings`.
    pub fn holdings(node: NodeId) -> ClassCounts {
        Self::counts(node)
    }
}
