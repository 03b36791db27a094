//! Sealing and opening frames: one AES-256-GCM message in each data unit, in the STREAM
//! construction.

use aes_gcm::{
    aead::{AeadInPlace, KeyInit},
    Aes256Gcm, Nonce, Tag,
};

use crate::{
    cipher_error::CipherError,
    header::header_prefix,
    key::{FrameSecrets, Place, SegmentKey},
    layout::{Header, Layout, HEADER_BYTES, TAG_BYTES},
};

/// Seals and opens the frames of one segment.
pub(crate) struct FrameCipher {
    cipher: Aes256Gcm,
    nonce_prefix: [u8; 7],
    header: Header,
    last_frame: u32,
}

impl FrameCipher {
    pub(crate) fn new(
        key: &SegmentKey,
        place: Place,
        layout: &Layout,
    ) -> Result<Self, CipherError> {
        let prefix = header_prefix(layout);
        let secrets = FrameSecrets::derive(key, place, &prefix)?;
        Ok(Self {
            cipher: Aes256Gcm::new_from_slice(&*secrets.key).map_err(|_| CipherError)?,
            nonce_prefix: secrets.nonce_prefix,
            header: secrets.header(&prefix),
            last_frame: layout.frames() - 1,
        })
    }

    /// Prefix, number of the frame (big endian), and one in the last frame.
    fn nonce(&self, frame: u32) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.nonce_prefix);
        nonce[7..11].copy_from_slice(&frame.to_be_bytes());
        nonce[11] = u8::from(frame == self.last_frame);
        nonce
    }

    /// Seals the frame in place: `unit` holds the plaintext and room for the tag. In frame 0 the
    /// first bytes are overwritten by the cleartext header.
    pub(crate) fn seal(&self, frame: u32, unit: &mut [u8]) -> Result<(), CipherError> {
        let split = unit.len().checked_sub(TAG_BYTES).ok_or(CipherError)?;
        let (mut body, tag_area) = unit.split_at_mut(split);
        if frame == 0 {
            let (header, rest) = body.split_at_mut_checked(HEADER_BYTES).ok_or(CipherError)?;
            header.copy_from_slice(&self.header);
            body = rest;
        }
        let tag = self
            .cipher
            .encrypt_in_place_detached(Nonce::from_slice(&self.nonce(frame)), &self.header, body)
            .map_err(|_| CipherError)?;
        tag_area.copy_from_slice(&tag);
        Ok(())
    }

    /// Opens the frame in `unit` into `body`, which is as long as the unit without its tag, and
    /// says whether the unit is the one that was sealed. In frame 0 that includes the header.
    pub(crate) fn open(&self, frame: u32, unit: &[u8], body: &mut [u8]) -> bool {
        let Some((sealed, tag)) = unit.split_last_chunk::<TAG_BYTES>() else {
            return false;
        };
        if sealed.len() != body.len() {
            return false;
        }
        body.copy_from_slice(sealed);
        let mut secret = body;
        if frame == 0 {
            match secret.split_at_mut_checked(HEADER_BYTES) {
                Some((header, rest)) if *header == self.header => secret = rest,
                _ => return false,
            }
        }
        self.cipher
            .decrypt_in_place_detached(
                Nonce::from_slice(&self.nonce(frame)),
                &self.header,
                secret,
                Tag::from_slice(tag),
            )
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use neurostore_primitives::ShardClass;

    use super::*;

    #[test]
    fn no_two_frames_share_a_nonce_and_only_the_last_is_flagged() {
        let layout = Layout::for_content(ShardClass::new(0).unwrap(), 3000).unwrap();
        let cipher =
            FrameCipher::new(&SegmentKey::from_bytes([1; 32]), Place::Root, &layout).unwrap();
        let nonces: Vec<_> = (0..layout.frames())
            .map(|frame| cipher.nonce(frame))
            .collect();
        assert_eq!(nonces.len(), 4);
        for (position, nonce) in nonces.iter().enumerate() {
            assert!(!nonces[..position].contains(nonce));
            assert_eq!(nonce[11], u8::from(position == 3));
        }
    }
}
