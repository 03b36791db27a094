//! A set of slots, for naming which of the 15 units are present, damaged or suspected.

use core::fmt;

use neurostore_primitives::{SlotIndex, DATA_SHARDS, TOTAL_SHARDS};

/// A set of the 15 slots of a segment.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlotSet(u16);

impl SlotSet {
    /// No slot.
    pub const EMPTY: Self = Self(0);
    /// All 15 slots.
    pub const ALL: Self = Self((1 << TOTAL_SHARDS) - 1);
    /// The ten slots of data shards.
    pub const DATA: Self = Self((1 << DATA_SHARDS) - 1);
    /// The five slots of parity shards.
    pub const PARITY: Self = Self(Self::ALL.0 & !Self::DATA.0);

    /// The slots whose bits are set; bits above the fifteenth are ignored.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// Bit `n` stands for slot `n`.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Adds a slot.
    pub fn insert(&mut self, slot: SlotIndex) {
        self.0 |= 1 << slot.get();
    }

    /// Removes a slot.
    pub fn remove(&mut self, slot: SlotIndex) {
        self.0 &= !(1 << slot.get());
    }

    /// Whether the slot is in the set.
    pub const fn contains(self, slot: SlotIndex) -> bool {
        self.0 & (1 << slot.get()) != 0
    }

    /// How many slots are in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether no slot is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Slots in either set.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Slots in both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Slots of this set that are not in the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The slots in ascending order.
    pub fn iter(self) -> impl Iterator<Item = SlotIndex> {
        SlotIndex::all().filter(move |slot| self.contains(*slot))
    }
}

impl FromIterator<SlotIndex> for SlotSet {
    fn from_iter<I: IntoIterator<Item = SlotIndex>>(slots: I) -> Self {
        let mut set = Self::EMPTY;
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

impl fmt::Display for SlotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (position, slot) in self.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{slot}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SlotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_its_slots_in_order() {
        let set = SlotSet::from_bits(0b100_0000_0000_1001);
        assert_eq!(set.to_string(), "0, 3, 14");
        assert_eq!(set.iter().collect::<SlotSet>(), set);
        assert_eq!(set.len(), 3);
        assert_eq!(SlotSet::EMPTY.to_string(), "none");
    }

    #[test]
    fn data_and_parity_are_all_slots() {
        assert_eq!(SlotSet::DATA.union(SlotSet::PARITY), SlotSet::ALL);
        assert_eq!(SlotSet::DATA.len(), 10);
        assert_eq!(SlotSet::PARITY.iter().next().map(SlotIndex::get), Some(10));
        assert_eq!(SlotSet::from_bits(u16::MAX), SlotSet::ALL);
    }
}
