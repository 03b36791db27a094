//! Whatever happens to units, content is right or refused, and only damaged units are named.

use neurostore_format::{
    BadUnits, DecodeError, Layout, Mode, Place, Role, SegmentDecoder, SegmentEncoder, SegmentPlan,
    ShardClass, SlotIndex, SlotSet, Stripe, StripeUnits, WrongUnitLength, DATA_SHARDS,
};
use proptest::prelude::*;

use crate::segments::{decode_stripe, encode, gather, key, pattern, whole};

fn slot(number: u8) -> SlotIndex {
    SlotIndex::new(number).unwrap()
}

fn slots(numbers: &[u8]) -> SlotSet {
    numbers.iter().map(|number| slot(*number)).collect()
}

struct Sealed {
    content: Vec<u8>,
    stripes: Vec<Stripe>,
    decoder: SegmentDecoder,
}

impl Sealed {
    /// A root segment of the smallest class that holds so much content.
    fn new(len: usize) -> Self {
        let content = pattern(len);
        let plan = whole(&content);
        let stripes = encode(&key(1), &plan, &content, 1 << 20);
        let decoder = SegmentDecoder::new(&key(1), Place::Root, plan.layout()).unwrap();
        Self {
            content,
            stripes,
            decoder,
        }
    }

    fn units(&self, stripe: usize, slots: SlotSet) -> StripeUnits<Vec<u8>> {
        gather(self.decoder.layout(), &self.stripes[stripe], slots)
    }

    fn decode(
        &self,
        stripe: usize,
        units: &StripeUnits<Vec<u8>>,
    ) -> Result<neurostore_format::Decoded, DecodeError> {
        decode_stripe(&self.decoder, self.content.len(), stripe, units)
    }

    /// The content of a stripe.
    fn expected(&self, stripe: usize) -> &[u8] {
        let mut reads = self
            .decoder
            .layout()
            .read(0..self.content.len() as u64)
            .unwrap();
        let start: usize = reads
            .by_ref()
            .take(stripe)
            .map(|read| read.content_len())
            .sum();
        let len = reads.next().unwrap().content_len();
        &self.content[start..][..len]
    }
}

