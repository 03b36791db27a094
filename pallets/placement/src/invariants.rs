//! What is true of the state after every block, by name.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use neurostore_primitives::{ClassCounts, NodeId, NodeRegistry, SlotIndex};
use sp_runtime::{AccountId32, DispatchError};

use crate::{pallet::*, Balance};

impl<T: Config> Pallet<T> {
    /// All checks of the pallet's state.
    pub fn do_try_state() -> Result<(), DispatchError> {
        Self::the_index_points_at_segments_and_back()?;
        Self::counts_are_the_length_of_the_index()?;
        Self::reservations_are_listed_where_they_lapse_and_are_drawn()?;
        Self::agreements_end_in_their_bucket_and_carry_their_segment()?;
        Self::taken_room_is_what_stands_and_what_is_reserved()?;
        Self::deposits_are_held()
    }

    fn the_index_points_at_segments_and_back() -> Result<(), DispatchError> {
        let mut shards: usize = 0;
        for (id, segment) in Segments::<T>::iter() {
            for (slot, record) in SlotIndex::all().zip(&segment.slots) {
                shards = shards.saturating_add(1);
                let entry = Index::<T>::get((record.node, segment.class, record.position))
                    .ok_or("a slot has no index entry")?;
                ensure!(
                    entry.segment == id && entry.slot == slot,
                    "an index entry names another slot"
                );
            }
        }
        ensure!(
            Index::<T>::iter_keys().count() == shards,
            "an index entry without a slot"
        );
        Ok(())
    }

    fn counts_are_the_length_of_the_index() -> Result<(), DispatchError> {
        let mut lengths: BTreeMap<NodeId, ClassCounts> = BTreeMap::new();
        for (node, class, position) in Index::<T>::iter_keys() {
            let counts = lengths.entry(node).or_default();
            counts.set(class, counts.of(class).saturating_add(1));
            ensure!(
                position < Counts::<T>::get(node).of(class),
                "an index entry beyond the count"
            );
        }
        let counted: BTreeMap<_, _> = Counts::<T>::iter().collect();
        ensure!(counted == lengths, "a count is not the index's length");
        Ok(())
    }

    fn reservations_are_listed_where_they_lapse_and_are_drawn() -> Result<(), DispatchError> {
        let queue = DrawQueue::<T>::get();
        let mut open: usize = 0;
        for (id, reservation) in Reservations::<T>::iter() {
            open = open.saturating_add(1);
            ensure!(
                ReservationsOf::<T>::get(&reservation.owner).contains(&id),
                "a reservation its owner does not have"
            );
            ensure!(
                Lapses::<T>::get(reservation.expires_at).contains(&id),
                "a reservation that never lapses"
            );
            let queued = queue
                .iter()
                .any(|task| task.reservation == id && task.slot.is_none());
            ensure!(
                queued != reservation.nodes.is_some(),
                "a reservation is either drawn or waits for its draw"
            );
        }
        let listed: usize = ReservationsOf::<T>::iter_values()
            .map(|list| list.len())
            .sum();
        let lapsing: usize = Lapses::<T>::iter_values().map(|list| list.len()).sum();
        ensure!(
            listed == open,
            "an owner's list names a reservation that ended"
        );
        ensure!(lapsing == open, "a bucket names a reservation that ended");
        Ok(())
    }

    fn agreements_end_in_their_bucket_and_carry_their_segment() -> Result<(), DispatchError> {
        let mut agreements: usize = 0;
        for (segment, owner, agreement) in Agreements::<T>::iter() {
            agreements = agreements.saturating_add(1);
            ensure!(
                Segments::<T>::contains_key(segment),
                "an agreement without its segment"
            );
            ensure!(
                agreement.paid_until > Self::now(),
                "an agreement outlived its time"
            );
            ensure!(
                Endings::<T>::get(agreement.paid_until).contains(&(segment, owner)),
                "an agreement that never ends"
            );
        }
        let ending: usize = Endings::<T>::iter_values().map(|list| list.len()).sum();
        ensure!(
            ending == agreements,
            "a bucket names an agreement that ended"
        );
        for segment in Segments::<T>::iter_keys() {
            ensure!(
                Agreements::<T>::iter_prefix(segment).next().is_some(),
                "a segment nobody pays for"
            );
        }
        Ok(())
    }

    fn taken_room_is_what_stands_and_what_is_reserved() -> Result<(), DispatchError> {
        let mut taken: BTreeMap<NodeId, u64> = BTreeMap::new();
        for (node, counts) in Counts::<T>::iter() {
            taken.insert(node, counts.total_leaves());
        }
        for reservation in Reservations::<T>::iter_values() {
            for node in reservation.nodes.iter().flatten() {
                let leaves = taken.entry(*node).or_default();
                *leaves = leaves.saturating_add(reservation.class.leaves().into());
            }
        }
        for (node, leaves) in taken {
            let info = T::Registry::info(node).ok_or("a shard on no node")?;
            ensure!(info.used_leaves == leaves, "a node's taken room is wrong");
        }
        Ok(())
    }

    fn deposits_are_held() -> Result<(), DispatchError> {
        let reserved = Reservations::<T>::iter_values().map(|r| (r.owner, r.deposit));
        let stored = Segments::<T>::iter_values().map(|s| (s.depositor, s.deposit));
        let mut deposits: BTreeMap<AccountId32, Balance> = BTreeMap::new();
        for (owner, deposit) in reserved.chain(stored).collect::<Vec<_>>() {
            let sum = deposits.entry(owner).or_default();
            *sum = sum.saturating_add(deposit);
        }
        for (owner, deposit) in deposits {
            let held = T::Currency::balance_on_hold(&HoldReason::SegmentDeposit.into(), &owner);
            ensure!(held == deposit, "a deposit is not held");
        }
        Ok(())
    }
}
