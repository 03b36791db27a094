//! Whether an upload is what the chain drew this node for.

use std::time::Duration;

use neurostore_chain::{verify_sr25519, ChainError, Reservation};
use neurostore_primitives::{upload_payload, NodeId};
use neurostore_swarm::{PeerId, PutRequest, Refusal};

use super::late::LateUploads;
use crate::{chain_access::ChainAccess, context::Context};

/// Our endpoint may be a block behind the uploader's: so many times we wait for its next block.
const BLOCKS_WAITED: u32 = 2;
/// The longest wait for one of them.
const BLOCK_PATIENCE: Duration = Duration::from_secs(7);

/// Checks signature and reservation; waits for a block where the reservation may only be late and
/// few wait already.
pub(super) async fn may_upload(
    context: &Context,
    late: &LateUploads,
    from: PeerId,
    request: &PutRequest,
) -> Result<(), Refusal> {
    if request.len != request.class.shard_bytes() {
        return Err(Refusal::WrongLength);
    }
    let chain = context.chain().ok_or(Refusal::ChainUnreachable)?;
    let payload = upload_payload(&chain.genesis(), request.reservation, request.slot);
    if !verify_sr25519(&request.owner, &payload, &request.signature) {
        return Err(Refusal::BadSignature);
    }
    let node = context.node_id().ok_or(Refusal::ChainUnreachable)?;
    let mut blocks = context.blocks();
    let mut waited = 0;
    let mut waiting = None;
    loop {
        blocks.mark_unchanged();
        let verdict = check(chain.as_ref(), context, node, request).await;
        let is_late = matches!(verdict, Err(Refusal::NotReserved | Refusal::WrongSlot));
        if !is_late || waited >= BLOCKS_WAITED {
            return verdict;
        }
        waiting = waiting.or_else(|| late.wait(from));
        if waiting.is_none() {
            return verdict;
        }
        waited += 1;
        // Without a new block there is no new answer.
        if tokio::time::timeout(BLOCK_PATIENCE, blocks.changed())
            .await
            .is_err()
        {
            return verdict;
        }
    }
}

async fn check(
    chain: &dyn ChainAccess,
    context: &Context,
    node: NodeId,
    request: &PutRequest,
) -> Result<(), Refusal> {
    let found = chain.reservation(request.reservation).await;
    let found = found.map_err(|error| {
        context.chain_failed("checking an upload", &error);
        match error {
            ChainError::Undecodable { .. } | ChainError::NotSupported { .. } => Refusal::Failed,
            _ => Refusal::ChainUnreachable,
        }
    })?;
    let reservation = found.ok_or(Refusal::NotReserved)?;
    let best = context.best().map_or(0, |(number, _)| number);
    fits(&reservation, best, node, request)
}

fn fits(
    reservation: &Reservation,
    best: u32,
    node: NodeId,
    request: &PutRequest,
) -> Result<(), Refusal> {
    if reservation.expires_at <= best || reservation.slots.is_empty() {
        return Err(Refusal::NotReserved);
    }
    if reservation.owner.0 != request.owner {
        return Err(Refusal::BadSignature);
    }
    if reservation.class != request.class {
        return Err(Refusal::WrongClass);
    }
    let is_mine = reservation
        .slots
        .iter()
        .any(|slot| slot.slot == request.slot && slot.node == node);
    if is_mine {
        Ok(())
    } else {
        Err(Refusal::WrongSlot)
    }
}
