//! Units in, content out, and damaged units named.

use alloc::{vec, vec::Vec};
use core::{fmt, ops::Range};

use neurostore_primitives::{SlotIndex, DATA_SHARDS};

use crate::{
    cipher_error::CipherError,
    coding::Rebuilder,
    frame::FrameCipher,
    header::{version_of, Head, HeadError, FORMAT_VERSION},
    key::{Place, SegmentKey},
    layout::{Layout, StripeRead, FRAMES_PER_STRIPE, HEADER_BYTES, HEAD_BYTES},
    slots::SlotSet,
    stripe::StripeUnits,
};

/// Gives back the content of one segment, stripe by stripe.
pub struct SegmentDecoder {
    layout: Layout,
    place: Place,
    cipher: FrameCipher,
}

/// Content of one stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The bytes that were asked for.
    pub bytes: Vec<u8>,
    /// Slots whose units were looked at and are damaged. The bytes are right all the same.
    pub bad: SlotSet,
}

/// The head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What the segment holds.
    pub head: Head,
    /// Slots whose units were looked at and are damaged.
    pub bad: SlotSet,
}

/// The units that stand in the way. Get `more` others, add them, and decode again; the damaged
/// ones may stay, they are told apart again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{more} more units of the stripe are needed; damaged slots: {bad}; suspected: {suspects}")]
pub struct BadUnits {
    /// Slots whose units are damaged for certain.
    pub bad: SlotSet,
    /// Parity slots of which at least one unit is damaged. More units tell which.
    pub suspects: SlotSet,
    /// How many more units are needed at least.
    pub more: usize,
}

