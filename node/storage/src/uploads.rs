//! Taking uploads in: for whom, and how many at a time.

mod check;
mod late;
mod sink;
mod turn;

use std::sync::Arc;

use neurostore_swarm::{PeerId, PutRequest, Refusal, ShardSink};
use tokio::sync::Semaphore;

use self::{late::LateUploads, sink::UploadSink, turn::Turns};
use crate::{context::Context, store::Claim};

/// The uploads of a node.
pub(crate) struct Uploads {
    context: Arc<Context>,
    places: Arc<Semaphore>,
    late: LateUploads,
    turns: Turns,
}

impl Uploads {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let places = context.options.max_uploads.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            context,
            places: Arc::new(Semaphore::new(places)),
            late: LateUploads::default(),
            turns: Turns::default(),
        }
    }

    /// Where the bytes of an upload go, if the chain drew this node for it and there is room.
    pub(crate) async fn accept(
        &self,
        from: PeerId,
        request: &PutRequest,
    ) -> Result<Box<dyn ShardSink>, Refusal> {
        // Asked first: a node that cannot store need not ask the chain.
        if self.context.store.read_only().is_some() {
            return Err(Refusal::ReadOnly);
        }
        if self.places.available_permits() == 0 {
            return Err(Refusal::Busy);
        }
        // Places and turns are for those alone whom the chain drew this node for.
        check::may_upload(&self.context, &self.late, from, request).await?;
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refusal::Busy)?;
        let claim = Claim {
            reservation: request.reservation,
            slot: request.slot,
        };
        let turn = self.turns.take(claim).ok_or(Refusal::Busy)?;
        let sink = UploadSink::begin(&self.context, request.class, claim, place, turn).await?;
        Ok(Box::new(sink))
    }
}
