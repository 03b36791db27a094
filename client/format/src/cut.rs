//! Cutting an object into segments.

use alloc::{vec, vec::Vec};
use core::{num::NonZeroU32, ops::Range};

use neurostore_primitives::ShardClass;

use crate::{
    bounds::MAX_PARTS,
    header::Kind,
    key::Place,
    layout::{Layout, LayoutError},
};

/// The largest class that an object takes whole however much of it is padding (10 MiB): a
/// segment more on the chain costs everybody more than the padding costs its owner.
const SMALL_CLASS: u8 = 10;
/// The largest class of a last segment whose padding is measured against the whole object only.
const SMALL_TAIL_CLASS: u8 = 11;
/// At most one in this many bytes of an object's segments is padding.
const OBJECT_SHARE: u64 = 8;
/// At most one in this many bytes of a large last segment is padding: an eighth of an object of
/// many segments would be more than the segment saves.
const TAIL_SHARE: u64 = 4;
const LARGEST: ShardClass = match ShardClass::new(neurostore_primitives::MAX_CLASS) {
    Some(class) => class,
    None => panic!("the largest class is a class"),
};

/// The most bytes an object can have: all parts of the largest class, about 80 TiB.
pub const MAX_OBJECT_BYTES: u64 = Layout::max_content(LARGEST) * MAX_PARTS as u64;
const _: () = assert!(MAX_OBJECT_BYTES > 79 << 40);

/// What a segment is in its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The root, holding the whole object.
    Whole,
    /// The root, holding the index of the parts.
    Index,
    /// A data segment, numbered from one.
    Part(NonZeroU32),
}

impl Role {
    /// The place that the segment's keys are derived for.
    pub const fn place(self) -> Place {
        match self {
            Self::Whole | Self::Index => Place::Root,
            Self::Part(number) => Place::Part(number),
        }
    }

    /// The kind that the segment's head names.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Whole => Kind::Whole,
            Self::Index => Kind::Index,
            Self::Part(_) => Kind::Part,
        }
    }
}

/// One segment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPlan {
    role: Role,
    content: Range<u64>,
    layout: Layout,
}

impl SegmentPlan {
    /// A segment of this class for this range. [`cut`] makes the plans of an object.
    pub fn new(role: Role, content: Range<u64>, class: ShardClass) -> Result<Self, LayoutError> {
        let layout = Layout::for_content(class, content.end.saturating_sub(content.start))?;
        Ok(Self {
            role,
            content,
            layout,
        })
    }

    /// What the segment is in its object.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Class of its shards.
    pub const fn class(&self) -> ShardClass {
        self.layout.class()
    }

    /// Which bytes of the object (for an index: of the index) it holds.
    pub fn content(&self) -> Range<u64> {
        self.content.clone()
    }

    /// Bytes of content.
    pub const fn content_len(&self) -> u64 {
        self.content.end - self.content.start
    }

    /// The shape of the segment; its ciphertext length is what a reservation asks for.
    pub const fn layout(&self) -> Layout {
        self.layout
    }
}

/// The object is larger than any index can describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object of {0} bytes is larger than the largest of {MAX_OBJECT_BYTES}")]
pub struct ObjectTooLarge(pub u64);

/// The segments that hold an object of this many bytes.
///
/// One plan means that the object is its own root. More are the parts in order, and the root is
/// an [`crate::Index`] over them, whose plan follows once they have identities.
///
/// An object of up to 10 MiB takes the smallest class that holds it. A larger one is cut from
/// large segments to small ones, so that at most one byte in eight of all is padding: 329 MiB
/// are 320 + 10, not a padded 640.
pub fn cut(object_len: u64) -> Result<Vec<SegmentPlan>, ObjectTooLarge> {
    let too_large = ObjectTooLarge(object_len);
    if object_len > MAX_OBJECT_BYTES {
        return Err(too_large);
    }
    let classes = classes_for(object_len).ok_or(too_large)?;
    if let [class] = classes[..] {
        return match SegmentPlan::new(Role::Whole, 0..object_len, class) {
            Ok(plan) => Ok(vec![plan]),
            Err(_) => Err(too_large),
        };
    }
    let mut start = 0;
    let mut plans = Vec::with_capacity(classes.len());
    for class in classes {
        let Some(Place::Part(number)) = Place::part(plans.len()) else {
            return Err(too_large);
        };
        let end = object_len.min(start + Layout::max_content(class));
        let plan =
            SegmentPlan::new(Role::Part(number), start..end, class).map_err(|_| too_large)?;
        plans.push(plan);
        start = end;
    }
    Ok(plans)
}

