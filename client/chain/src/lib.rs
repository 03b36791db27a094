//! Typed access to the chain: the only user of subxt.
//!
//! [`Chain`] is a cheap handle on one reconnecting WebSocket connection. Reading goes through
//! runtime APIs, whose answers are decoded into the record types of `neurostore-primitives`, the
//! same definitions that the runtime encodes. Writing goes through [`Call`]s: their arguments are
//! typed values, laid out and checked against the metadata of the chain, so that a runtime whose
//! calls have changed is reported in words instead of misread.
//!
//! Every wait has a deadline, every refusal names pallet, error and the error's own documentation.
#![forbid(unsafe_code)]

mod accounts;
mod blocks;
mod bulk;
mod call;
mod connection;
mod error;
mod events;
mod nodes;
mod nonces;
mod payments;
mod placement;
mod signer;
mod spacetime;
mod submit;

pub use accounts::{AccountState, ChainKind};
pub use blocks::BlockId;
pub use bulk::BlockWeight;
pub use call::Call;
pub use connection::{Chain, ChainOptions, Inclusion};
pub use error::{ChainError, SignerError};
pub use events::{ChainEvent, EventError};
pub use nodes::Registration;
pub use signer::{verify_sr25519, Signer};
pub use submit::Included;

/// An account of the chain: 32 bytes, shown in SS58 form.
pub use subxt::utils::AccountId32 as AccountId;

/// Amounts of NEURO in plancks (10^-12 NEURO).
pub type Balance = u128;
/// A storage node as the chain tells of it.
pub type Node = neurostore_primitives::NodeInfo<AccountId, Balance>;
/// A reservation as the chain tells of it.
pub type Reservation = neurostore_primitives::ReservationInfo<AccountId, Balance>;
/// A segment as the chain tells of it.
pub type Segment = neurostore_primitives::SegmentInfo<AccountId, Balance>;
/// One slot of a reservation or a segment.
pub type Slot = neurostore_primitives::SlotInfo<AccountId>;
/// The exact charge for a segment.
pub type Quote = neurostore_primitives::Quote<Balance>;
/// What a node earned.
pub type Earnings = neurostore_primitives::EarningsInfo<Balance>;
