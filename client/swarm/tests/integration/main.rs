//! Real swarms on loopback, with shards in memory.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod discovery;
mod hostile;
mod raw;
mod service;
mod transfer;
mod trouble;
