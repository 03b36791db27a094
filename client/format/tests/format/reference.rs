//! The format a second time, written from `docs/format.md` alone: slow, whole segments in
//! memory, and the Reed-Solomon library instead of our matrix. It shares no code with the crate.

use aes_gcm::{
    aead::{Aead, KeyInit, Payload},
    Aes256Gcm, Nonce,
};
use hkdf::Hkdf;
use reed_solomon_erasure::galois_8::ReedSolomon;
use sha2::Sha256;

/// What goes into a segment.
pub(crate) struct Input<'a> {
    pub(crate) key: [u8; 32],
    pub(crate) number: u32,
    pub(crate) kind: u8,
    pub(crate) mode: u8,
    pub(crate) class: u8,
    pub(crate) content: &'a [u8],
}

/// What comes out of it.
pub(crate) struct Segment {
    pub(crate) unit: usize,
    pub(crate) frames: usize,
    pub(crate) header: Vec<u8>,
    pub(crate) head: Vec<u8>,
    pub(crate) frame_key: [u8; 32],
    pub(crate) nonce_prefix: [u8; 7],
    pub(crate) shards: Vec<Vec<u8>>,
}

pub(crate) fn seal(input: &Input<'_>) -> Segment {
    let shard_len = 1024usize << input.class;
    let unit = shard_len.min(65536);
    let frames = (input.content.len() + 64).div_ceil(unit - 16);

    let mut header = b"NSEG\x01".to_vec();
    header.extend([input.class, 0, 0]);
    header.extend(((frames * unit) as u64).to_le_bytes());
    let kdf = Hkdf::<Sha256>::new(Some(&input.number.to_le_bytes()), &input.key);
    let mut frame_secrets = [0; 39];
    kdf.expand(
        &[b"neurostore/format/1/frames", &header[..]].concat(),
        &mut frame_secrets,
    )
    .unwrap();
    let mut commitment = [0; 32];
    kdf.expand(
        &[b"neurostore/format/1/commitment", &header[..]].concat(),
        &mut commitment,
    )
    .unwrap();
    header.extend(commitment);
    let frame_key: [u8; 32] = frame_secrets[..32].try_into().unwrap();
    let nonce_prefix: [u8; 7] = frame_secrets[32..].try_into().unwrap();

    let mut head = vec![input.kind, input.mode, 0, 0, 0, 0, 0, 0];
    head.extend((input.content.len() as u64).to_le_bytes());

    let mut plain = [&header[..], &head, input.content].concat();
    plain.resize(frames * (unit - 16), 0);
    let cipher = Aes256Gcm::new_from_slice(&frame_key).unwrap();
    let mut shards = vec![Vec::new(); 15];
    for (number, frame) in plain.chunks(unit - 16).enumerate() {
        let clear = if number == 0 { 48 } else { 0 };
        let mut nonce = nonce_prefix.to_vec();
        nonce.extend((number as u32).to_be_bytes());
        nonce.push(u8::from(number + 1 == frames));
        let payload = Payload {
            msg: &frame[clear..],
            aad: &header,
        };
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), payload).unwrap();
        let shard = &mut shards[number % 10];
        shard.extend(&frame[..clear]);
        shard.extend(sealed);
    }
    for shard in &mut shards {
        shard.resize(shard_len, 0);
    }
    ReedSolomon::new(10, 5)
        .unwrap()
        .encode(&mut shards)
        .unwrap();
    Segment {
        unit,
        frames,
        header,
        head,
        frame_key,
        nonce_prefix,
        shards,
    }
}
