//! What follows from how the pallets are put together: who gets fees, what proxies may do, when
//! consensus changes hands, what a pool takes. Native code says it as well as WASM, so these tests
//! need no WASM.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // Tests panic where they fail; their numbers are small.

mod answers;
mod blocks;
#[path = "../wasm/chain.rs"]
mod chain;
#[path = "../wasm/crowd.rs"]
mod crowd;
mod fees;
#[allow(dead_code)] // The tests of the client read more of it.
#[path = "../client/metadata.rs"]
mod metadata;
mod proxies;
mod sessions;
