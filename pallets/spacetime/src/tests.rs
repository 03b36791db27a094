//! The rules of spacetime, one file for each subject.
// Numbers of tests are small.
#![allow(clippy::cast_possible_truncation)]

mod deadlines;
mod genesis;
mod keys;
mod openings;
mod proofs;
mod refusals;
mod registration;
mod views;
