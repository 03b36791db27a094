//! One segment to its nodes: stripes come from the encoder once and go to all nodes at the same
//! pace, with a few in between. A node that fails or holds up all others falls out; the rest go
//! on.

use std::{
    collections::BTreeMap,
    io,
    pin::{pin, Pin},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{
    future::{self, Either},
    stream::FuturesUnordered,
    Stream, StreamExt,
};
use neurostore_chain::Slot;
use neurostore_format::Stripe;
use neurostore_primitives::SlotIndex;
use neurostore_swarm::{PutRequest, Refusal, ShardError, StoredShard};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::io::StreamReader;

use super::encode::{KeptLeaves, Pass, PassError};
use crate::{
    limits::{ClientLimits, UPLOAD_STRIPES},
    network::{NodeError, ShardNetwork},
    progress::{Progress, ProgressSink},
    retry::{pause, RetryBudget},
};

/// How often a node is asked again that refused before any byte flowed.
const ASKS: u32 = 6;

/// A shard on its way to a node.
pub(crate) struct Target {
    pub(crate) slot: Slot,
    pub(crate) request: PutRequest,
}

/// Why a node has no shard.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The node's or the network's fault.
    Node(NodeError),
    /// It made the others wait too long.
    Straggler(Duration),
    /// It gave up because we had no bytes for it: another node held all of them up.
    Starved,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Node(error) => error.fmt(f),
            Self::Straggler(lag) => {
                write!(
                    f,
                    "too slow: the other nodes waited {} s for it",
                    lag.as_secs()
                )
            }
            Self::Starved => f.write_str("it gave up while another node held up the upload"),
        }
    }
}

/// What came of one pass over a segment.
pub(crate) struct Sent {
    pub(crate) results: BTreeMap<SlotIndex, Result<StoredShard, Failure>>,
    pub(crate) kept: KeptLeaves,
}

/// Encodes the segment once and sends the shards of `targets`.
pub(crate) async fn send_shards<N: ShardNetwork>(
    network: &N,
    segment: usize,
    pass: Pass,
    targets: Vec<Target>,
    limits: &ClientLimits,
    budget: &RetryBudget,
    progress: &ProgressSink,
) -> Result<Sent, PassError> {
    let (emit, stripes) = mpsc::channel::<Stripe>(1);
    let told = progress.clone();
    let encoding = tokio::task::spawn_blocking(move || {
        pass.run(|stripe, bytes| {
            told.tell(Progress::Encoded { segment, bytes });
            emit.blocking_send(stripe).is_ok()
        })
    });

    let (mut outputs, mut uploads) = (Vec::new(), FuturesUnordered::new());
    for target in targets {
        let (sender, units) = mpsc::channel(UPLOAD_STRIPES);
        let slot = target.slot.slot;
        let (cut_off, cut) = oneshot::channel();
        outputs.push(Output {
            slot,
            sender,
            cut_off,
            lag: Duration::ZERO,
        });
        uploads.push(async move {
            let upload = pin!(upload(network, segment, target, units, budget, progress));
            let cut = pin!(async {
                if cut.await.is_err() {
                    // The way ended because all was handed out.
                    future::pending::<()>().await;
                }
            });
            match future::select(cut, upload).await {
                Either::Left(_) => None,
                Either::Right((result, _)) => Some((slot, result)),
            }
        });
    }
    let distributing = distribute(stripes, outputs, limits.straggler_budget);
    let collecting = async {
        let mut results = BTreeMap::new();
        while let Some(ended) = uploads.next().await {
            if let Some((slot, result)) = ended {
                results.insert(slot, result);
            }
        }
        results
    };
    let (stragglers, mut results) = future::join(distributing, collecting).await;
    for (slot, lag) in stragglers {
        results.insert(slot, Err(Failure::Straggler(lag)));
    }
    let kept = match encoding.await {
        Ok(Ok(kept)) => kept,
        // All nodes failed, so nobody took the stripes: the failures say more.
        Ok(Err(PassError::Abandoned)) => KeptLeaves::new(),
        Ok(Err(error)) => return Err(error),
        Err(error) => return Err(PassError::Read(io::Error::other(error))),
    };
    Ok(Sent { results, kept })
}

