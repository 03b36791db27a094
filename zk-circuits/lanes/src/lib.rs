#![doc = include_str!("../README.md")]
// Allowed in `vector` alone.
#![deny(unsafe_code)]

mod backend;
#[cfg(any(test, feature = "checked"))]
mod checked;
mod lanes;
#[cfg(target_arch = "x86_64")]
mod vector;

pub use backend::Backend;
#[cfg(any(test, feature = "checked"))]
pub use checked::Checked;
pub use lanes::{Lanes, Work, LANES, LIMB_BITS, LIMB_MASK};
#[cfg(target_arch = "x86_64")]
pub use vector::{Ifma, Vector};
