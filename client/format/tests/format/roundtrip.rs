//! Content comes back from any ten units, whole or in part.

use neurostore_format::{
    EncodeError, Kind, Layout, Mode, Place, SegmentDecoder, SegmentEncoder, SlotIndex, SlotSet,
};
use proptest::prelude::*;

use crate::segments::{encode, gather, key, pattern, whole};

/// Lengths around every boundary of small and middle classes, and any up to 3 MiB.
fn any_length() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..12_000usize,
        (0..=11u8, 0..5usize).prop_map(|(class, off)| {
            let class = neurostore_format::ShardClass::new(class).unwrap();
            (Layout::max_content(class) as usize + off).saturating_sub(2)
        }),
        0..3_000_000usize,
    ]
}

fn any_lost() -> impl Strategy<Value = SlotSet> {
    prop::sample::subsequence((0..15u8).collect::<Vec<_>>(), 0..=5)
        .prop_map(|slots| slots.into_iter().filter_map(SlotIndex::new).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_content_in_any_chunks_comes_back_without_any_five_units(
        len in any_length(), chunk in 1..200_000usize, lost in prop::collection::vec(any_lost(), 1..6),
    ) {
        let content = pattern(len);
        let plan = whole(&content);
        let stripes = encode(&key(1), &plan, &content, chunk.max(len / 1000));
        let layout = Layout::from_chain(plan.class(), plan.layout().ciphertext_len()).unwrap();
        prop_assert_eq!(stripes.len() as u32, layout.stripes());
        let decoder = SegmentDecoder::new(&key(1), Place::Root, layout).unwrap();
        let left = |stripe: usize| {
            let slots = SlotSet::ALL.without(lost[stripe % lost.len()]);
            gather(&layout, &stripes[stripe], slots)
        };
        let opened = decoder.open(&left(0)).unwrap();
        prop_assert_eq!(opened.head.content_len, len as u64);
        prop_assert_eq!((opened.head.kind, opened.head.mode), (Kind::Whole, Mode::Private));
        let mut back = Vec::new();
        for read in layout.read(0..opened.head.content_len).unwrap() {
            let decoded = decoder.decode(&read, &left(read.stripe() as usize)).unwrap();
            prop_assert!(decoded.bad.is_empty());
            back.extend(decoded.bytes);
        }
        prop_assert!(back == content);
    }

    #[test]
    fn a_range_comes_back_from_its_own_units_alone_or_from_any_others(
        len in any_length(), a: prop::sample::Index, b: prop::sample::Index, lost in any_lost(),
    ) {
        let content = pattern(len);
        let plan = whole(&content);
        let stripes = encode(&key(2), &plan, &content, 1 << 20);
        let layout = plan.layout();
        let decoder = SegmentDecoder::new(&key(2), Place::Root, layout).unwrap();
        let (a, b) = (a.index(len + 1), b.index(len + 1));
        let (start, end) = (a.min(b), a.max(b));
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for read in layout.read(start as u64..end as u64).unwrap() {
            let stripe = &stripes[read.stripe() as usize];
            let units = gather(&layout, stripe, read.slots());
            own.extend(decoder.decode(&read, &units).unwrap().bytes);
            let units = gather(&layout, stripe, SlotSet::ALL.without(lost));
            others.extend(decoder.decode(&read, &units).unwrap().bytes);
        }
        prop_assert!(own == content[start..end]);
        prop_assert!(others == content[start..end]);
    }

    #[test]
    fn as_many_units_as_the_stripe_has_frames_are_enough(
        len in 0..12_000usize, order in Just((0..15u8).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let content = pattern(len);
        let plan = whole(&content);
        let layout = plan.layout();
        let stripes = encode(&key(3), &plan, &content, 1 << 20);
        let useful = layout.frame_slots(0).union(SlotSet::PARITY);
        let slots = order
            .into_iter()
            .filter_map(SlotIndex::new)
            .filter(|slot| useful.contains(*slot))
            .take(layout.frames_in(0))
            .collect();
        let decoder = SegmentDecoder::new(&key(3), Place::Root, layout).unwrap();
        let opened = decoder.open(&gather(&layout, &stripes[0], slots)).unwrap();
        prop_assert_eq!(opened.head.content_len, len as u64);
    }

    #[test]
    fn the_same_content_in_other_chunks_gives_the_same_shards(
        len in 0..900_000usize, one in 1..100_000usize, two in 1..100_000usize,
    ) {
        let content = pattern(len);
        let plan = whole(&content);
        let shards = |chunk| encode(&key(4), &plan, &content, chunk + len / 500);
        prop_assert!(shards(one) == shards(two));
    }
}

#[test]
fn a_segment_with_room_to_spare_ends_in_stripes_of_zeros() {
    let content = pattern(100);
    let class = neurostore_format::ShardClass::new(8).unwrap();
    let plan =
        neurostore_format::SegmentPlan::new(neurostore_format::Role::Whole, 0..100, class).unwrap();
    let stripes = encode(&key(1), &plan, &content, 7);
    assert_eq!(stripes.len(), 4);
    assert!(stripes[0]
        .unit(SlotIndex::default())
        .iter()
        .any(|byte| *byte != 0));
    for stripe in &stripes[1..] {
        assert!(SlotIndex::all().all(|slot| stripe.unit(slot).iter().all(|byte| *byte == 0)));
    }
}

#[test]
fn content_of_another_length_than_planned_is_refused() {
    let plan = whole(&pattern(50));
    let mut encoder = SegmentEncoder::new(&key(1), &plan, Mode::Private).unwrap();
    assert_eq!(
        encoder.write(&mut [0; 60].as_slice()),
        Err(EncodeError::TooLong(10))
    );
    assert_eq!(encoder.write(&mut [0; 20].as_slice()), Ok(None));
    assert_eq!(encoder.finish(), Err(EncodeError::TooShort(30)));
    assert_eq!(encoder.write(&mut [0; 30].as_slice()), Ok(None));
    assert!(encoder.finish().unwrap().is_some());
    assert_eq!(encoder.finish(), Ok(None));
    assert_eq!(
        encoder.write(&mut [0; 1].as_slice()),
        Err(EncodeError::TooLong(1))
    );
}

#[test]
fn debug_of_an_encoder_shows_neither_key_nor_content() {
    let plan = whole(&pattern(50));
    let mut encoder = SegmentEncoder::new(&key(0xab), &plan, Mode::Private).unwrap();
    encoder.write(&mut b"a secret content".as_slice()).unwrap();
    let text = format!("{encoder:?}");
    assert!(!text.contains("171") && !text.contains("97, 32"), "{text}");
}
