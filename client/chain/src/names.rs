//! The names by which this crate and the runtime know each other, each written once and in a table.
//!
//! Callers match on the types of these tables and never on text. The runtime's own tests hold every
//! table to its metadata: a pallet, call, event, field, error, storage item, constant or runtime
//! API that is renamed on one side only makes one of them fail, and it says which.

pub mod calls;
pub mod errors;
pub mod events;
pub mod methods;
pub mod state;

pub use crate::name::{Name, Pallet};
