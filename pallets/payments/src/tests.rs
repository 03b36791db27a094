//! The specification of this pallet.

mod conservation;
mod pot;
mod price;
mod rent;
mod stream;
mod windows;
mod withdraw;
