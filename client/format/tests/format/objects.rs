//! An object of several segments, from its bytes to its locator and back.

use std::collections::HashMap;

use neurostore_format::{
    cut, Index, Kind, Layout, Locator, Part, Place, SegmentDecoder, SegmentId, SegmentKey,
    SegmentPlan, SlotSet, Stripe,
};

use crate::segments::{encode, gather, key, pattern};

/// What the network holds of a segment.
struct Stored {
    plan: SegmentPlan,
    stripes: Vec<Stripe>,
}

impl Stored {
    fn read(&self, key: &SegmentKey, place: Place, layout: Layout, lost: SlotSet) -> Vec<u8> {
        let decoder = SegmentDecoder::new(key, place, layout).unwrap();
        let slots = SlotSet::ALL.without(lost);
        let opened = decoder
            .open(&gather(&layout, &self.stripes[0], slots))
            .unwrap();
        let mut content = Vec::new();
        for read in layout.read(0..opened.head.content_len).unwrap() {
            let units = gather(&layout, &self.stripes[read.stripe() as usize], slots);
            content.extend(decoder.decode(&read, &units).unwrap().bytes);
        }
        content
    }
}

#[test]
fn an_object_of_several_segments_comes_back_from_its_locator_alone() {
    let object = pattern(16_200_000);
    let mut network = HashMap::new();
    let mut parts = Vec::new();
    let plans = cut(object.len() as u64).unwrap();
    assert_eq!(plans.len(), 3);
    for (number, plan) in (1u8..).zip(plans) {
        let content = plan.content();
        let content = &object[content.start as usize..content.end as usize];
        let stripes = encode(&key(number), &plan, content, 1 << 18);
        let segment = SegmentId([number; 32]);
        parts.push(Part {
            segment,
            key: key(number),
            class: plan.class(),
            content_len: plan.content_len(),
        });
        network.insert(segment, Stored { plan, stripes });
    }
    let index = Index::new(parts).unwrap();
    let plan = index.plan().unwrap();
    let root = SegmentId([0xaa; 32]);
    let stripes = encode(&key(0xbb), &plan, &index.to_bytes(), 100);
    network.insert(root, Stored { plan, stripes });
    let text = Locator {
        segment: root,
        key: key(0xbb),
    }
    .reveal();

    let locator: Locator = text.parse().unwrap();
    let stored = &network[&locator.segment];
    // From the chain: class and length of the ciphertext.
    let record = stored.plan.layout();
    let layout = Layout::from_chain(record.class(), record.ciphertext_len()).unwrap();
    let decoder = SegmentDecoder::new(&locator.key, Place::Root, layout).unwrap();
    let slot_zero = SlotSet::from_bits(1);
    let opened = decoder
        .open(&gather(&layout, &stored.stripes[0], slot_zero))
        .unwrap();
    assert_eq!(opened.head.kind, Kind::Index);
    let lost = SlotSet::from_bits(0b000_0010_1001_0011);
    let read = Index::from_bytes(&stored.read(&locator.key, Place::Root, layout, lost)).unwrap();
    assert_eq!(read, index);
    assert_eq!(read.object_len(), object.len() as u64);
    let mut back = Vec::new();
    for (position, part) in read.parts().iter().enumerate() {
        let place = Place::part(position).unwrap();
        let layout = part.layout().unwrap();
        assert_eq!(layout, network[&part.segment].plan.layout());
        back.extend(network[&part.segment].read(&part.key, place, layout, lost));
    }
    assert!(back == object);
}
