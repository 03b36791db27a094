//! Object format 1: how an object becomes encrypted, erasure-coded segments and comes back.
//!
//! [`cut()`] divides an object into segments, [`SegmentEncoder`] turns the content of one into
//! stripes of 15 units, [`SegmentDecoder`] turns any ten units of a stripe back into content and
//! names the slots whose units were damaged. [`Locator`] is what a reader needs of an object, and
//! [`Index`] is what the root segment of an object of several segments holds.
//!
//! Nothing here does I/O, reads a clock or owns randomness: keys are arguments. Everything that
//! comes from outside is checked before anything is allocated for it. `docs/format.md` has the
//! bytes.
//!
//! ```
//! use neurostore_format::*;
//!
//! let plans = cut(5)?;
//! let key = SegmentKey::from_bytes([7; 32]); // 32 random bytes, used for this segment only
//! let mut encoder = SegmentEncoder::new(&key, &plans[0], Mode::Private)?;
//! let mut stripes: Vec<Stripe> = Vec::new();
//! stripes.extend(encoder.write(&mut &b"hello"[..])?);
//! while let Some(stripe) = encoder.finish()? {
//!     stripes.push(stripe);
//! }
//!
//! let layout = Layout::from_chain(plans[0].class(), encoder.layout().ciphertext_len())?;
//! let decoder = SegmentDecoder::new(&key, Place::Root, layout)?;
//! let mut units = StripeUnits::new(&layout);
//! for slot in SlotSet::from_bits(0b1).iter() {
//!     units.insert(slot, stripes[0].unit(slot))?;
//! }
//! let opened = decoder.open(&units)?;
//! let read = layout.read(0..opened.head.content_len)?.next().unwrap();
//! assert_eq!(decoder.decode(&read, &units)?.bytes, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod bounds;
mod cipher_error;
mod coding;
mod cut;
mod decoder;
mod encoder;
mod frame;
mod header;
mod index;
mod key;
mod layout;
mod locator;
mod slots;
mod stripe;

pub use bounds::{MAX_INDEX_BYTES, MAX_PARTS};
pub use cipher_error::CipherError;
pub use coding::{RebuildError, Rebuilder, PARITY_MATRIX};
pub use cut::{cut, ObjectTooLarge, Role, SegmentPlan, MAX_OBJECT_BYTES};
pub use decoder::{BadUnits, DecodeError, Decoded, Opened, SegmentDecoder};
pub use encoder::{EncodeError, SegmentEncoder};
pub use header::{header, Head, HeadError, Kind, Mode, FORMAT_VERSION, MAGIC};
pub use index::{Index, IndexError, Part, PartRead};
pub use key::{Place, SegmentKey};
pub use layout::{
    Layout, LayoutError, StripeRead, HEADER_BYTES, HEAD_BYTES, MAX_UNIT_BYTES, TAG_BYTES,
};
pub use locator::{Locator, LocatorError};
pub use neurostore_primitives::{
    SegmentId, ShardClass, SlotIndex, DATA_SHARDS, PARITY_SHARDS, TOTAL_SHARDS,
};
pub use slots::SlotSet;
pub use stripe::{Stripe, StripeUnits, WrongUnitLength};
