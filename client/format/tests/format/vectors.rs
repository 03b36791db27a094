//! The published vectors are what the reference makes, and what the crate makes.
//!
//! To write `docs/vectors/format-1.json` anew after a change of the format:
//! `NEUROSTORE_WRITE_VECTORS=1 cargo test -p neurostore-format --test format vectors`

use std::path::PathBuf;

use neurostore_format::{
    cut, header, Index, Locator, Mode, Part, Place, Role, SegmentDecoder, SegmentId, SegmentPlan,
    ShardClass, SlotIndex, SlotSet, Stripe, PARITY_MATRIX,
};
use neurostore_primitives::{
    node_account_payload, peer_key_payload, receipt_payload, segment_id, upload_payload, PeerKey,
    ReservationId, ShardRoot,
};
use proptest::prelude::*;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use crate::{
    reference::{seal, Input, Segment},
    segments::{decode_stripe, encode, gather, key, pattern, smallest_class},
};

fn part(position: usize) -> Role {
    match Place::part(position) {
        Some(Place::Part(number)) => Role::Part(number),
        _ => unreachable!("positions of tests are small"),
    }
}

/// Name, role, class where it is not the smallest, byte of which the key consists, content.
type Case = (&'static str, Role, Option<u8>, u8, Vec<u8>);

fn segments() -> Vec<Case> {
    let index = index();
    vec![
        ("an empty object", Role::Whole, None, 0x00, Vec::new()),
        ("five bytes", Role::Whole, None, 0x01, b"hello".to_vec()),
        (
            "a full segment of the smallest class",
            Role::Whole,
            None,
            0x02,
            pattern(10_016),
        ),
        ("one byte more", Role::Whole, None, 0x03, pattern(10_017)),
        (
            "units as long as the shard",
            Role::Whole,
            None,
            0x04,
            pattern(200_000),
        ),
        (
            "one full stripe of 64 KiB units",
            Role::Whole,
            None,
            0x05,
            pattern(655_136),
        ),
        ("two stripes", Role::Whole, None, 0x06, pattern(800_000)),
        (
            "a stripe of zeros at the end",
            Role::Whole,
            Some(7),
            0x07,
            pattern(1_000),
        ),
        (
            "the second part of an object",
            part(1),
            Some(1),
            0x08,
            pattern(12_345),
        ),
        (
            "an index of two parts",
            Role::Index,
            None,
            0x09,
            index.to_bytes().to_vec(),
        ),
    ]
}

fn index() -> Index {
    let part = |number: u8, class, content_len| Part {
        segment: SegmentId([number; 32]),
        key: key(0x10 + number),
        class: ShardClass::new(class).unwrap(),
        content_len,
    };
    Index::new(vec![part(1, 15, 335_462_336), part(2, 10, 9_516_000)]).unwrap()
}

fn class_of(class: Option<u8>, content: &[u8]) -> ShardClass {
    match class {
        Some(class) => ShardClass::new(class).unwrap(),
        None => smallest_class(content.len()),
    }
}

fn reference(role: Role, class: ShardClass, key: u8, content: &[u8]) -> Segment {
    let kind = match role {
        Role::Whole => 1,
        Role::Index => 2,
        Role::Part(_) => 3,
    };
    let number = role.place().number();
    seal(&Input {
        key: [key; 32],
        number,
        kind,
        mode: 0,
        class: class.get(),
        content,
    })
}

/// The shards that the crate makes.
fn shards(stripes: &[Stripe]) -> Vec<Vec<u8>> {
    SlotIndex::all()
        .map(|slot| {
            stripes
                .iter()
                .flat_map(|stripe| stripe.unit(slot).to_vec())
                .collect()
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn segment_vector(name: &str, role: Role, class: ShardClass, key: u8, content: &[u8]) -> Value {
    let made = reference(role, class, key, content);
    let pattern = *content == pattern(content.len());
    json!({
        "name": name,
        "key": hex::encode([key; 32]),
        "number": role.place().number(),
        "content": if pattern { "pattern".into() } else { hex::encode(content) },
        "content_len": content.len(),
        "content_sha256": sha256(content),
        "class": class.get(),
        "unit": made.unit,
        "frames": made.frames,
        "ciphertext_len": made.unit * made.frames,
        "header": hex::encode(&made.header),
        "head": hex::encode(&made.head),
        "frame_key": hex::encode(made.frame_key),
        "nonce_prefix": hex::encode(made.nonce_prefix),
        "shards_sha256": made.shards.iter().map(|shard| sha256(shard)).collect::<Vec<_>>(),
    })
}

fn locator_vector(id: [u8; 32], byte: u8) -> Value {
    let text = Locator {
        segment: SegmentId(id),
        key: key(byte),
    }
    .reveal()
    .to_string();
    json!({ "segment_id": hex::encode(id), "key": hex::encode([byte; 32]), "locator": text })
}

fn cut_vector(len: u64) -> Value {
    let segments: Vec<Value> = cut(len)
        .unwrap()
        .iter()
        .map(|plan| json!({ "class": plan.class().get(), "content_len": plan.content_len() }))
        .collect();
    json!({ "object_len": len, "segments": segments })
}

/// Ids and signed payloads of the protocol, on the same page because clients need them together.
fn payload_vectors() -> Value {
    let genesis = [0xaa; 32];
    let class = ShardClass::new(3).unwrap();
    let roots: [ShardRoot; 15] = std::array::from_fn(|slot| ShardRoot([slot as u8; 32]));
    let (reservation, slot) = (ReservationId(0x0102_0304), SlotIndex::new(7).unwrap());
    let peer_key: PeerKey = [0xcc; 32];
    json!({
        "genesis": hex::encode(genesis),
        "segment_id": {
            "class": class.get(),
            "ciphertext_len": 4_660,
            "roots": roots.iter().map(|root| hex::encode(root.0)).collect::<Vec<_>>(),
            "id": hex::encode(segment_id(class, 4_660, &roots).0),
        },
        "receipt": {
            "reservation": reservation.0, "slot": slot.get(), "class": class.get(),
            "root": hex::encode(roots[9].0),
            "payload": hex::encode(receipt_payload(&genesis, reservation, slot, class, &roots[9])),
        },
        "upload": {
            "reservation": reservation.0, "slot": slot.get(),
            "payload": hex::encode(upload_payload(&genesis, reservation, slot)),
        },
        "peer_key": {
            "operator": hex::encode([0xbb; 32]), "node_account": hex::encode([0xdd; 32]),
            "payload": hex::encode(peer_key_payload(&genesis, &[0xbb; 32], &[0xdd; 32])),
        },
        "node_account": {
            "operator": hex::encode([0xbb; 32]), "peer_key": hex::encode(peer_key),
            "payload": hex::encode(node_account_payload(&genesis, &[0xbb; 32], &peer_key)),
        },
    })
}

fn vectors() -> Value {
    let segments: Vec<Value> = segments()
        .iter()
        .map(|(name, role, class, key, content)| {
            segment_vector(name, *role, class_of(*class, content), *key, content)
        })
        .collect();
    let lengths = [
        0,
        5,
        10_016,
        10_017,
        6 << 20,
        20 << 20,
        329 << 20,
        330 << 20,
        1 << 30,
    ];
    json!({
        "format": 1,
        "pattern": "byte i is (i + 7 * floor(i / 256)) mod 256",
        "parity_matrix": PARITY_MATRIX.iter().map(hex::encode).collect::<Vec<_>>(),
        "segments": segments,
        "cut": lengths.map(cut_vector),
        "locators": [
            locator_vector(std::array::from_fn(|i| i as u8), 0x01),
            locator_vector([0xff; 32], 0xfe),
        ],
        "payloads": payload_vectors(),
    })
}

fn path() -> PathBuf {
    // Asked at run time: checkouts share what is built.
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    PathBuf::from(crate_folder).join("../../docs/vectors/format-1.json")
}

#[test]
fn the_published_vectors_are_those_of_the_reference() {
    let vectors = vectors();
    if std::env::var_os("NEUROSTORE_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
        std::fs::write(path(), text).unwrap();
    }
    let published = std::fs::read(path()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&published).unwrap(),
        vectors
    );
}

#[test]
fn the_crate_makes_and_reads_every_published_segment() {
    for (name, role, class, byte, content) in segments() {
        let class = class_of(class, &content);
        let made = reference(role, class, byte, &content);
        let plan = SegmentPlan::new(role, 0..content.len() as u64, class).unwrap();
        let stripes = encode(&key(byte), &plan, &content, 5_000);
        assert!(shards(&stripes) == made.shards, "{name}");
        let layout = plan.layout();
        assert_eq!(
            (layout.unit(), layout.frames() as usize),
            (made.unit, made.frames),
            "{name}"
        );
        assert_eq!(
            header(&key(byte), role.place(), &layout).unwrap()[..],
            made.header,
            "{name}"
        );

        let decoder = SegmentDecoder::new(&key(byte), role.place(), layout).unwrap();
        let units: Vec<_> = stripes
            .iter()
            .map(|stripe| gather(&layout, stripe, SlotSet::ALL))
            .collect();
        let opened = decoder.open(&units[0]).unwrap();
        assert_eq!(opened.head.to_bytes()[..], made.head, "{name}");
        let mut back = Vec::new();
        for (stripe, _) in layout.read(0..content.len() as u64).unwrap().enumerate() {
            let decoded = decode_stripe(&decoder, content.len(), stripe, &units[stripe]);
            back.extend(decoded.unwrap().bytes);
        }
        assert!(back == content, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_crate_and_the_reference_agree_on_any_content(
        len in prop_oneof![0..30_000usize, 600_000..1_500_000usize], above in 0..2u8,
        byte: u8, place in prop_oneof![Just(Role::Whole), (0..9usize).prop_map(part)],
    ) {
        let content = pattern(len);
        let class = ShardClass::new(smallest_class(len).get() + above).unwrap();
        let plan = SegmentPlan::new(place, 0..len as u64, class).unwrap();
        let stripes = encode(&key(byte), &plan, &content, 65_521);
        prop_assert!(shards(&stripes) == reference(place, class, byte, &content).shards);
    }
}

#[test]
fn the_mode_stands_in_the_head_and_nowhere_else() {
    let class = ShardClass::default();
    let input = |mode| Input {
        key: [1; 32],
        number: 0,
        kind: 1,
        mode,
        class: 0,
        content: b"x",
    };
    let (private, team) = (seal(&input(0)), seal(&input(1)));
    assert_eq!(private.header, team.header);
    let plan = SegmentPlan::new(Role::Whole, 0..1, class).unwrap();
    let mut encoder = neurostore_format::SegmentEncoder::new(&key(1), &plan, Mode::Team).unwrap();
    encoder.write(&mut b"x".as_slice()).unwrap();
    let stripe = encoder.finish().unwrap().unwrap();
    assert!(shards(&[stripe]) == team.shards);
}