/// Why units gave no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Too many units are missing or damaged.
    #[error(transparent)]
    Units(#[from] BadUnits),
    /// The units agree with each other, so they are not damaged, and the key does not open them.
    #[error("the key does not open this segment")]
    WrongKey,
    /// The segment was made by another version of the format.
    #[error("the segment has format version {0}; this is version {FORMAT_VERSION}")]
    Version(u8),
    /// The segment opens, and says something impossible about itself.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The read or the units belong to a segment of another shape.
    #[error("the read or the units belong to a segment of another shape")]
    Shape,
    /// The cipher refused the key.
    #[error(transparent)]
    Cipher(#[from] CipherError),
}

impl SegmentDecoder {
    /// A decoder for the segment at `place` in its object.
    ///
    /// The layout of a root comes from the chain ([`Layout::from_chain`]), once the reader has
    /// seen that the record and its shard roots hash to the segment id. That of a part comes from
    /// the index ([`crate::Part::layout`]).
    pub fn new(key: &SegmentKey, place: Place, layout: Layout) -> Result<Self, CipherError> {
        Ok(Self {
            layout,
            place,
            cipher: FrameCipher::new(key, place, &layout)?,
        })
    }

    /// The shape of the segment.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Reads the head of the segment from units of stripe 0. Slot 0 alone is enough when it is
    /// sound.
    ///
    /// A root must be opened before anything is read from it: only this proves that the key is
    /// the one that the segment was sealed with.
    pub fn open<B: AsRef<[u8]>>(&self, units: &StripeUnits<B>) -> Result<Opened, DecodeError> {
        let mut body = vec![0; self.layout.body()];
        let bad = self.open_units(0, 0..1, units, &mut body)?;
        let head = body
            .get(HEADER_BYTES..)
            .and_then(|rest| rest.first_chunk::<HEAD_BYTES>())
            .ok_or(DecodeError::Shape)?;
        Ok(Opened {
            head: Head::from_bytes(head, self.place, &self.layout)?,
            bad,
        })
    }

    /// The content that `read` asks for, from the units of its stripe.
    ///
    /// Where the units of [`StripeRead::slots`] are all sound, the others are not looked at.
    /// Where one is missing or damaged, it is rebuilt from any others, which are tried in every
    /// combination until the frame's tag is right: that is what tells a damaged parity unit, at
    /// most ten combinations.
    pub fn decode<B: AsRef<[u8]>>(
        &self,
        read: &StripeRead,
        units: &StripeUnits<B>,
    ) -> Result<Decoded, DecodeError> {
        let mut bytes = vec![0; read.units().len() * self.layout.body()];
        let bad = self.open_units(read.stripe(), read.units(), units, &mut bytes)?;
        let (skip, take) = read.trim();
        bytes.drain(..skip);
        bytes.truncate(take);
        Ok(Decoded { bytes, bad })
    }

    /// Opens the units `wanted` of a stripe into `bodies`, and returns the slots found damaged.
    fn open_units<B: AsRef<[u8]>>(
        &self,
        stripe: u32,
        wanted: Range<usize>,
        units: &StripeUnits<B>,
        bodies: &mut [u8],
    ) -> Result<SlotSet, DecodeError> {
        let frames = self.layout.frame_slots(stripe);
        if wanted.end > frames.len() || units.unit() != self.layout.unit() {
            return Err(DecodeError::Shape);
        }
        let wanted: SlotSet = frames.iter().take(wanted.end).skip(wanted.start).collect();
        let mut found = Found {
            zero: SlotSet::DATA.without(frames),
            ..Found::default()
        };
        for (slot, body) in wanted
            .iter()
            .zip(bodies.chunks_exact_mut(self.layout.body()))
        {
            self.try_unit(stripe, slot, units, body, &mut found);
        }
        let missing = wanted.without(found.good);
        if missing.is_empty() {
            return Ok(SlotSet::EMPTY);
        }
        let mut scratch = vec![0; self.layout.unit()];
        for slot in frames.without(wanted).iter() {
            let body = &mut scratch[..self.layout.body()];
            self.try_unit(stripe, slot, units, body, &mut found);
        }
        let parity = units.slots().intersection(SlotSet::PARITY);
        let trusted = found.good.union(found.zero);
        let needed = DATA_SHARDS - trusted.len();
        let mut tried = false;
        for chosen in subsets(parity, needed) {
            let Some(rebuilder) = Rebuilder::new(trusted.union(chosen)) else {
                continue;
            };
            let opened = wanted
                .iter()
                .zip(bodies.chunks_exact_mut(self.layout.body()))
                .filter(|(slot, _)| missing.contains(*slot))
                .all(|(slot, body)| {
                    rebuilder.rebuild_from(slot, |from| found.unit(from, units), &mut scratch);
                    self.cipher.open(frame_number(stripe, slot), &scratch, body)
                });
            if opened {
                // The first choice is right unless a parity unit is damaged: then say which.
                if tried {
                    let others = parity.without(chosen);
                    let wrong = found.disagreeing(&rebuilder, others, units, &mut scratch);
                    found.bad = found.bad.union(wrong);
                }
                return Ok(found.bad);
            }
            tried = true;
        }
        Err(self.refuse(
            stripe,
            units,
            &found,
            BadUnits {
                bad: found.bad,
                suspects: if tried { parity } else { SlotSet::EMPTY },
                more: needed.saturating_sub(parity.len()).max(1),
            },
        ))
    }

    /// Opens the unit of a slot if it is there, and notes how it is.
    fn try_unit<B: AsRef<[u8]>>(
        &self,
        stripe: u32,
        slot: SlotIndex,
        units: &StripeUnits<B>,
        body: &mut [u8],
        found: &mut Found,
    ) {
        if let Some(unit) = units.get(slot) {
            if self.cipher.open(frame_number(stripe, slot), unit, body) {
                found.good.insert(slot);
            } else {
                found.bad.insert(slot);
            }
        }
    }

    /// The error for units that do not give the content: damage, unless nothing opened although
    /// there are enough units to see that they agree with each other.
    fn refuse<B: AsRef<[u8]>>(
        &self,
        stripe: u32,
        units: &StripeUnits<B>,
        found: &Found,
        damage: BadUnits,
    ) -> DecodeError {
        let have = units.slots().union(found.zero);
        let damage = DecodeError::Units(damage);
        if !found.good.is_empty() || have.len() <= DATA_SHARDS {
            return damage;
        }
        let Some(rebuilder) = Rebuilder::new(have) else {
            return damage;
        };
        let spare = have.without(rebuilder.sources().iter().copied().collect());
        let mut scratch = vec![0; self.layout.unit()];
        if !found
            .disagreeing(&rebuilder, spare, units, &mut scratch)
            .is_empty()
        {
            return damage;
        }
        rebuilder.rebuild_from(
            SlotIndex::default(),
            |from| found.unit(from, units),
            &mut scratch,
        );
        match version_of(&scratch) {
            Some(version) if stripe == 0 && version != FORMAT_VERSION => {
                DecodeError::Version(version)
            }
            _ => DecodeError::WrongKey,
        }
    }
}

impl fmt::Debug for SegmentDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentDecoder")
            .field("layout", &self.layout)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// What is known of the data units of a stripe.
#[derive(Default)]
struct Found {
    /// Units without a frame: zero, and known without being there.
    zero: SlotSet,
    /// Units whose frames opened.
    good: SlotSet,
    /// Units whose frames did not.
    bad: SlotSet,
}

impl Found {
    /// The unit to compute with; `None` is a unit of zeros.
    fn unit<'a, B: AsRef<[u8]>>(
        &self,
        slot: SlotIndex,
        units: &'a StripeUnits<B>,
    ) -> Option<&'a [u8]> {
        if self.zero.contains(slot) {
            return None;
        }
        units.get(slot)
    }

    /// Those of `slots` whose units are not what the rebuilder makes of its sources.
    fn disagreeing<B: AsRef<[u8]>>(
        &self,
        rebuilder: &Rebuilder,
        slots: SlotSet,
        units: &StripeUnits<B>,
        scratch: &mut [u8],
    ) -> SlotSet {
        let differs = |slot: &SlotIndex| {
            rebuilder.rebuild_from(*slot, |from| self.unit(from, units), scratch);
            match self.unit(*slot, units) {
                Some(unit) => unit != &*scratch,
                None => scratch.iter().any(|byte| *byte != 0),
            }
        };
        slots.iter().filter(differs).collect()
    }
}

/// Number of the frame in a data slot of a stripe. Both are checked against the layout before.
fn frame_number(stripe: u32, slot: SlotIndex) -> u32 {
    stripe * FRAMES_PER_STRIPE + u32::from(slot.get())
}

/// All subsets of parity slots with this many slots: at most ten.
fn subsets(parity: SlotSet, size: usize) -> impl Iterator<Item = SlotSet> {
    (0..=SlotSet::PARITY.bits() >> DATA_SHARDS)
        .map(|bits| SlotSet::from_bits(bits << DATA_SHARDS))
        .filter(move |set| set.len() == size && set.without(parity).is_empty())
}
