//! When windows open, and how long an answer counts.

use codec::Encode;
use neurostore_primitives::{NodeId, OnNodeRegistered, WindowClock, WindowIndex};
use sp_runtime::traits::SaturatedConversion;

use crate::{pallet::*, Cohort};

/// Offsets that are tried for a new node: with that many full in a row the chain is nearly full,
/// and the registration stays cheap.
const OFFSET_PROBES: u32 = 64;

impl<T: Config> Pallet<T> {
    /// The number of the block that is being executed.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The block's place in the window.
    pub(crate) fn offset_of_block(block: u32) -> u32 {
        block
            .checked_rem(WindowBlocks::<T>::get())
            .unwrap_or_default()
    }

    /// The running number of the window that opens in `block`.
    pub(crate) fn window_at(block: u32) -> WindowIndex {
        WindowIndex(
            block
                .checked_div(WindowBlocks::<T>::get())
                .unwrap_or_default(),
        )
    }

    /// The block in which `window` opens for nodes at `offset`.
    pub(crate) fn opening_of(window: WindowIndex, offset: u32) -> u32 {
        window
            .0
            .saturating_mul(WindowBlocks::<T>::get())
            .saturating_add(offset)
    }

    /// The first block after `now` in which windows at `offset` open.
    pub(crate) fn next_opening(now: u32, offset: u32) -> u32 {
        let this = Self::opening_of(Self::window_at(now), offset);
        if this > now {
            this
        } else {
            this.saturating_add(WindowBlocks::<T>::get())
        }
    }

    /// The last block in which an answer counts, for challenges of `opened_at`, as far as blocks
    /// are known: each full block since the opening adds one, up to the block before the nodes'
    /// next window.
    pub(crate) fn deadline(opened_at: u32, cohort: &Cohort<T::MaxOpeningsPerBlock>) -> u32 {
        let full = FullBlocks::<T>::get().saturating_sub(cohort.full_before);
        opened_at
            .saturating_add(AnswerBlocks::<T>::get())
            .saturating_add(full)
            .min(Self::last_block_of(opened_at))
    }

    /// The block before the next window of nodes whose window opened in `opened_at`.
    pub(crate) fn last_block_of(opened_at: u32) -> u32 {
        opened_at
            .saturating_add(WindowBlocks::<T>::get())
            .saturating_sub(1)
    }
}

impl<T: Config> OnNodeRegistered for Pallet<T> {
    /// Gives the node the first offset with room, from a place that its id alone decides, so that
    /// windows spread evenly and nobody chooses his own.
    fn on_node_registered(node: NodeId) -> Result<(), &'static str> {
        if Offsets::<T>::contains_key(node) {
            return Err("the node has its windows already");
        }
        let window = WindowBlocks::<T>::get();
        let first = first_offset(node, window);
        let offset = (0..OFFSET_PROBES.min(window))
            .map(|probe| Self::offset_of_block(first.saturating_add(probe)))
            .find(|offset| Members::<T>::try_append(offset, node).is_ok())
            .ok_or("no window has room for another node")?;
        Offsets::<T>::insert(node, offset);
        Ok(())
    }
}

fn first_offset(node: NodeId, window: u32) -> u32 {
    let digest = sp_io::hashing::blake2_256(&(b"neurostore/offset/1", node).encode());
    let number = digest
        .first_chunk::<4>()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes));
    number.checked_rem(window).unwrap_or_default()
}

impl<T: Config> WindowClock for Pallet<T> {
    fn window_blocks() -> u32 {
        WindowBlocks::<T>::get()
    }

    fn openings_between(node: NodeId, from: u32, until: u32) -> u32 {
        let Some(offset) = Offsets::<T>::get(node) else {
            return 0;
        };
        // Openings in the blocks below `end`: one in every whole window, and one more where the
        // rest of the window reaches beyond the offset.
        let below = |end: u32| {
            let reached = u32::from(Self::offset_of_block(end) > offset);
            Self::window_at(end).0.saturating_add(reached)
        };
        below(until).saturating_sub(below(from))
    }
}
