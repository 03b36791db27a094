//! The index: what the root of an object of several segments holds.

use alloc::vec::Vec;
use core::ops::Range;

use neurostore_primitives::{SegmentId, ShardClass};
use zeroize::Zeroizing;

use crate::{
    bounds::{FIXED_BYTES, MAX_PARTS, PART_BYTES},
    cut::{Role, SegmentPlan},
    key::{Place, SegmentKey},
    layout::{Layout, LayoutError},
};

/// One data segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its identity.
    pub segment: SegmentId,
    /// Its key.
    pub key: SegmentKey,
    /// Class of its shards.
    pub class: ShardClass,
    /// Bytes of the object that it holds.
    pub content_len: u64,
}

impl Part {
    /// The shape of the segment.
    pub fn layout(&self) -> Result<Layout, LayoutError> {
        Layout::for_content(self.class, self.content_len)
    }
}

/// The data segments of an object in order: at least two, each with content that fits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    parts: Vec<Part>,
    object_len: u64,
}

/// What to read of one part for a range of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRead {
    /// Position in [`Index::parts`].
    pub position: usize,
    /// The place that the part's keys are derived for.
    pub place: Place,
    /// The range of the part's content.
    pub content: Range<u64>,
}

/// Why bytes or parts are not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The number of parts is not in `2..=MAX_PARTS`.
    #[error("an index of {0} parts; it has from 2 to {MAX_PARTS}")]
    PartCount(u64),
    /// The bytes are more or fewer than the number of parts says.
    #[error("an index of {got} bytes where its parts take {expected}")]
    Length {
        /// Bytes there are.
        got: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// A part names no shard class.
    #[error("part {0} names a shard class that does not exist")]
    Class(usize),
    /// A part is empty or holds more than its class can.
    #[error("part {0} is empty, or holds more than a segment of its class can")]
    ContentLength(usize),
    /// The parts together are not as long as the object.
    #[error("the parts together are not as long as the object")]
    ObjectLength,
    /// A reserved byte is not zero.
    #[error("reserved bytes of the index are not zero")]
    Reserved,
}

impl Index {
    /// The index of these parts.
    pub fn new(parts: Vec<Part>) -> Result<Self, IndexError> {
        if !(2..=MAX_PARTS).contains(&parts.len()) {
            return Err(IndexError::PartCount(parts.len() as u64));
        }
        let mut object_len = 0u64;
        for (position, part) in parts.iter().enumerate() {
            if part.content_len == 0 || part.layout().is_err() {
                return Err(IndexError::ContentLength(position));
            }
            object_len = object_len
                .checked_add(part.content_len)
                .ok_or(IndexError::ObjectLength)?;
        }
        Ok(Self { parts, object_len })
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Bytes of the object.
    pub const fn object_len(&self) -> u64 {
        self.object_len
    }

    /// The plan of the root segment that holds this index. Its content is [`Index::to_bytes`].
    pub fn plan(&self) -> Result<SegmentPlan, LayoutError> {
        let len = index_bytes(self.parts.len()) as u64;
        let class = Layout::smallest_class(len).unwrap_or_default();
        SegmentPlan::new(Role::Index, 0..len, class)
    }

    /// What to read for a range of the object, part by part.
    pub fn read(
        &self,
        range: Range<u64>,
    ) -> Result<impl Iterator<Item = PartRead> + Send + '_, LayoutError> {
        if range.start > range.end || range.end > self.object_len {
            return Err(LayoutError::Range {
                range,
                content_len: self.object_len,
            });
        }
        let mut end = 0;
        Ok(self
            .parts
            .iter()
            .enumerate()
            .filter_map(move |(position, part)| {
                let start = end;
                end += part.content_len;
                let content = range.start.max(start)..range.end.min(end);
                if content.is_empty() {
                    return None;
                }
                let content = content.start - start..content.end - start;
                Some(PartRead {
                    position,
                    place: Place::part(position)?,
                    content,
                })
            }))
    }

    /// The bytes of the index. They hold keys, so they are wiped when dropped.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it at once: a vector that grows leaves copies of the keys behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(index_bytes(self.parts.len())));
        bytes.extend_from_slice(&self.object_len.to_le_bytes());
        bytes.extend_from_slice(&(self.parts.len() as u64).to_le_bytes());
        for part in &self.parts {
            bytes.extend_from_slice(&part.segment.0);
            bytes.extend_from_slice(part.key.expose());
            bytes.extend_from_slice(&part.content_len.to_le_bytes());
            bytes.push(part.class.get());
        }
        bytes
    }

    /// Reads an index. Allocates nothing before the number of parts agrees with the bytes there
    /// are.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        let wrong_length = |expected| IndexError::Length {
            got: bytes.len(),
            expected,
        };
        let (object_len, rest) = bytes.split_first_chunk().ok_or(wrong_length(FIXED_BYTES))?;
        let (count, rest) = rest.split_first_chunk().ok_or(wrong_length(FIXED_BYTES))?;
        let (reserved, rest) = rest
            .split_first_chunk::<4>()
            .ok_or(wrong_length(FIXED_BYTES))?;
        if *reserved != [0; 4] {
            return Err(IndexError::Reserved);
        }
        let count = u32::from_le_bytes(*count);
        let parts = usize::try_from(count).unwrap_or(usize::MAX);
        if !(2..=MAX_PARTS).contains(&parts) {
            return Err(IndexError::PartCount(count.into()));
        }
        if bytes.len() != index_bytes(parts) {
            return Err(wrong_length(index_bytes(parts)));
        }
        let parts = rest
            .chunks_exact(PART_BYTES)
            .enumerate()
            .map(|(position, part)| read_part(part).ok_or(IndexError::Class(position)))
            .collect::<Result<Vec<_>, _>>()?;
        let index = Self::new(parts)?;
        if index.object_len != u64::from_le_bytes(*object_len) {
            return Err(IndexError::ObjectLength);
        }
        Ok(index)
    }
}

