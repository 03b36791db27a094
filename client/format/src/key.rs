//! Segment keys, and what is derived from one for the frames of its segment.

use core::{fmt, num::NonZeroU32};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    cipher_error::CipherError,
    layout::{Header, HeaderPrefix, HEADER_BYTES},
};

/// Domain of the key and the nonce prefix of a segment's frames.
const FRAMES_DOMAIN: &[u8] = b"neurostore/format/1/frames";
/// Domain of the key commitment of a segment.
const COMMITMENT_DOMAIN: &[u8] = b"neurostore/format/1/commitment";

/// The 32 secret bytes that open one segment.
///
/// The key of an object is the key of its root segment; the keys of the other segments stand in
/// the root's index. A key must never seal two different contents: take 32 fresh random bytes
/// for each segment, and fresh ones again when the content may have changed since the last try.
///
/// Wiped from memory when dropped, and never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SegmentKey(Zeroizing<[u8; 32]>);

impl SegmentKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret bytes, for a journal or an index.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SegmentKey(..)")
    }
}

/// Where in its object a segment stands. Bound into every frame, so that segments of one object
/// cannot be exchanged for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The root, which a locator names.
    Root,
    /// A data segment of the root's index, numbered from one.
    Part(NonZeroU32),
}

impl Place {
    /// The place of the data segment at `position` (from zero) of an index.
    pub fn part(position: usize) -> Option<Self> {
        let number = u32::try_from(position).ok()?.checked_add(1)?;
        NonZeroU32::new(number).map(Self::Part)
    }

    /// Zero for the root, the number of the part otherwise.
    pub const fn number(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Part(number) => number.get(),
        }
    }
}

/// What the frames of one segment are sealed with.
pub(crate) struct FrameSecrets {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) nonce_prefix: [u8; 7],
    pub(crate) commitment: [u8; 32],
}

impl FrameSecrets {
    /// HKDF-SHA256 with the segment key as key material and the place as salt. The first 16
    /// bytes of the header are part of each `info`, so that another version, class or length has
    /// another key even where a caller uses one segment key twice.
    pub(crate) fn derive(
        key: &SegmentKey,
        place: Place,
        prefix: &HeaderPrefix,
    ) -> Result<Self, CipherError> {
        let kdf = Hkdf::<Sha256>::new(Some(&place.number().to_le_bytes()), key.expose());
        let expand = |domain: &[u8], out: &mut [u8]| {
            kdf.expand_multi_info(&[domain, prefix], out)
                .map_err(|_| CipherError)
        };
        let mut frames = Zeroizing::new([0; 39]);
        expand(FRAMES_DOMAIN, &mut *frames)?;
        let mut secrets = Self {
            key: Zeroizing::new([0; 32]),
            nonce_prefix: [0; 7],
            commitment: [0; 32],
        };
        let (frame_key, nonce_prefix) = frames.split_at(32);
        secrets.key.copy_from_slice(frame_key);
        secrets.nonce_prefix.copy_from_slice(nonce_prefix);
        expand(COMMITMENT_DOMAIN, &mut secrets.commitment)?;
        Ok(secrets)
    }

    /// The header that a segment sealed with these secrets carries.
    pub(crate) fn header(&self, prefix: &HeaderPrefix) -> Header {
        let mut header = [0; HEADER_BYTES];
        let (front, back) = header.split_at_mut(prefix.len());
        front.copy_from_slice(prefix);
        back.copy_from_slice(&self.commitment);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_key_shows_no_secret() {
        let key = SegmentKey::from_bytes([0xab; 32]);
        assert_eq!(format!("{key:?}"), "SegmentKey(..)");
    }

    #[test]
    fn every_input_changes_every_secret() {
        let derive = |byte, place, prefix| {
            FrameSecrets::derive(&SegmentKey::from_bytes([byte; 32]), place, &[prefix; 16]).unwrap()
        };
        let part = |position| Place::part(position).unwrap();
        let all = [
            derive(1, Place::Root, 0),
            derive(2, Place::Root, 0),
            derive(1, part(0), 0),
            derive(1, part(1), 0),
            derive(1, Place::Root, 1),
        ];
        for (position, one) in all.iter().enumerate() {
            for other in &all[position + 1..] {
                assert_ne!(*one.key, *other.key);
                assert_ne!(one.nonce_prefix, other.nonce_prefix);
                assert_ne!(one.commitment, other.commitment);
            }
        }
    }

    #[test]
    fn parts_are_numbered_from_one() {
        assert_eq!(Place::part(0).map(Place::number), Some(1));
        assert_eq!(Place::Root.number(), 0);
        assert_eq!(Place::part(u32::MAX as usize), None);
    }
}
