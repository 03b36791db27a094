//! The node as a service: what every command needs (`partial`), and what a running node adds
//! (`full`): network, offchain workers, RPC, block production, finality.

mod authoring;
mod client;
mod finality;
mod full;
mod network;
mod offchain;
mod partial;
mod rpc;

pub(crate) use full::start;
pub(crate) use partial::new_partial;

/// Blocks whose state is kept by default: two windows of an hour each, so that a storage node
/// that was away can still read the samples of its open window.
pub(crate) const STATE_PRUNING_BLOCKS: u32 = 1_200;
