//! The storage service and its shard store.
#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

mod service;
mod store;
