//! Content in, stripes out.

use alloc::{vec, vec::Vec};
use core::fmt;

use neurostore_primitives::{DATA_SHARDS, TOTAL_SHARDS};
use zeroize::Zeroizing;

use crate::{
    cipher_error::CipherError,
    coding::encode_parity,
    cut::SegmentPlan,
    frame::FrameCipher,
    header::{Head, Mode},
    key::SegmentKey,
    layout::{Layout, FRAMES_PER_STRIPE, HEADER_BYTES, HEAD_BYTES, LEAD_BYTES},
    stripe::Stripe,
};

/// Makes the stripes of one segment from its content, one stripe in memory at a time.
///
/// ```text
/// for chunk in content {
///     let mut rest = chunk;
///     while !rest.is_empty() {
///         if let Some(stripe) = encoder.write(&mut rest)? { upload(stripe) }
///     }
/// }
/// while let Some(stripe) = encoder.finish()? { upload(stripe) }
/// ```
pub struct SegmentEncoder {
    layout: Layout,
    cipher: FrameCipher,
    head: [u8; HEAD_BYTES],
    /// Bytes of content still to come.
    missing: u64,
    /// Number of the stripe in `buffer`.
    stripe: u32,
    /// Bytes in the stripe, tags not counted.
    position: usize,
    /// The stripe being filled, or empty between stripes. Plaintext until it is sealed.
    buffer: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SegmentEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentEncoder")
            .field("layout", &self.layout)
            .field("missing", &self.missing)
            .field("stripe", &self.stripe)
            .finish_non_exhaustive()
    }
}

/// Why content does not become a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// More content came than the plan said.
    #[error("{0} bytes more than the segment was planned for")]
    TooLong(u64),
    /// The content ended before the plan was fulfilled.
    #[error("{0} bytes fewer than the segment was planned for")]
    TooShort(u64),
    /// The cipher refused a frame.
    #[error(transparent)]
    Cipher(#[from] CipherError),
}

impl SegmentEncoder {
    /// An encoder for the segment of this plan.
    ///
    /// `key` must be fresh: see [`SegmentKey`]. The same key, plan, mode and content give the same
    /// bytes again.
    pub fn new(key: &SegmentKey, plan: &SegmentPlan, mode: Mode) -> Result<Self, EncodeError> {
        let layout = plan.layout();
        let content_len = plan.content_len();
        Ok(Self {
            layout,
            cipher: FrameCipher::new(key, plan.role().place(), &layout)?,
            head: Head {
                kind: plan.role().kind(),
                mode,
                content_len,
            }
            .to_bytes(),
            missing: content_len,
            stripe: 0,
            position: 0,
            buffer: Zeroizing::default(),
        })
    }

    /// The shape of the segment.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes content from the front of `input` until it is empty or a stripe is complete.
    pub fn write(&mut self, input: &mut &[u8]) -> Result<Option<Stripe>, EncodeError> {
        let offered = input.len() as u64;
        if let Some(excess) = offered
            .checked_sub(self.missing)
            .filter(|excess| *excess > 0)
        {
            return Err(EncodeError::TooLong(excess));
        }
        let (unit, body) = (self.layout.unit(), self.layout.body());
        while !input.is_empty() {
            self.begin();
            let (slot, inside) = (self.position / body, self.position % body);
            let (now, later) = input.split_at(input.len().min(body - inside));
            let at = slot * unit + inside;
            self.buffer[at..at + now.len()].copy_from_slice(now);
            *input = later;
            self.position += now.len();
            self.missing -= now.len() as u64;
            if self.position == body * DATA_SHARDS {
                return self.seal().map(Some);
            }
        }
        Ok(None)
    }

    /// After all content: the stripes that remain, one at each call, then `None`. The last are
    /// zero where the segment is larger than its content.
    pub fn finish(&mut self) -> Result<Option<Stripe>, EncodeError> {
        if self.missing > 0 {
            return Err(EncodeError::TooShort(self.missing));
        }
        if self.stripe == self.layout.stripes() {
            return Ok(None);
        }
        self.begin();
        self.seal().map(Some)
    }

    /// Makes room for a stripe where none is begun.
    fn begin(&mut self) {
        if !self.buffer.is_empty() {
            return;
        }
        *self.buffer = vec![0; self.layout.unit() * TOTAL_SHARDS];
        self.position = 0;
        if self.stripe == 0 {
            self.buffer[HEADER_BYTES..LEAD_BYTES].copy_from_slice(&self.head);
            self.position = LEAD_BYTES;
        }
    }

    /// Seals the frames of the stripe and adds the parity.
    fn seal(&mut self) -> Result<Stripe, EncodeError> {
        let (index, unit) = (self.stripe, self.layout.unit());
        let frames = self.layout.frames_in(index);
        let numbers = index * FRAMES_PER_STRIPE..;
        for (number, unit) in numbers.zip(self.buffer.chunks_exact_mut(unit)).take(frames) {
            self.cipher.seal(number, unit)?;
        }
        encode_parity(&mut self.buffer, unit, frames);
        self.stripe += 1;
        Ok(Stripe {
            index,
            unit,
            bytes: core::mem::take(&mut *self.buffer),
        })
    }
}