/// The way to one node.
struct Output {
    slot: SlotIndex,
    sender: mpsc::Sender<Bytes>,
    /// Ends the upload at once.
    cut_off: oneshot::Sender<()>,
    /// How long this node made the others wait.
    lag: Duration,
}

/// Hands every stripe to all nodes. Returns the nodes that were cut off for slowness.
async fn distribute(
    mut stripes: mpsc::Receiver<Stripe>,
    mut outputs: Vec<Output>,
    straggler_budget: Duration,
) -> Vec<(SlotIndex, Duration)> {
    let mut stragglers = Vec::new();
    while let Some(stripe) = stripes.recv().await {
        let ranges: Vec<_> = outputs
            .iter()
            .map(|output| stripe.range(output.slot))
            .collect();
        let bytes = Bytes::from(stripe.into_bytes());
        let units: Vec<Bytes> = ranges.into_iter().map(|range| bytes.slice(range)).collect();
        hand_out(&mut outputs, units, straggler_budget, &mut stragglers).await;
        if outputs.is_empty() {
            break;
        }
    }
    stragglers
}

/// Hands one unit to each node. The clock of those that are not ready runs from the moment when
/// two thirds have taken theirs: so a slow uplink, which slows all alike, costs nobody his place.
async fn hand_out(
    outputs: &mut Vec<Output>,
    units: Vec<Bytes>,
    straggler_budget: Duration,
    stragglers: &mut Vec<(SlotIndex, Duration)>,
) {
    let count = outputs.len();
    let most = (count * 2).div_ceil(3);
    let mut waiting: Vec<(Output, Bytes)> = outputs.drain(..).zip(units).collect();
    while !waiting.is_empty() {
        let counting = count >= 3 && outputs.len() >= most;
        let begun = Instant::now();
        let ready = {
            let sends = waiting.iter().enumerate().map(|(position, (output, _))| {
                Box::pin(async move { (position, output.sender.reserve().await.is_ok()) })
            });
            let first = future::select_all(sends);
            if counting {
                let left = waiting
                    .iter()
                    .map(|(o, _)| straggler_budget.saturating_sub(o.lag));
                let patience = left.min().unwrap_or_default();
                tokio::time::timeout(patience, first)
                    .await
                    .ok()
                    .map(|(first, ..)| first)
            } else {
                Some(first.await.0)
            }
        };
        if counting {
            let lag = begun.elapsed();
            waiting.iter_mut().for_each(|(output, _)| output.lag += lag);
        }
        if let Some((position, alive)) = ready {
            let (output, unit) = waiting.swap_remove(position);
            // The channel had room and only we fill it.
            if alive && output.sender.try_send(unit).is_ok() {
                outputs.push(output);
            }
        }
        if ready.is_none() {
            let (late, rest) = waiting
                .into_iter()
                .partition::<Vec<_>, _>(|(output, _)| output.lag >= straggler_budget);
            waiting = rest;
            for (output, _) in late {
                stragglers.push((output.slot, output.lag));
                // It may have ended by itself in this moment.
                let _ = output.cut_off.send(());
            }
        }
    }
    outputs.sort_by_key(|output| output.slot);
}

