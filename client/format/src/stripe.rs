//! The units of one stripe, as the encoder makes them and as a reader gathers them.

use alloc::vec::Vec;
use core::ops::Range;

use neurostore_primitives::{SlotIndex, TOTAL_SHARDS};

use crate::{layout::Layout, slots::SlotSet};

/// One finished stripe: 15 units in slot order, each to be appended to the shard of its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripe {
    pub(crate) index: u32,
    pub(crate) unit: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Stripe {
    /// Number of the stripe in its segment.
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// The unit for the shard of this slot.
    pub fn unit(&self, slot: SlotIndex) -> &[u8] {
        self.bytes.get(self.range(slot)).unwrap_or_default()
    }

    /// Where the unit of this slot stands in [`Stripe::into_bytes`].
    pub const fn range(&self, slot: SlotIndex) -> Range<usize> {
        let start = slot.index() * self.unit;
        start..start + self.unit
    }

    /// All 15 units in slot order, for sharing them without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The units of one stripe that a reader has so far. `B` is any holder of bytes.
#[derive(Clone, Debug)]
pub struct StripeUnits<B> {
    unit: usize,
    units: [Option<B>; TOTAL_SHARDS],
}

/// A unit of another length than the segment's units have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a unit of {got} bytes where units have {expected}")]
pub struct WrongUnitLength {
    /// Bytes of the unit that came.
    pub got: usize,
    /// Bytes that it should have.
    pub expected: usize,
}

impl<B: AsRef<[u8]>> StripeUnits<B> {
    /// No units yet of a stripe of a segment with this layout.
    pub fn new(layout: &Layout) -> Self {
        Self {
            unit: layout.unit(),
            units: core::array::from_fn(|_| None),
        }
    }

    /// Adds a unit, or replaces it.
    pub fn insert(&mut self, slot: SlotIndex, bytes: B) -> Result<(), WrongUnitLength> {
        let got = bytes.as_ref().len();
        if got != self.unit {
            return Err(WrongUnitLength {
                got,
                expected: self.unit,
            });
        }
        self.units[slot.index()] = Some(bytes);
        Ok(())
    }

    /// Takes a unit out, as one does with a damaged one.
    pub fn remove(&mut self, slot: SlotIndex) -> Option<B> {
        self.units[slot.index()].take()
    }

    /// The unit of this slot.
    pub fn get(&self, slot: SlotIndex) -> Option<&[u8]> {
        self.units[slot.index()].as_ref().map(AsRef::as_ref)
    }

    /// The slots whose units are here.
    pub fn slots(&self) -> SlotSet {
        SlotIndex::all()
            .filter(|slot| self.units[slot.index()].is_some())
            .collect()
    }

    /// Bytes of a unit.
    pub const fn unit(&self) -> usize {
        self.unit
    }
}
