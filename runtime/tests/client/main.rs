//! What `client/chain` believes of the runtime, held to the metadata of this one: a pallet, call,
//! argument, event, field, error, storage item, constant or runtime API that has another name or
//! type here fails a test that names it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests panic where they fail, their helpers too.

mod calls;
mod metadata;
mod names;
mod types;