/// Sends one shard. A node that refuses before the bytes flow is asked again: its view of the
/// chain may be a block behind ours.
async fn upload<N: ShardNetwork>(
    network: &N,
    segment: usize,
    target: Target,
    units: mpsc::Receiver<Bytes>,
    budget: &RetryBudget,
    progress: &ProgressSink,
) -> Result<StoredShard, Failure> {
    let slot = target.slot.slot;
    let mut body = StreamReader::new(Units::new(units));
    let mut attempt = 0;
    loop {
        let mut sent = 0;
        let answer = network
            .put(
                target.slot.peer_key,
                target.request.clone(),
                &mut body,
                |total| {
                    let bytes = total.saturating_sub(sent);
                    sent = total;
                    progress.tell(Progress::Uploaded {
                        segment,
                        slot,
                        bytes,
                    });
                },
            )
            .await;
        let error = match answer {
            Ok(stored) => return Ok(stored),
            Err(error) => error,
        };
        let fresh = !body.get_ref().taken;
        attempt += 1;
        let may_ask = if error.is_temporary() || may_lag(&error) {
            ASKS
        } else {
            error.tries()
        };
        if fresh && attempt < may_ask && budget.take() {
            tracing::debug!(%slot, node = %target.slot.node, %error, "asking the node again");
            tokio::time::sleep(pause(attempt)).await;
            continue;
        }
        let failure = if is_impatience(&error) && body.get_ref().waiting {
            Failure::Starved
        } else {
            Failure::Node(error)
        };
        let (bytes, reason) = (sent, failure.to_string());
        progress.tell(Progress::Wasted {
            segment,
            slot,
            bytes,
            reason,
        });
        return Err(failure);
    }
}

/// The refusal that a node gives while it has not seen the newest block. One that says the slot
/// is another's is no such case: the chain has to be read again.
fn may_lag(error: &NodeError) -> bool {
    matches!(
        error,
        NodeError::Shard(ShardError::Refused(Refusal::NotReserved))
    )
}

/// The refusal of a node that waited too long for bytes.
fn is_impatience(error: &NodeError) -> bool {
    matches!(
        error,
        NodeError::Shard(ShardError::Refused(Refusal::TooSlow))
    )
}

/// The units of one shard as a stream.
struct Units {
    units: mpsc::Receiver<Bytes>,
    /// Whether any was taken.
    taken: bool,
    /// Whether the next one is asked for and not there.
    waiting: bool,
}

impl Units {
    fn new(units: mpsc::Receiver<Bytes>) -> Self {
        Self {
            units,
            taken: false,
            waiting: false,
        }
    }
}

impl Stream for Units {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.units.poll_recv(cx);
        if matches!(next, Poll::Ready(Some(_))) {
            self.taken = true;
        }
        self.waiting = next.is_pending();
        next.map(|unit| unit.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(count: u8) -> (Vec<Output>, Vec<mpsc::Receiver<Bytes>>) {
        (0..count)
            .map(|slot| {
                let (sender, receiver) = mpsc::channel(1);
                let slot = SlotIndex::new(slot).unwrap();
                let (cut_off, _) = oneshot::channel();
                let lag = Duration::ZERO;
                (
                    Output {
                        slot,
                        sender,
                        cut_off,
                        lag,
                    },
                    receiver,
                )
            })
            .unzip()
    }

    fn units(count: usize) -> Vec<Bytes> {
        vec![Bytes::from_static(b"unit"); count]
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_holds_up_all_others_is_cut_off() {
        let (mut outputs, mut receivers) = outputs(6);
        let mut stragglers = Vec::new();
        let budget = Duration::from_millis(30);
        hand_out(&mut outputs, units(6), budget, &mut stragglers).await;
        for (slot, receiver) in receivers.iter_mut().enumerate() {
            if slot != 4 {
                assert!(receiver.try_recv().is_ok());
            }
        }
        hand_out(&mut outputs, units(6), budget, &mut stragglers).await;
        assert_eq!(stragglers.len(), 1);
        assert_eq!(stragglers[0].0.get(), 4);
        assert_eq!(outputs.len(), 5);
    }

    #[tokio::test]
    async fn a_node_that_failed_falls_out_without_delay() {
        let (mut outputs, mut receivers) = outputs(3);
        receivers.remove(1);
        let mut stragglers = Vec::new();
        hand_out(
            &mut outputs,
            units(3),
            Duration::from_secs(60),
            &mut stragglers,
        )
        .await;
        assert!(stragglers.is_empty());
        let slots: Vec<u8> = outputs.iter().map(|output| output.slot.get()).collect();
        assert_eq!(slots, [0, 2]);
    }
}