/// The classes of the segments, all filled but the last.
fn classes_for(object_len: u64) -> Option<Vec<ShardClass>> {
    let mut classes = Vec::new();
    let mut rest = object_len;
    let mut allocated = 0u64;
    loop {
        let class = match Layout::smallest_class(rest) {
            Some(class) if is_last(class, rest, allocated) => {
                classes.push(class);
                return (classes.len() <= MAX_PARTS).then_some(classes);
            }
            // The class that holds the rest would waste too much: fill the one below it.
            Some(class) => ShardClass::new(class.get().saturating_sub(1))?,
            None => LARGEST,
        };
        if classes.len() == MAX_PARTS {
            return None;
        }
        classes.push(class);
        allocated += class.segment_bytes();
        rest -= Layout::max_content(class);
    }
}

/// Whether the rest goes into one segment of this class, the smallest that holds it.
fn is_last(class: ShardClass, rest: u64, allocated: u64) -> bool {
    let padding = Layout::max_content(class) - rest;
    let small_object = allocated == 0 && class.get() <= SMALL_CLASS;
    let share_of_object = padding <= (allocated + class.segment_bytes()) / OBJECT_SHARE;
    let share_of_segment = padding <= class.segment_bytes() / TAIL_SHARE;
    class.get() == 0
        || small_object
        || (share_of_object && (share_of_segment || class.get() <= SMALL_TAIL_CLASS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn classes(len: u64) -> Vec<u8> {
        cut(len)
            .unwrap()
            .iter()
            .map(|plan| plan.class().get())
            .collect()
    }

    #[test]
    fn an_empty_object_is_one_segment_of_the_smallest_class() {
        let plans = cut(0).unwrap();
        assert_eq!(plans.len(), 1);
        assert_eq!((plans[0].role(), plans[0].class().get()), (Role::Whole, 0));
        assert_eq!(plans[0].layout().ciphertext_len(), 1024);
    }

    #[test]
    fn a_small_object_takes_the_smallest_class_that_holds_it() {
        assert_eq!(classes(10 * 1008 - 64), [0]);
        assert_eq!(classes(10 * 1008 - 63), [1]);
        assert_eq!(classes(6 * MIB), [10]);
    }

    #[test]
    fn a_large_object_is_cut_from_large_to_small() {
        assert_eq!(classes(329 * MIB), [15, 10]);
        assert_eq!(classes(330 * MIB), [15, 11]);
        assert_eq!(classes(640 * MIB), [16, 5]);
        assert_eq!(classes(600 * MIB), [16]);
        assert_eq!(classes(970 * MIB), [16, 15, 11]);
        assert_eq!(classes(1024 * MIB), [16, 15, 13]);
        assert_eq!(classes(31 * MIB / 2), [10, 9, 6]);
    }

    #[test]
    fn more_than_a_tebibyte_is_cut_and_more_than_the_largest_object_is_refused() {
        let classes = classes(3 << 40);
        assert_eq!(classes.iter().filter(|class| **class == 16).count(), 4916);
        assert_eq!(classes[4916..], [15]);
        assert_eq!(cut(MAX_OBJECT_BYTES).unwrap().len(), MAX_PARTS);
        assert_eq!(
            cut(MAX_OBJECT_BYTES + 1),
            Err(ObjectTooLarge(MAX_OBJECT_BYTES + 1))
        );
        assert!(cut(u64::MAX).is_err());
    }

    fn any_length() -> impl Strategy<Value = u64> {
        (0..44u32, any::<u64>()).prop_map(|(bits, value)| value & ((1 << bits) - 1))
    }

    proptest! {
        #[test]
        fn the_segments_cover_the_object_in_order(len in any_length()) {
            let plans = cut(len).unwrap();
            let mut end = 0;
            for (position, plan) in plans.iter().enumerate() {
                prop_assert_eq!(plan.content().start, end);
                prop_assert!(plan.content_len() > 0 || plans.len() == 1);
                end = plan.content().end;
                let place = if plans.len() == 1 { Some(Place::Root) } else { Place::part(position) };
                prop_assert_eq!(Some(plan.role().place()), place);
            }
            prop_assert_eq!(end, len);
        }

        #[test]
        fn classes_never_grow_and_few_follow_the_largest(len in any_length()) {
            let classes = classes(len);
            prop_assert!(classes.windows(2).all(|pair| pair[0] >= pair[1]));
            prop_assert!(classes.iter().filter(|class| **class < 16).count() <= 5);
        }

        #[test]
        fn padding_is_under_an_eighth_above_ten_mebibytes(len in any_length()) {
            let plans = cut(len).unwrap();
            let stored: u64 = plans.iter().map(|plan| plan.class().segment_bytes()).sum();
            if stored > 10 * MIB {
                let room: u64 = plans.iter().map(|plan| Layout::max_content(plan.class())).sum();
                prop_assert!((room - len) * 8 <= stored);
            } else {
                prop_assert_eq!(Some(plans[0].class()), Layout::smallest_class(len));
            }
        }
    }
}
