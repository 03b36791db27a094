//! The storage RPC: read-only methods, merged into a chain node's RPC or served alone.

use std::sync::Arc;

use jsonrpsee::{
    types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned, Params},
    RpcModule,
};
use neurostore_primitives::ShardRoot;
use serde::Serialize;

use crate::{
    context::Context,
    report,
    status::{ChallengeStatus, WindowNote},
    store::{Claim, ShardState},
};

/// Shards listed at a time.
const MAX_SHARDS: u32 = 1024;
/// Shards listed where the caller names no number.
const DEFAULT_SHARDS: u32 = 100;
/// JSON-RPC's code of a failure inside the server.
const INTERNAL: i32 = -32603;

/// A shard as `storage_shards` lists it.
#[derive(Clone, Debug, Serialize)]
pub struct ShardView {
    /// Its root, in hexadecimal digits.
    pub root: String,
    /// Its class.
    pub class: u8,
    /// Its bytes.
    pub len: u64,
    /// When it was stored, in seconds since 1970.
    pub received_at: u64,
    /// Its state.
    pub state: ShardState,
    /// Slots of reservations that it was received for.
    pub claims: Vec<Claim>,
}

/// A page of `storage_shards`.
#[derive(Clone, Debug, Serialize)]
pub struct ShardPage {
    /// The shards, in the order of their roots.
    pub shards: Vec<ShardView>,
    /// What to give as `from` for the next page; none at the end.
    pub next: Option<String>,
}

/// The proofs as `storage_proofs` tells them.
#[derive(Clone, Debug, Serialize)]
pub struct ProofsView {
    /// Windows proven since the start.
    pub accepted: u64,
    /// Windows missed since the start.
    pub missed: u64,
    /// The latest windows, oldest first.
    pub windows: Vec<WindowNote>,
}

/// The methods of a node.
pub(crate) fn module(context: Arc<Context>) -> RpcModule<Context> {
    let mut module = RpcModule::from_arc(context);
    let registered = register(&mut module);
    // Names are fixed above and differ.
    if let Err(error) = registered {
        tracing::error!(%error, "a method of the storage RPC could not be registered");
    }
    module
}

fn register(module: &mut RpcModule<Context>) -> Result<(), jsonrpsee::core::RegisterMethodError> {
    module.register_method("storage_status", |_, context, _| {
        answer(report::status(context))
    })?;
    module.register_method("storage_addresses", |_, context, _| {
        report::addresses(context)
    })?;
    module.register_method("storage_peers", |_, context, _| {
        let peers = context.swarm().map(|swarm| swarm.connected_peers());
        let peers = peers.unwrap_or_default();
        peers.iter().map(ToString::to_string).collect::<Vec<_>>()
    })?;
    module.register_method("storage_challenges", |_, context, _| {
        let challenge = context.board().challenge;
        challenge
            .map(ChallengeStatus::from)
            .into_iter()
            .collect::<Vec<_>>()
    })?;
    module.register_method("storage_proofs", |_, context, _| {
        answer(ProofsView {
            accepted: context.metrics.proofs_accepted.get(),
            missed: context.metrics.windows_missed.get(),
            windows: context.board().windows.iter().cloned().collect(),
        })
    })?;
    module.register_blocking_method("storage_shards", |params, context, _| {
        shards(&params, &context)
    })?;
    Ok(())
}

/// Records answer as results that cannot fail.
fn answer<T>(value: T) -> Result<T, ErrorObjectOwned> {
    Ok(value)
}

/// `storage_shards(from?, limit?)`: `from` is a root in hexadecimal digits.
fn shards(params: &Params<'_>, context: &Context) -> Result<ShardPage, ErrorObjectOwned> {
    let bad = |what: &str| ErrorObjectOwned::owned(INVALID_PARAMS_CODE, what, None::<()>);
    let mut params = params.sequence();
    let from: Option<String> = params.optional_next()?;
    let limit: Option<u32> = params.optional_next()?;
    let mut start = ShardRoot::default();
    if let Some(from) = from {
        let digits = from.strip_prefix("0x").unwrap_or(&from);
        hex::decode_to_slice(digits, &mut start.0)
            .map_err(|_| bad("from is not a root: expected 64 hexadecimal digits"))?;
    }
    let limit = limit.unwrap_or(DEFAULT_SHARDS).clamp(1, MAX_SHARDS) as usize;
    let listed = context.store.list(&start, limit).map_err(|error| {
        tracing::warn!(%error, "shards could not be listed");
        ErrorObjectOwned::owned(INTERNAL, error.to_string(), None::<()>)
    })?;
    let last = listed.last().filter(|_| listed.len() == limit);
    Ok(ShardPage {
        next: last
            .and_then(|last| crate::store::Store::after(&last.root))
            .map(|root| root.to_string()),
        shards: listed
            .into_iter()
            .map(|shard| ShardView {
                root: shard.root.to_string(),
                class: shard.record.class.get(),
                len: shard.record.len,
                received_at: shard.record.received_at,
                state: shard.record.state,
                claims: shard.claims,
            })
            .collect(),
    })
}
