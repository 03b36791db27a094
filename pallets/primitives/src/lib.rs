#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

#[macro_use]
mod bounded;
mod canonical;
mod draw;
mod ids;
mod measures;
mod node;
mod placement;
mod rent;
mod sampling;
mod shard;
mod signing;
mod spacetime;
mod traits;
mod units;

pub use canonical::is_canonical_root;
pub use draw::{draw_nodes, Candidate, DrawError, EligibleSet, MAX_DRAW_PROBES, MAX_LIGHT_SLOTS};
pub use ids::{CircuitId, NodeId, ReservationId, SegmentId, ShardRoot, SlotIndex, WindowIndex};
pub use measures::{BadAmount, BadCapacity, Capacity, Neuro, NEURO_DECIMALS};
pub use node::{CountryCode, NodeClass, NodeInfo, NodeState, PeerKey};
pub use placement::{
    segment_id, AgreementInfo, HeldShardInfo, Receipt, ReservationInfo, SegmentInfo, SlotInfo,
};
pub use rent::{
    rate_per_slot, rent_total, stream_released, EarningsInfo, Quote, LEAVES_PER_GIB, TICK_BLOCKS,
};
pub use sampling::{draw_samples, ClassCounts, SampleDraw};
pub use shard::{
    ShardClass, CLASS_COUNT, DATA_SHARDS, LEAF_BYTES, MAX_CLASS, MAX_SEGMENT_BYTES,
    MAX_SHARD_BYTES, PARITY_SHARDS, TOTAL_SHARDS, TREE_ARITY, TREE_DEPTH,
};
pub use signing::{node_account_payload, peer_key_payload, receipt_payload, upload_payload};
pub use spacetime::{
    challenge_seed, statement_context, ChallengeInfo, FaultReason, SampleInfo, WindowOutcome,
    PROOF_BYTES, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION,
};
pub use traits::{
    HeldShard, Holdings, NodeHealth, NodeRegistry, NodeRoom, OnNodeRegistered, RentLedger,
    WindowClock, WindowLedger,
};
pub use units::{
    Balance, DAYS, HOURS, MICRO_NEURO, MILLISECONDS_PER_BLOCK, MILLI_NEURO, MINUTES, NEURO,
};
