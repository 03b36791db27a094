#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod accounts;
mod block_events;
mod blocks;
mod call;
mod connection;
mod error;
mod events;
mod layout;
mod name;
pub mod names;
mod nodes;
mod nonces;
mod payments;
mod placement;
mod purse;
mod registration;
mod signer;
mod spacetime;
mod submit;
pub mod testnet;
mod unread;

pub use accounts::ChainKind;
pub use blocks::BlockId;
pub use call::Call;
pub use connection::{Chain, ChainOptions, Inclusion};
pub use error::{ChainError, SignerError};
pub use events::{ChainEvent, EventError};
pub use layout::Layout;
pub use names::{
    calls::CallName,
    errors::{
        BalancesError, PalletError, PaymentsError, PlacementError, SpacetimeError,
        StorageNodesError,
    },
};
pub use purse::AccountState;
pub use registration::Registration;
pub use signer::{verify_sr25519, Signer};
pub use submit::Included;
pub use unread::Unread;

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
