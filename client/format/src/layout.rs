//! The shape of a segment: how content maps to frames, stripes and bytes of shards.
//!
//! A segment is a sequence of frames, one in each data unit. Frame `f` is unit `f % 10` of stripe
//! `f / 10`, and unit `u` of stripe `s` stands in data shard `u` at offset `s * unit`. The first
//! 64 bytes of frame 0 are the two headers; counted with them, content byte `i` is byte
//! `(i + 64) % (unit - 16)` of frame `(i + 64) / (unit - 16)`.

use core::ops::Range;

use neurostore_primitives::{ShardClass, SlotIndex, DATA_SHARDS, LEAF_BYTES};

use crate::slots::SlotSet;

/// Bytes of the cleartext header at the start of unit 0 of stripe 0.
pub const HEADER_BYTES: usize = 48;
/// Bytes of the secret header, the first plaintext of the first frame.
pub const HEAD_BYTES: usize = 16;
/// The cleartext header.
pub(crate) type Header = [u8; HEADER_BYTES];
/// The part of the cleartext header that does not depend on the key.
pub(crate) type HeaderPrefix = [u8; 16];
/// Bytes of the largest unit, and of every unit from class 6 on.
pub const MAX_UNIT_BYTES: usize = 64 * 1024;
/// Bytes of a frame's authentication tag, at the end of its unit.
pub const TAG_BYTES: usize = 16;
/// The smallest class whose shards are as long as the largest unit.
const FULL_UNIT_CLASS: u8 = 6;
/// Data units of a stripe, as a number of frames.
pub(crate) const FRAMES_PER_STRIPE: u32 = 10;
const _: () = assert!(FRAMES_PER_STRIPE as usize == DATA_SHARDS);
/// Bytes before the content.
pub(crate) const LEAD_BYTES: usize = HEADER_BYTES + HEAD_BYTES;

/// The shape of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    class: ShardClass,
    /// 1 up to ten for each stripe.
    frames: u32,
}

/// Why there is no such segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The content is longer than a segment of the class can hold.
    #[error("a content of {content_len} bytes does not fit a segment of class {class}")]
    ContentTooLong {
        /// The class.
        class: ShardClass,
        /// Bytes of the content.
        content_len: u64,
    },
    /// No segment of the class has a ciphertext of this length.
    #[error("no segment of class {class} has a ciphertext of {ciphertext_len} bytes")]
    CiphertextLength {
        /// The class.
        class: ShardClass,
        /// The length that the chain, or whoever asked, gave.
        ciphertext_len: u64,
    },
    /// The range ends after the content, or before it starts.
    #[error("the range {}..{} is not inside the {content_len} bytes there are", .range.start, .range.end)]
    Range {
        /// The range asked for.
        range: Range<u64>,
        /// Bytes of content.
        content_len: u64,
    },
}

impl Layout {
    /// The layout of a segment of this class that holds this many bytes of content.
    pub fn for_content(class: ShardClass, content_len: u64) -> Result<Self, LayoutError> {
        let too_long = LayoutError::ContentTooLong { class, content_len };
        let body = body_bytes(class) as u64;
        let frames = content_len
            .checked_add(LEAD_BYTES as u64)
            .map(|len| len.div_ceil(body))
            .and_then(|frames| u32::try_from(frames).ok())
            .ok_or(too_long.clone())?;
        if frames > max_frames(class) {
            return Err(too_long);
        }
        Ok(Self { class, frames })
    }

    /// The layout of a segment that the chain describes.
    pub fn from_chain(class: ShardClass, ciphertext_len: u64) -> Result<Self, LayoutError> {
        let unit = unit_bytes(class) as u64;
        let frames = u32::try_from(ciphertext_len / unit).unwrap_or(u32::MAX);
        if !ciphertext_len.is_multiple_of(unit) || frames == 0 || frames > max_frames(class) {
            return Err(LayoutError::CiphertextLength {
                class,
                ciphertext_len,
            });
        }
        Ok(Self { class, frames })
    }

    /// The most content that a segment of this class holds.
    pub const fn max_content(class: ShardClass) -> u64 {
        body_bytes(class) as u64 * max_frames(class) as u64 - LEAD_BYTES as u64
    }

    /// The smallest class that holds this much content, or `None` where no segment does.
    pub fn smallest_class(content_len: u64) -> Option<ShardClass> {
        ShardClass::all().find(|class| Self::max_content(*class) >= content_len)
    }

