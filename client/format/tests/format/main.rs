//! The format as its users meet it: content in, fifteen shards out, and back again whatever
//! happened to them.
// A test stops where its fact does not hold, and makes its bytes by cutting numbers off.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod damage;
mod objects;
mod reference;
mod roundtrip;
mod segments;
mod vectors;
