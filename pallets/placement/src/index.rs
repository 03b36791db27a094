//! The index of a node's shards: dense positions within each class, so that a sample reads two keys:
//! the entry at its position, and the segment, which has the root.

use neurostore_primitives::{ClassCounts, HeldShard, Holdings, NodeId, ShardClass};

use crate::{pallet::*, IndexEntry};

impl<T: Config> Pallet<T> {
    /// Puts a shard behind the node's last one of its class and returns its position.
    pub(crate) fn index_push(node: NodeId, class: ShardClass, entry: IndexEntry) -> u32 {
        Counts::<T>::mutate(node, |counts| {
            let position = counts.of(class);
            Index::<T>::insert((node, class, position), entry);
            counts.set(class, position.saturating_add(1));
            position
        })
    }

    /// Takes the shard at `position` out; the node's last shard of the class moves into its place,
    /// and the record of that shard's segment learns the new position.
    pub(crate) fn index_remove(node: NodeId, class: ShardClass, position: u32) {
        let mut counts = Counts::<T>::get(node);
        let Some(last) = counts.of(class).checked_sub(1) else {
            return;
        };
        let moved = Index::<T>::take((node, class, last));
        if let Some(moved) = moved.filter(|_| position != last) {
            Index::<T>::insert((node, class, position), moved);
            Segments::<T>::mutate_extant(moved.segment, |segment| {
                if let Some(record) = segment.slots.get_mut(moved.slot.index()) {
                    record.position = position;
                }
            });
        }
        counts.set(class, last);
        if counts == ClassCounts::default() {
            Counts::<T>::remove(node);
        } else {
            Counts::<T>::insert(node, counts);
        }
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn counts(node: NodeId) -> ClassCounts {
        Counts::<T>::get(node)
    }

    fn shard_at(node: NodeId, class: ShardClass, position: u32) -> Option<HeldShard> {
        let IndexEntry { segment, slot } = Index::<T>::get((node, class, position))?;
        let root = *Segments::<T>::get(segment)?.roots.get(slot.index())?;
        Some(HeldShard {
            segment,
            slot,
            root,
        })
    }
}
