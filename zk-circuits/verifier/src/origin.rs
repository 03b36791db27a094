//! Where a verifying key comes from.

// In the code that the codec derives: numbers of variants.
#![allow(clippy::cast_possible_truncation)]

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Where a verifying key comes from, which says who could forge proofs under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KeyOrigin {
    /// Drawn from a public seed: anyone can forge proofs. For development chains only.
    Development,
    /// The outcome of a ceremony: forging needs every participant's secret.
    Ceremony {
        /// Hash of the ceremony's public transcript.
        transcript: [u8; 32],
    },
}