/// Flips bits of the unit at `at`.
fn damage(units: &mut StripeUnits<Vec<u8>>, slot: SlotIndex, at: usize, flip: u8) {
    let mut unit = units.remove(slot).unwrap();
    unit[at] ^= flip;
    units.insert(slot, unit).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn content_is_right_when_enough_sound_units_are_there_and_refused_when_not(
        len in 0..25_000usize,
        present in 0..1u16 << 15,
        hurt in 0..1u16 << 15,
        heal in 0..1u16 << 15,
        at: prop::sample::Index,
        flip in 1..=255u8,
    ) {
        let sealed = Sealed::new(len);
        let layout = *sealed.decoder.layout();
        let present = SlotSet::from_bits(present);
        // Two random sets together: about one unit in four is damaged.
        let hurt = SlotSet::from_bits(hurt & heal).intersection(present);
        let mut units = sealed.units(0, present);
        for slot in hurt.iter() {
            damage(&mut units, slot, at.index(layout.unit()), flip);
        }
        let zero = SlotSet::DATA.without(layout.frame_slots(0));
        let sound = present.without(hurt).union(zero);
        match sealed.decoder.open(&units) {
            Ok(opened) => {
                prop_assert_eq!(opened.head.content_len, len as u64);
                prop_assert!(opened.bad.without(hurt).is_empty(), "{:?}", opened.bad);
            }
            Err(DecodeError::Units(BadUnits { bad, suspects, more })) => {
                prop_assert!(sound.len() < DATA_SHARDS);
                prop_assert!(bad.without(hurt).is_empty());
                prop_assert!(suspects.is_empty() || !suspects.intersection(hurt).is_empty());
                prop_assert!(more >= 1 && sound.len() + more <= DATA_SHARDS);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        if sound.len() >= DATA_SHARDS && len > 0 {
            prop_assert_eq!(sealed.decode(0, &units).unwrap().bytes, sealed.expected(0));
        }
    }

    #[test]
    fn a_flipped_bit_in_any_data_unit_is_named(
        len in 600_000..1_400_000usize, stripe in 0..2usize, number in 0..10u8,
        at: prop::sample::Index, bit in 0..8u8,
    ) {
        let sealed = Sealed::new(len);
        let layout = *sealed.decoder.layout();
        prop_assume!(stripe < layout.stripes() as usize && usize::from(number) < layout.frames_in(stripe as u32));
        let mut units = sealed.units(stripe, SlotSet::ALL);
        damage(&mut units, slot(number), at.index(layout.unit()), 1 << bit);
        let decoded = sealed.decode(stripe, &units).unwrap();
        prop_assert_eq!(decoded.bytes, sealed.expected(stripe));
        prop_assert_eq!(decoded.bad, slots(&[number]));
    }

    #[test]
    fn a_damaged_parity_unit_is_suspected_and_named_once_another_unit_comes(
        // Long enough that the last data unit holds something.
        len in 9_100..10_016usize, number in 10..15u8, extra in 10..15u8, lost in 0..10u8,
        at: prop::sample::Index, flip in 1..=255u8,
    ) {
        prop_assume!(number != extra);
        let sealed = Sealed::new(len);
        let mut units = sealed.units(0, SlotSet::DATA.union(slots(&[number])));
        units.remove(slot(lost));
        damage(&mut units, slot(number), at.index(1024), flip);
        prop_assert_eq!(sealed.decode(0, &units), Err(DecodeError::Units(BadUnits {
            bad: SlotSet::EMPTY,
            suspects: slots(&[number]),
            more: 1,
        })));
        units.insert(slot(extra), sealed.stripes[0].unit(slot(extra)).to_vec()).unwrap();
        let decoded = sealed.decode(0, &units).unwrap();
        prop_assert_eq!(decoded.bytes, sealed.content);
        // The damaged one may not have been looked at when the other came first.
        let named = if number < extra { slots(&[number]) } else { SlotSet::EMPTY };
        prop_assert_eq!(decoded.bad, named);
    }

    #[test]
    fn random_units_give_an_error_and_never_content(
        class in 0..=7u8, frames in 1..=20u64, seed: [u8; 32], present in 0..1u16 << 15, stripe in 0..2u32,
    ) {
        use rand::{RngCore, SeedableRng};
        let class = ShardClass::new(class).unwrap();
        let unit = Layout::for_content(class, 0).unwrap().unit() as u64;
        let Ok(layout) = Layout::from_chain(class, frames * unit) else { return Ok(()) };
        let mut random = rand::rngs::StdRng::from_seed(seed);
        let mut units = StripeUnits::new(&layout);
        for slot in SlotSet::from_bits(present).iter() {
            let mut bytes = vec![0; layout.unit()];
            random.fill_bytes(&mut bytes);
            units.insert(slot, bytes).unwrap();
        }
        let decoder = SegmentDecoder::new(&key(9), Place::Root, layout).unwrap();
        prop_assert!(decoder.open(&units).is_err());
        for read in layout.read(0..layout.room()).unwrap().filter(|read| read.stripe() == stripe) {
            prop_assert!(decoder.decode(&read, &units).is_err());
        }
    }
}

#[test]
fn two_damaged_data_units_and_a_damaged_parity_unit_are_all_named() {
    let sealed = Sealed::new(1_300_000);
    let mut units = sealed.units(1, SlotSet::ALL);
    for number in [2, 7, 10] {
        damage(&mut units, slot(number), 100, 1);
    }
    let decoded = sealed.decode(1, &units).unwrap();
    assert_eq!(decoded.bytes, sealed.expected(1));
    assert_eq!(decoded.bad, slots(&[2, 7, 10]));
}

#[test]
fn a_unit_of_another_length_is_refused() {
    let sealed = Sealed::new(5_000);
    let mut units = StripeUnits::new(sealed.decoder.layout());
    for got in [0, 1023, 1025] {
        assert_eq!(
            units.insert(slot(0), vec![0; got]),
            Err(WrongUnitLength {
                got,
                expected: 1024
            })
        );
    }
    assert!(units.slots().is_empty());
}

#[test]
fn exchanged_units_of_a_stripe_are_both_named() {
    let sealed = Sealed::new(9_900);
    let mut units = sealed.units(0, SlotSet::ALL);
    let (three, four) = (
        units.remove(slot(3)).unwrap(),
        units.remove(slot(4)).unwrap(),
    );
    units.insert(slot(3), four).unwrap();
    units.insert(slot(4), three).unwrap();
    let decoded = sealed.decode(0, &units).unwrap();
    assert_eq!(decoded.bytes, sealed.content);
    assert_eq!(decoded.bad, slots(&[3, 4]));
}

#[test]
fn a_unit_of_another_stripe_is_named() {
    let sealed = Sealed::new(1_300_000);
    let mut units = sealed.units(1, SlotSet::ALL);
    units
        .insert(slot(5), sealed.stripes[0].unit(slot(5)).to_vec())
        .unwrap();
    assert_eq!(sealed.decode(1, &units).unwrap().bad, slots(&[5]));
}

#[test]
fn a_segment_in_the_place_of_another_does_not_open_with_the_same_key() {
    let content = pattern(9_000);
    let class = ShardClass::new(0).unwrap();
    let part = |position| match Place::part(position) {
        Some(Place::Part(number)) => SegmentPlan::new(Role::Part(number), 0..9_000, class).unwrap(),
        _ => unreachable!(),
    };
    let stripes = encode(&key(1), &part(0), &content, 9_000);
    let layout = part(0).layout();
    let units = gather(&layout, &stripes[0], SlotSet::ALL);
    for place in [Place::Root, Place::part(1).unwrap()] {
        let decoder = SegmentDecoder::new(&key(1), place, layout).unwrap();
        assert_eq!(decoder.open(&units), Err(DecodeError::WrongKey));
        assert_eq!(
            decode_stripe(&decoder, 9_000, 0, &units),
            Err(DecodeError::WrongKey)
        );
    }
    let decoder = SegmentDecoder::new(&key(1), part(0).role().place(), layout).unwrap();
    assert_eq!(
        decode_stripe(&decoder, 9_000, 0, &units).unwrap().bytes,
        content
    );
}

#[test]
fn a_wrong_key_is_told_from_damage_when_the_units_agree() {
    for len in [0, 9_000, 1_300_000] {
        let sealed = Sealed::new(len);
        let layout = *sealed.decoder.layout();
        let decoder = SegmentDecoder::new(&key(2), Place::Root, layout).unwrap();
        let mut units = sealed.units(0, SlotSet::ALL);
        assert_eq!(decoder.open(&units), Err(DecodeError::WrongKey));
        damage(&mut units, slot(12), 0, 1);
        assert!(matches!(decoder.open(&units), Err(DecodeError::Units(_))));
    }
}

#[test]
fn a_wrong_key_with_too_few_units_to_tell_asks_for_more() {
    let sealed = Sealed::new(9_900);
    let decoder = SegmentDecoder::new(&key(2), Place::Root, *sealed.decoder.layout()).unwrap();
    let error = decoder.open(&sealed.units(0, SlotSet::DATA)).unwrap_err();
    let all = BadUnits {
        bad: SlotSet::DATA,
        suspects: SlotSet::EMPTY,
        more: 10,
    };
    assert_eq!(error, DecodeError::Units(all));
}

#[test]
fn a_changed_key_commitment_makes_unit_zero_bad_even_where_the_maker_coded_it_so() {
    let sealed = Sealed::new(9_900);
    let layout = *sealed.decoder.layout();
    // All fifteen units agree with a header that commits to another key.
    let mut data = sealed.stripes[0].clone().into_bytes()[..10 * 1024].to_vec();
    data[16] ^= 1;
    let coder = reed_solomon_erasure::galois_8::ReedSolomon::new(10, 5).unwrap();
    let mut shards: Vec<Vec<u8>> = data.chunks(1024).map(<[u8]>::to_vec).collect();
    shards.resize(15, vec![0; 1024]);
    coder.encode(&mut shards).unwrap();
    let mut units = StripeUnits::new(&layout);
    for (slot, shard) in SlotIndex::all().zip(shards) {
        units.insert(slot, shard).unwrap();
    }
    let expected = BadUnits {
        bad: slots(&[0]),
        suspects: SlotSet::PARITY,
        more: 1,
    };
    assert_eq!(
        sealed.decoder.open(&units),
        Err(DecodeError::Units(expected))
    );
}

#[test]
fn a_segment_of_another_version_says_so() {
    let sealed = Sealed::new(100);
    let mut units = sealed.units(0, SlotSet::ALL);
    // One frame: parity unit 10 + p is row p of the matrix times unit 0.
    damage(&mut units, slot(0), 4, 1 ^ 9);
    for (row, parity) in neurostore_format::PARITY_MATRIX.iter().zip(10..) {
        let change = reed_solomon_erasure::galois_8::mul(row[0], 1 ^ 9);
        damage(&mut units, slot(parity), 4, change);
    }
    assert_eq!(sealed.decoder.open(&units), Err(DecodeError::Version(9)));
}

#[test]
fn a_shortened_segment_does_not_open() {
    let sealed = Sealed::new(9_900);
    let class = sealed.decoder.layout().class();
    let shorter = Layout::from_chain(class, 9 * 1024).unwrap();
    let decoder = SegmentDecoder::new(&key(1), Place::Root, shorter).unwrap();
    assert!(decoder.open(&sealed.units(0, SlotSet::ALL)).is_err());
}

#[test]
fn a_read_of_a_segment_of_another_shape_is_refused() {
    let sealed = Sealed::new(100);
    let other = Layout::for_content(ShardClass::new(8).unwrap(), 2_000_000).unwrap();
    let units = sealed.units(0, SlotSet::ALL);
    for read in other.read(0..2_000_000).unwrap() {
        assert_eq!(
            sealed.decoder.decode(&read, &units),
            Err(DecodeError::Shape)
        );
    }
    let read = sealed.decoder.layout().read(0..10).unwrap().next().unwrap();
    let none = StripeUnits::<Vec<u8>>::new(&other);
    assert_eq!(sealed.decoder.decode(&read, &none), Err(DecodeError::Shape));
}

#[test]
fn a_mode_of_another_kind_is_read_from_the_head() {
    let plan = whole(b"same");
    for mode in [Mode::Team, Mode::Public] {
        let mut encoder = SegmentEncoder::new(&key(1), &plan, mode).unwrap();
        encoder.write(&mut b"same".as_slice()).unwrap();
        let stripe = encoder.finish().unwrap().unwrap();
        let decoder = SegmentDecoder::new(&key(1), Place::Root, plan.layout()).unwrap();
        let units = gather(&plan.layout(), &stripe, slots(&[0]));
        assert_eq!(decoder.open(&units).unwrap().head.mode, mode);
    }
}