    /// Class of the shards.
    pub const fn class(&self) -> ShardClass {
        self.class
    }

    /// Bytes of a unit: 64 KiB, or the whole shard where it is shorter.
    pub const fn unit(&self) -> usize {
        unit_bytes(self.class)
    }

    /// Bytes of a unit without the tag.
    pub(crate) const fn body(&self) -> usize {
        body_bytes(self.class)
    }

    /// Frames of the segment, at least one.
    pub const fn frames(&self) -> u32 {
        self.frames
    }

    /// Stripes of the segment: units of one shard, padding included.
    pub const fn stripes(&self) -> u32 {
        stripes(self.class)
    }

    /// Bytes of ciphertext, as the chain counts them: all units that hold a frame.
    pub const fn ciphertext_len(&self) -> u64 {
        self.frames as u64 * self.unit() as u64
    }

    /// Bytes of content for which the frames have room.
    pub const fn room(&self) -> u64 {
        self.frames as u64 * self.body() as u64 - LEAD_BYTES as u64
    }

    /// Data units of a stripe that hold a frame, `0..=10`. The others are zero and known without
    /// asking anybody, so this many different units of the stripe give all of it back.
    pub fn frames_in(&self, stripe: u32) -> usize {
        let before = u64::from(stripe) * DATA_SHARDS as u64;
        let left = u64::from(self.frames).saturating_sub(before);
        usize::try_from(left)
            .unwrap_or(DATA_SHARDS)
            .min(DATA_SHARDS)
    }

    /// The data slots of a stripe that hold a frame.
    pub fn frame_slots(&self, stripe: u32) -> SlotSet {
        SlotIndex::all().take(self.frames_in(stripe)).collect()
    }

    /// What to read for a range of content, stripe by stripe.
    ///
    /// `range` must be inside the room of the segment; the caller has compared it with the
    /// length of the content, which only the segment's head or the index knows.
    pub fn read(
        &self,
        range: Range<u64>,
    ) -> Result<impl Iterator<Item = StripeRead> + Send + 'static, LayoutError> {
        if range.start > range.end || range.end > self.room() {
            return Err(LayoutError::Range {
                range,
                content_len: self.room(),
            });
        }
        let layout = *self;
        let mut start = range.start;
        Ok(core::iter::from_fn(move || {
            let read = layout.read_once(start..range.end)?;
            start += read.take as u64;
            Some(read)
        }))
    }

    /// The first stripe of a read, or `None` where the range is empty.
    fn read_once(&self, range: Range<u64>) -> Option<StripeRead> {
        if range.is_empty() {
            return None;
        }
        let body = self.body() as u64;
        let in_stripe = body * DATA_SHARDS as u64;
        let start = range.start + LEAD_BYTES as u64;
        let end = range.end + LEAD_BYTES as u64;
        let stripe = start / in_stripe;
        let base = stripe * in_stripe;
        let (start, end) = (start - base, (end - base).min(in_stripe));
        let first = start / body;
        Some(StripeRead {
            stripe: u32::try_from(stripe).ok()?,
            unit: self.unit(),
            first: usize::try_from(first).ok()?,
            end: usize::try_from(end.div_ceil(body)).ok()?,
            skip: usize::try_from(start - first * body).ok()?,
            take: usize::try_from(end - start).ok()?,
        })
    }
}

/// The part of a read that falls into one stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripeRead {
    stripe: u32,
    unit: usize,
    first: usize,
    end: usize,
    skip: usize,
    take: usize,
}

impl StripeRead {
    /// Number of the stripe.
    pub const fn stripe(&self) -> u32 {
        self.stripe
    }

    /// Where the stripe's unit starts in every shard.
    pub const fn shard_offset(&self) -> u64 {
        self.stripe as u64 * self.unit as u64
    }

    /// Bytes of a unit.
    pub const fn unit(&self) -> usize {
        self.unit
    }

    /// The data slots whose units hold what is read. Where one is missing, other units of the
    /// stripe take its place: see [`Layout::frames_in`].
    pub fn slots(&self) -> SlotSet {
        SlotIndex::all().take(self.end).skip(self.first).collect()
    }

    /// Bytes of content that the stripe contributes.
    pub const fn content_len(&self) -> usize {
        self.take
    }

    /// Data units in `0..10` that are read.
    pub(crate) const fn units(&self) -> Range<usize> {
        self.first..self.end
    }

    /// Bytes to skip in the first unit, and to take from there.
    pub(crate) const fn trim(&self) -> (usize, usize) {
        (self.skip, self.take)
    }
}

