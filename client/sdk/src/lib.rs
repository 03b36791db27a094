//! Store and fetch files on NeuroStore: the crate that programs add.
//!
//! ```no_run
//! use neurostore_client::{Client, ClientOptions, PutOptions, Signer};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let signer = Signer::from_file("account.key")?;
//! let options = ClientOptions { signer: Some(signer), ..ClientOptions::default() };
//! let client = Client::connect("ws://127.0.0.1:9944", options).await?;
//!
//! let stored = client.put_file("film.mkv", PutOptions::new(24)).await?;
//! let mut reader = client.get(&stored.locator).await?; // an AsyncRead
//! tokio::io::copy(&mut reader, &mut tokio::io::sink()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! An object is encrypted and erasure-coded here, before anything leaves the machine: fifteen
//! nodes get a shard of each segment, any ten give it back. What a reader needs is the
//! [`Locator`], which holds the key; without it nobody can read the object, and nobody can
//! recover it.
//!
//! Everything streams: an upload or a download holds a few stripes of 640 KiB in memory, however
//! large the object is. Every operation has its own error type that says what to do next.
#![forbid(unsafe_code)]

mod agreements;
mod client;
mod cost;
mod download;
mod error;
mod journal;
mod limits;
mod network;
mod progress;
mod retry;
mod source;
mod stat;
mod upload;

pub use agreements::{Dropped, Extended};
pub use client::{parse_bootnode, Client, ClientOptions};
pub use cost::Cost;
pub use download::{Object, ObjectReader};
pub use error::{AgreementError, ConnectError, GetError, MissingShard, NotEnoughShards, PutError};
pub use journal::JournalError;
pub use limits::ClientLimits;
pub use progress::{Progress, ProgressSink};
pub use source::{BytesSource, FileSource, Source, SourceStamp, Spool, DEFAULT_SPOOL_LIMIT};
pub use stat::{ObjectStat, SegmentStat, SlotStat};
pub use upload::{ObjectHandle, PutOptions};

// All that stands in the signatures above and in what the chain answers: whoever uses this crate
// needs no other of ours.
pub use bytes::Bytes;
pub use neurostore_chain::{
    AccountId, AccountState, Balance, BalancesError, BlockId, Call, CallName, Chain, ChainError,
    ChainEvent, ChainKind, ChainOptions, Earnings, EventError, Included, Inclusion, Node,
    PalletError, PaymentsError, PlacementError, Quote, Registration, Reservation, Segment, Signer,
    SignerError, Slot, SpacetimeError, StorageNodesError,
};
pub use neurostore_format::{
    CipherError, EncodeError, IndexError, LayoutError, Locator, LocatorError, Mode, ObjectTooLarge,
    SegmentKey,
};
pub use neurostore_primitives::{
    AgreementInfo, BadAmount, BadCapacity, Capacity, ChallengeInfo, CircuitId, ClassCounts,
    CountryCode, DrawError, Neuro, NodeClass, NodeId, NodeState, PeerKey, Receipt, ReservationId,
    SegmentId, ShardClass, ShardRoot, SlotIndex, WindowIndex, DATA_SHARDS, LEAF_BYTES,
    MILLISECONDS_PER_BLOCK, NEURO, TOTAL_SHARDS,
};
pub use neurostore_swarm::{
    Limits as SwarmLimits, Multiaddr, PeerId, StartError as SwarmStartError, Swarm,
};
