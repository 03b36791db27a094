//! The rules of spacetime, one file for each subject.
// Numbers of tests are small.
#![allow(clippy::cast_possible_truncation)]

mod batch;
mod deadlines;
mod genesis;
mod invariants;
mod keys;
mod lost_keys;
mod migrations;
mod openings;
mod proofs;
mod proving;
mod refusals;
mod registration;
mod suspension;
mod unreadable;
mod views;