const fn index_bytes(parts: usize) -> usize {
    FIXED_BYTES + PART_BYTES * parts
}

fn read_part(bytes: &[u8]) -> Option<Part> {
    let (segment, rest) = bytes.split_first_chunk()?;
    let (key, rest) = rest.split_first_chunk()?;
    let (content_len, class) = rest.split_first_chunk()?;
    Some(Part {
        segment: SegmentId(*segment),
        key: SegmentKey::from_bytes(*key),
        class: ShardClass::new(*class.first()?)?,
        content_len: u64::from_le_bytes(*content_len),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bounds::MAX_INDEX_BYTES;

    fn any_part() -> impl Strategy<Value = Part> {
        (any::<[u8; 32]>(), any::<[u8; 32]>(), 0..=16u8, any::<u64>()).prop_map(
            |(segment, key, class, len)| {
                let class = ShardClass::new(class).unwrap();
                Part {
                    segment: SegmentId(segment),
                    key: SegmentKey::from_bytes(key),
                    class,
                    content_len: 1 + len % Layout::max_content(class),
                }
            },
        )
    }

    fn any_index() -> impl Strategy<Value = Index> {
        prop::collection::vec(any_part(), 2..9).prop_map(|parts| Index::new(parts).unwrap())
    }

    proptest! {
        #[test]
        fn an_index_comes_back_from_its_bytes(index in any_index()) {
            let bytes = index.to_bytes();
            prop_assert_eq!(bytes.len() as u64, index.plan().unwrap().content_len());
            prop_assert_eq!(Index::from_bytes(&bytes), Ok(index));
        }

        #[test]
        fn a_cut_or_lengthened_index_is_refused(index in any_index(), cut: prop::sample::Index) {
            let mut bytes = index.to_bytes();
            prop_assert!(Index::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
            bytes.push(0);
            prop_assert!(Index::from_bytes(&bytes).is_err());
        }

        #[test]
        fn a_flipped_bit_never_reads_as_the_same_index(
            index in any_index(), at: prop::sample::Index, bit in 0..8u8,
        ) {
            let mut bytes = index.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            match Index::from_bytes(&bytes) {
                Ok(other) => prop_assert_eq!(other.to_bytes(), bytes),
                Err(_) => prop_assert_ne!(index.to_bytes(), bytes),
            }
        }

        #[test]
        fn any_bytes_are_refused_or_read_back_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(index) = Index::from_bytes(&bytes) {
                prop_assert_eq!(&*index.to_bytes(), &bytes);
            }
        }

        #[test]
        fn a_range_is_read_from_the_parts_that_hold_it(index in any_index(), a: u64, b: u64) {
            let (a, b) = (a % (index.object_len() + 1), b % (index.object_len() + 1));
            let range = a.min(b)..a.max(b);
            let mut position = range.start;
            for read in index.read(range.clone()).unwrap() {
                let before: u64 =
                    index.parts()[..read.position].iter().map(|part| part.content_len).sum();
                prop_assert_eq!(before + read.content.start, position);
                prop_assert!(read.content.end <= index.parts()[read.position].content_len);
                prop_assert_eq!(Some(read.place), Place::part(read.position));
                position = before + read.content.end;
            }
            prop_assert_eq!(position, range.end);
        }
    }

    #[test]
    fn an_index_that_claims_many_parts_is_refused_by_its_length() {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[8..12].copy_from_slice(&u32::try_from(MAX_PARTS).unwrap().to_le_bytes());
        let expected = index_bytes(MAX_PARTS);
        assert_eq!(
            Index::from_bytes(&bytes),
            Err(IndexError::Length { got: 16, expected })
        );
        bytes[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            Index::from_bytes(&bytes),
            Err(IndexError::PartCount(u32::MAX.into()))
        );
    }

    #[test]
    fn debug_of_an_index_shows_no_key() {
        let part = Part {
            segment: SegmentId([1; 32]),
            key: SegmentKey::from_bytes([0xcd; 32]),
            class: ShardClass::default(),
            content_len: 1,
        };
        let index = Index::new(vec![part.clone(), part]).unwrap();
        assert!(!format!("{index:?}").contains("cd") && !format!("{index:?}").contains("205"));
    }

    #[test]
    fn the_largest_index_fits_one_segment() {
        assert!(Layout::smallest_class(MAX_INDEX_BYTES).is_some());
    }
}
