//! The specification of this pallet.

mod attacks;
mod capacity;
mod draw;
mod health;
mod history;
mod invariants;
mod queries;
mod register;
mod slash;
mod tree;
