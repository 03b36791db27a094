//! The rules of placement, one file for each subject.
// Numbers of tests are small.
#![allow(clippy::cast_possible_truncation)]

mod agreements;
mod attacks;
mod commit;
mod draws;
mod expiry;
mod index;
mod random;
mod reserve;
mod views;
