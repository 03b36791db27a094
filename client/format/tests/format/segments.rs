//! Making segments in memory, and gathering units of them.

use neurostore_format::{
    DecodeError, Decoded, Layout, Mode, Role, SegmentDecoder, SegmentEncoder, SegmentKey,
    SegmentPlan, ShardClass, SlotSet, Stripe, StripeUnits,
};

/// Content in which no two places look alike.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i + 7 * (i / 256)) as u8).collect()
}

pub(crate) fn key(byte: u8) -> SegmentKey {
    SegmentKey::from_bytes([byte; 32])
}

pub(crate) fn smallest_class(len: usize) -> ShardClass {
    Layout::smallest_class(len as u64).unwrap()
}

pub(crate) fn whole(content: &[u8]) -> SegmentPlan {
    let len = content.len();
    SegmentPlan::new(Role::Whole, 0..len as u64, smallest_class(len)).unwrap()
}

/// All stripes of the segment, from content that comes in chunks of this size.
pub(crate) fn encode(
    key: &SegmentKey,
    plan: &SegmentPlan,
    content: &[u8],
    chunk: usize,
) -> Vec<Stripe> {
    let mut encoder = SegmentEncoder::new(key, plan, Mode::Private).unwrap();
    let mut stripes = Vec::new();
    for mut rest in content.chunks(chunk) {
        while !rest.is_empty() {
            stripes.extend(encoder.write(&mut rest).unwrap());
        }
    }
    while let Some(stripe) = encoder.finish().unwrap() {
        stripes.push(stripe);
    }
    stripes
}

/// The units of these slots of a stripe.
pub(crate) fn gather(layout: &Layout, stripe: &Stripe, slots: SlotSet) -> StripeUnits<Vec<u8>> {
    let mut units = StripeUnits::new(layout);
    for slot in slots.iter() {
        units.insert(slot, stripe.unit(slot).to_vec()).unwrap();
    }
    units
}

/// The content of a stripe from these units.
pub(crate) fn decode_stripe(
    decoder: &SegmentDecoder,
    content_len: usize,
    stripe: usize,
    units: &StripeUnits<Vec<u8>>,
) -> Result<Decoded, DecodeError> {
    let mut reads = decoder.layout().read(0..content_len as u64).unwrap();
    decoder.decode(&reads.nth(stripe).unwrap(), units)
}
