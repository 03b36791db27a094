#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod ceremony;
mod circuits;
mod forgery;

pub use circuits::{circuit_constraints, UnknownCircuit};
pub use forgery::Forger;
