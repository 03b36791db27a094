//! Poseidon2 over BN254: leaf hashing, the 4-ary tree, the statement sponge.
//!
//! One definition for everyone: the runtime computes statements with it, storage nodes commit to
//! shards with it, and every gadget of the circuit is tested against it.
//!
//! - A **leaf** of 1 KiB is 33 elements of 252 bits, absorbed by a sponge of width 12.
//! - A **node** is the compression of its four children at width 4.
//! - A **shard** is always a tree of eight levels; a shard of less than 64 MiB has empty subtrees
//!   at its end.
//! - A **statement** binds a context, the roots and the leaf indices of a challenge into one
//!   element.
//!
//! Committing bytes is the slowest step of a storage node, so that there are two ways of computing
//! many hashes: one after another on any CPU, and eight side by side where the CPU has AVX-512 IFMA
//! (`ifma`). [`Backend`] chooses while running; all of [`ShardHasher`], [`shard_root`] and
//! [`TreeCache`] go through it.
//!
//! `vectors/poseidon2-bn254.json` pins all four for other implementations.
#![cfg_attr(not(feature = "std"), no_std)]
// Allowed in `ifma::vector` alone.
#![deny(unsafe_code)]
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
pub use backend::Backend;
#[cfg(feature = "std")]
pub use cache::{CacheError, PathError, TreeCache, GROUP};
#[cfg(feature = "std")]
pub use hasher::{shard_root, ShardHasher, WrongLength};
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub use ifma::Ifma;
pub use leaf::{leaf_digest, leaf_elements, leaf_tag, LEAF_ELEMENTS, LEAF_TAG};
pub use path::{field_to_root, root_to_field, verify_path, Path, PATH_BYTES};
pub use permutation::{permute12, permute4};
pub use sponge::RATE;
pub use statement::{
    context_to_field, statement, statement_tag, INDICES_PER_ELEMENT, STATEMENT_TAG,
};
pub use tree::{compress, zero_subtree};