const fn unit_bytes(class: ShardClass) -> usize {
    if class.get() < FULL_UNIT_CLASS {
        LEAF_BYTES << class.get()
    } else {
        MAX_UNIT_BYTES
    }
}

const fn body_bytes(class: ShardClass) -> usize {
    unit_bytes(class) - TAG_BYTES
}

const fn stripes(class: ShardClass) -> u32 {
    1 << class.get().saturating_sub(FULL_UNIT_CLASS)
}

const fn max_frames(class: ShardClass) -> u32 {
    stripes(class) * FRAMES_PER_STRIPE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn class(number: u8) -> ShardClass {
        ShardClass::new(number).unwrap()
    }

    #[test]
    fn units_and_stripes_make_up_the_shard() {
        for class in ShardClass::all() {
            let layout = Layout::for_content(class, 0).unwrap();
            assert_eq!(
                layout.unit() as u64 * u64::from(layout.stripes()),
                class.shard_bytes()
            );
            assert_eq!(layout.frames(), 1);
            let full = Layout::for_content(class, Layout::max_content(class)).unwrap();
            assert_eq!(full.ciphertext_len(), class.segment_bytes());
            assert_eq!(full.room(), Layout::max_content(class));
            assert!(Layout::for_content(class, Layout::max_content(class) + 1).is_err());
        }
    }

    #[test]
    fn lengths_no_segment_has_are_refused() {
        for len in [0, 1, 1023, 1025, 11 * 1024, u64::MAX, u64::MAX - 1023] {
            assert!(Layout::from_chain(class(0), len).is_err(), "{len}");
        }
        assert!(Layout::for_content(class(16), u64::MAX).is_err());
    }

    fn any_segment() -> impl Strategy<Value = (Layout, u64)> {
        (0..=16u8).prop_flat_map(|number| {
            let class = class(number);
            (0..=Layout::max_content(class))
                .prop_map(move |len| (Layout::for_content(class, len).unwrap(), len))
        })
    }

    proptest! {
        #[test]
        fn the_chain_record_gives_the_layout_back((layout, len) in any_segment()) {
            prop_assert_eq!(Layout::from_chain(layout.class(), layout.ciphertext_len()), Ok(layout));
            prop_assert!(len <= layout.room());
            prop_assert!(len + layout.body() as u64 > layout.room() || layout.frames() == 1);
            let frames: u64 = (0..layout.stripes()).map(|s| layout.frames_in(s) as u64).sum();
            prop_assert_eq!(frames, u64::from(layout.frames()));
            prop_assert_eq!(layout.frames_in(layout.stripes()), 0);
        }

        #[test]
        fn a_read_covers_its_range_once_and_only_units_with_frames(
            (layout, len) in any_segment(), a: u64, b: u64,
        ) {
            let (a, b) = (a % (len + 1), b % (len + 1));
            let range = a.min(b)..a.max(b);
            let mut position = range.start + LEAD_BYTES as u64;
            for read in layout.read(range.clone()).unwrap() {
                let body = layout.body() as u64;
                let frame = u64::from(read.stripe()) * 10 + read.units().start as u64;
                prop_assert_eq!(frame, position / body);
                prop_assert_eq!(read.trim().0 as u64, position % body);
                prop_assert!(read.content_len() > 0);
                prop_assert!(read.units().end <= layout.frames_in(read.stripe()));
                let last = position + read.content_len() as u64 - 1;
                prop_assert_eq!(u64::from(read.stripe()) * 10 + read.units().end as u64 - 1, last / body);
                position = last + 1;
            }
            prop_assert_eq!(position, range.end + LEAD_BYTES as u64);
        }

        #[test]
        fn any_chain_record_is_refused_or_consistent(number in 0..=16u8, len: u64) {
            if let Ok(layout) = Layout::from_chain(class(number), len) {
                prop_assert_eq!(layout.ciphertext_len(), len);
                prop_assert!(len <= class(number).segment_bytes());
            }
        }
    }

    #[test]
    fn a_range_outside_is_refused() {
        let layout = Layout::for_content(class(0), 100).unwrap();
        assert!(layout.read(0..layout.room() + 1).is_err());
        #[allow(clippy::reversed_empty_ranges)]
        let reversed = 5..4;
        assert!(layout.read(reversed).is_err());
        assert_eq!(layout.read(7..7).unwrap().count(), 0);
    }
}
