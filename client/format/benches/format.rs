//! How fast one core encodes and decodes, beside plain AES-256-GCM over the same bytes.
//!
//! `cargo bench -p neurostore-format` (or with `--profile dev` to use what is already built).

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use aes_gcm::{
    aead::{AeadInPlace, KeyInit},
    Aes256Gcm, Nonce,
};
use neurostore_format::{
    Layout, Mode, Place, Role, SegmentDecoder, SegmentEncoder, SegmentKey, SegmentPlan, ShardClass,
    SlotSet, Stripe, StripeUnits,
};

type Failure = Box<dyn std::error::Error>;
type Run<'a> = &'a mut dyn FnMut() -> Result<(), Failure>;

/// Every round measures everything once, so that a busy machine slows all of it alike.
const ROUNDS: usize = 15;

fn main() -> Result<(), Failure> {
    let class = ShardClass::new(11).ok_or("class")?;
    let len = Layout::max_content(class);
    let content: Vec<u8> = (0..=u8::MAX).cycle().take(usize::try_from(len)?).collect();
    let plan = SegmentPlan::new(Role::Whole, 0..len, class)?;
    let key = SegmentKey::from_bytes([7; 32]);
    let mut stripes = Vec::new();
    encode(&key, &plan, &content, |stripe| stripes.push(stripe))?;
    let decoder = SegmentDecoder::new(&key, Place::Root, plan.layout())?;

    let mut buffer = content.clone();
    let mut plain = || seal_frames(&mut buffer);
    let mut encoding = || encode(&key, &plan, &content, |stripe| drop(black_box(stripe)));
    let decoding = |lost: u16| {
        let slots = SlotSet::ALL.without(SlotSet::from_bits(lost));
        decode(&decoder, &stripes, slots, len)
    };
    let mut healthy = || decoding(0);
    let mut one_lost = || decoding(0b1_0000);
    let mut five_lost = || decoding(0b1_1011_0100);
    let mut cases: [(&str, Run<'_>, Duration); 5] = [
        (
            "plain AES-256-GCM, 64 KiB frames",
            &mut plain,
            Duration::MAX,
        ),
        ("encode", &mut encoding, Duration::MAX),
        ("decode, nothing lost", &mut healthy, Duration::MAX),
        ("decode, one data unit lost", &mut one_lost, Duration::MAX),
        (
            "decode, five data units lost",
            &mut five_lost,
            Duration::MAX,
        ),
    ];
    for _ in 0..ROUNDS {
        for (_, run, best) in &mut cases {
            let start = Instant::now();
            run()?;
            *best = (*best).min(start.elapsed());
        }
    }

    let mib = len as f64 / f64::from(1 << 20);
    println!("a segment of class {class}, {mib:.1} MiB of content, one core, best of {ROUNDS}");
    let [(_, _, yardstick), ..] = cases;
    for (name, _, time) in &cases {
        let speed = mib / time.as_secs_f64();
        let share = yardstick.as_secs_f64() / time.as_secs_f64();
        println!("{name:<34} {speed:>7.0} MiB/s  {share:>5.2} of plain AES-256-GCM");
    }
    Ok(())
}

fn seal_frames(content: &mut [u8]) -> Result<(), Failure> {
    let cipher = Aes256Gcm::new(&[7; 32].into());
    for (number, frame) in (0u32..).zip(content.chunks_mut(65_520)) {
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&number.to_be_bytes());
        let tag = cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), &[], frame);
        black_box(tag.map_err(|_| "cipher")?);
    }
    Ok(())
}

fn encode(
    key: &SegmentKey,
    plan: &SegmentPlan,
    content: &[u8],
    mut take: impl FnMut(Stripe),
) -> Result<(), Failure> {
    let mut encoder = SegmentEncoder::new(key, plan, Mode::Private)?;
    for mut chunk in content.chunks(1 << 18) {
        while !chunk.is_empty() {
            if let Some(stripe) = encoder.write(&mut chunk)? {
                take(stripe);
            }
        }
    }
    while let Some(stripe) = encoder.finish()? {
        take(stripe);
    }
    Ok(())
}

fn decode(
    decoder: &SegmentDecoder,
    stripes: &[Stripe],
    slots: SlotSet,
    len: u64,
) -> Result<(), Failure> {
    for (read, stripe) in decoder.layout().read(0..len)?.zip(stripes) {
        let mut units = StripeUnits::new(decoder.layout());
        for slot in slots.iter() {
            units.insert(slot, stripe.unit(slot))?;
        }
        black_box(decoder.decode(&read, &units)?);
    }
    Ok(())
}
