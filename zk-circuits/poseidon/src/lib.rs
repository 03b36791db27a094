#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        clippy::unwrap_used
    )
)]

#[cfg(feature = "std")]
mod backend;
#[cfg(feature = "std")]
mod cache;
#[cfg(feature = "std")]
mod hasher;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod ifma;
mod lazy;
mod leaf;
#[cfg(feature = "std")]
mod level;
pub mod parameters;
mod path;
mod permutation;
mod sponge;
mod statement;
mod tree;

#[cfg(feature = "std")]
pub use backend::ManyHashes;
#[cfg(feature = "std")]
pub use cache::{CacheError, PathError, TreeCache, GROUP};
#[cfg(feature = "std")]
pub use hasher::{shard_root, ShardHasher, WrongLength};
pub use leaf::{leaf_digest, leaf_elements, leaf_tag, LEAF_ELEMENTS, LEAF_TAG};
#[cfg(feature = "std")]
pub use neurostore_lanes::Backend;
pub use path::{field_to_root, root_to_field, verify_path, Path, PATH_BYTES};
pub use permutation::{permute12, permute4};
pub use sponge::RATE;
pub use statement::{
    context_to_field, statement, statement_tag, INDICES_PER_ELEMENT, STATEMENT_TAG,
};
pub use tree::{compress, zero_subtree};
