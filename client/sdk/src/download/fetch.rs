//! Gathering the units of stripes from several nodes at once.

use std::{collections::BTreeMap, io};

use bytes::Bytes;
use futures::{stream::FuturesUnordered, StreamExt};
use neurostore_chain::{Segment, Slot};
use neurostore_format::{BadUnits, Layout, SlotSet, StripeRead, StripeUnits};
use neurostore_primitives::{SlotIndex, DATA_SHARDS};
use neurostore_swarm::ShardError;
use tokio::{io::AsyncReadExt, sync::mpsc, task::JoinHandle};

use super::race::{ask_order, Race};
use crate::{
    error::{GetError, MissingShard, NotEnoughShards},
    limits::ClientLimits,
    network::{peer_name, NodeError, ShardNetwork},
    retry::{pause, RetryBudget},
};

/// Reads that touch fewer shards than this ask those shards first and no others.
const NARROW_READ: usize = 8;

/// A shard that is being read, one unit after the other.
struct Running {
    units: mpsc::Receiver<Result<Bytes, NodeError>>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The stripes of one segment, in order.
pub(crate) struct StripeFetch<'a, N> {
    network: &'a N,
    record: &'a Segment,
    layout: &'a Layout,
    limits: &'a ClientLimits,
    budget: &'a RetryBudget,
    race: Race,
    running: BTreeMap<SlotIndex, Running>,
    /// The stripe after the last one of this read.
    end: u32,
    /// Whether only the shards are read that hold what is wanted.
    narrow: bool,
}

impl<'a, N: ShardNetwork> StripeFetch<'a, N> {
    pub(crate) fn new(
        network: &'a N,
        record: &'a Segment,
        layout: &'a Layout,
        limits: &'a ClientLimits,
        budget: &'a RetryBudget,
    ) -> Self {
        Self {
            network,
            record,
            layout,
            limits,
            budget,
            race: Race::new([].into()),
            running: BTreeMap::new(),
            end: 0,
            narrow: false,
        }
    }

    /// Asks for the stripes `first..end` and gathers the first of them.
    pub(crate) async fn begin(
        &mut self,
        first: u32,
        end: u32,
    ) -> Result<StripeUnits<Bytes>, GetError> {
        let wanted = self.layout.frame_slots(first);
        let ahead = self.limits.first_reads.saturating_sub(DATA_SHARDS);
        self.start(first, end, wanted, wanted.len().saturating_add(ahead));
        self.gather(first, SlotSet::ALL).await
    }

    /// Asks for the stripes of a read and gathers the first of them. A read of one stripe that
    /// touches few shards asks only those at first.
    pub(crate) async fn begin_read(
        &mut self,
        read: &StripeRead,
        end: u32,
    ) -> Result<StripeUnits<Bytes>, GetError> {
        let (first, wanted) = (read.stripe(), read.slots());
        if end.saturating_sub(first) > 1 || wanted.len() > NARROW_READ {
            return self.begin(first, end).await;
        }
        self.start(first, end, wanted, wanted.len());
        self.narrow = true;
        self.gather(first, wanted).await
    }

    fn start(&mut self, first: u32, end: u32, wanted: SlotSet, count: usize) {
        self.end = end;
        self.narrow = false;
        self.race = Race::new(ask_order(
            &self.record.slots,
            wanted,
            &mut rand::thread_rng(),
        ));
        self.running.clear();
        for _ in 0..count {
            self.start_one(first, SlotSet::EMPTY);
        }
    }

    /// Goes on where the units of a stripe are known already but do not suffice.
    pub(crate) fn resume(&mut self, stripe: u32, end: u32) {
        self.start(stripe, end, self.layout.frame_slots(stripe), 0);
    }

    /// Gathers the units of the next stripe of the read.
    pub(crate) async fn next(&mut self, read: &StripeRead) -> Result<StripeUnits<Bytes>, GetError> {
        self.gather(read.stripe(), read.slots()).await
    }

    /// Names the damaged units in the log and reads their shards no more.
    pub(crate) fn damaged(&mut self, bad: SlotSet, stripe: u32) {
        for slot in bad.iter() {
            if self.race.faults().contains_key(&slot) {
                continue;
            }
            let node = self
                .record
                .slots
                .get(slot.index())
                .map(|at| at.node)
                .unwrap_or_default();
            tracing::warn!(
                %slot, %node, segment = %self.record.id, stripe,
                "the node sent a damaged unit; it is rebuilt from other shards"
            );
            self.running.remove(&slot);
            self.race
                .failed(slot, format!("sent a damaged unit in stripe {stripe}"), 1);
        }
    }

    /// Adds units where those that came do not suffice.
    pub(crate) async fn repair(
        &mut self,
        units: &mut StripeUnits<Bytes>,
        stripe: u32,
        problem: BadUnits,
    ) -> Result<(), GetError> {
        // The damaged ones stay: with enough others it shows whether they are damaged or the key
        // is another. Only then are they named.
        let useful = self.useful(stripe);
        let before = units.slots().intersection(useful);
        let goal = before.len().saturating_add(problem.more.max(1));
        let collected = self
            .collect(units, stripe, goal, |have| have.len() >= goal)
            .await;
        if collected.is_err() && units.slots().intersection(useful) == before {
            self.damaged(problem.bad, stripe);
            return Err(self.not_enough(before.without(problem.bad), stripe).into());
        }
        // Fewer than asked for may do: the decoder judges.
        Ok(())
    }

    /// Waits for the units of a stripe: those in `direct`, or as many as give all of it back.
    async fn gather(
        &mut self,
        stripe: u32,
        direct: SlotSet,
    ) -> Result<StripeUnits<Bytes>, GetError> {
        let mut units = StripeUnits::new(self.layout);
        let needed = self.layout.frames_in(stripe);
        let direct = direct.intersection(self.layout.frame_slots(stripe));
        let whole = |have: SlotSet| have.len() >= needed;
        // A narrow read goes for the shards it wants; only their failure makes it need more.
        let goal = if self.narrow { direct.len() } else { needed };
        self.collect(&mut units, stripe, goal, |have| {
            whole(have) || (!direct.is_empty() && direct.without(have).is_empty())
        })
        .await?;
        Ok(units)
    }

    /// The slots whose units say something of a stripe: those with a frame, and parity. The others
    /// are zero, which the decoder knows without them.
    fn useful(&self, stripe: u32) -> SlotSet {
        self.layout.frame_slots(stripe).union(SlotSet::PARITY)
    }

    /// Collects units of a stripe until there are `enough` useful ones. Shards that were not fast
    /// enough are let go.
    async fn collect(
        &mut self,
        units: &mut StripeUnits<Bytes>,
        stripe: u32,
        goal: usize,
        enough: impl Fn(SlotSet) -> bool,
    ) -> Result<(), GetError> {
        let mut goal = goal;
        let useful = self.useful(stripe);
        let mut waits = FuturesUnordered::new();
        self.top_up(stripe, units.slots(), goal, false);
        while !enough(units.slots().intersection(useful)) {
            let awaited = self.take_unawaited(units.slots());
            if awaited.is_empty() && waits.is_empty() {
                if !self.ask_again(stripe, units.slots()).await {
                    return Err(self.not_enough(units.slots(), stripe).into());
                }
                continue;
            }
            waits.extend(
                awaited
                    .into_iter()
                    .map(|(slot, running)| next_unit(slot, running)),
            );
            match tokio::time::timeout(self.limits.hedge_after, waits.next()).await {
                // Slow: more are asked, and whoever is faster counts.
                Err(_) => self.trouble(stripe, units.slots(), &mut goal),
                Ok(None) => {}
                Ok(Some((slot, running, Ok(bytes)))) => match units.insert(slot, bytes) {
                    Ok(()) => {
                        self.race.answered(slot);
                        self.running.insert(slot, running);
                    }
                    Err(error) => {
                        self.race.failed(slot, error.to_string(), 1);
                        self.trouble(stripe, units.slots(), &mut goal);
                    }
                },
                Ok(Some((slot, running, Err(error)))) => {
                    drop(running);
                    tracing::debug!(
                        %slot, segment = %self.record.id, stripe, %error, "a shard is not readable"
                    );
                    self.race.failed(slot, error.to_string(), error.tries());
                    self.trouble(stripe, units.slots(), &mut goal);
                }
            }
        }
        // Whoever is still awaited has lost.
        drop(waits);
        let lost = self
            .race
            .running()
            .without(self.running.keys().copied().collect());
        lost.iter().for_each(|slot| self.race.let_go(slot));
        Ok(())
    }

    /// Takes the running shards whose unit is neither here nor awaited.
    fn take_unawaited(&mut self, held: SlotSet) -> Vec<(SlotIndex, Running)> {
        let slots: Vec<SlotIndex> = self
            .running
            .keys()
            .copied()
            .filter(|slot| !held.contains(*slot))
            .collect();
        slots
            .into_iter()
            .filter_map(|slot| Some((slot, self.running.remove(&slot)?)))
            .collect()
    }

    /// A shard is late or lost: one more is asked, and a read that was narrow is so no longer.
    fn trouble(&mut self, stripe: u32, held: SlotSet, goal: &mut usize) {
        self.narrow = false;
        *goal = (*goal).max(self.layout.frames_in(stripe));
        self.top_up(stripe, held, *goal, true);
    }

    /// Keeps as many shards running as the stripe needs, and starts one `more` where it is late.
    fn top_up(&mut self, stripe: u32, held: SlotSet, needed: usize, more: bool) {
        let useful = self.useful(stripe);
        let mut start = more;
        while start || self.race.running().union(held).intersection(useful).len() < needed {
            start = false;
            if !self.start_one(stripe, held) {
                return;
            }
        }
    }

    /// Asks shards again whose failure may have passed, after a pause.
    async fn ask_again(&mut self, stripe: u32, held: SlotSet) -> bool {
        let Some(tries) = self.race.second_chance().filter(|_| self.budget.take()) else {
            return false;
        };
        tokio::time::sleep(pause(tries)).await;
        let mut any = false;
        while self.start_one(stripe, held) {
            any = true;
        }
        any
    }

    /// Starts to read one more shard from `stripe` on. One that is zero there is so to its end.
    fn start_one(&mut self, stripe: u32, held: SlotSet) -> bool {
        let except = held.union(SlotSet::ALL.without(self.useful(stripe)));
        let Some(slot) = self.race.start_next(except) else {
            return false;
        };
        let Some(at) = self.record.slots.get(slot.index()) else {
            return false;
        };
        let (sender, units) = mpsc::channel(self.limits.stripes_in_flight.max(1));
        let task = tokio::spawn(read_shard(
            self.network.clone(),
            at.clone(),
            self.layout.unit(),
            stripe..self.end,
            sender,
        ));
        self.running.insert(slot, Running { units, task });
        true
    }

    /// Shards without a frame in this stripe count as reachable: what they hold is known.
    fn not_enough(&self, held: SlotSet, stripe: u32) -> NotEnoughShards {
        let useful = self.useful(stripe);
        let missing = self
            .race
            .faults()
            .iter()
            .filter(|(slot, _)| useful.without(held).contains(**slot))
            .filter_map(|(slot, fault)| {
                let at = self.record.slots.get(slot.index())?;
                Some(MissingShard {
                    slot: *slot,
                    node: at.node,
                    peer: peer_name(&at.peer_key),
                    reason: fault.reason.clone(),
                })
            })
            .collect();
        NotEnoughShards {
            segment: self.record.id,
            needed: DATA_SHARDS,
            missing,
        }
    }
}

async fn next_unit(
    slot: SlotIndex,
    mut running: Running,
) -> (SlotIndex, Running, Result<Bytes, NodeError>) {
    let unit = match running.units.recv().await {
        Some(unit) => unit,
        None => Err(ShardError::ShutDown.into()),
    };
    (slot, running, unit)
}

/// Reads the units of one shard until the last, an error, or nobody listens.
async fn read_shard<N: ShardNetwork>(
    network: N,
    at: Slot,
    unit: usize,
    stripes: std::ops::Range<u32>,
    sender: mpsc::Sender<Result<Bytes, NodeError>>,
) {
    let offset = u64::from(stripes.start).saturating_mul(unit as u64);
    let count = stripes.end.saturating_sub(stripes.start);
    let len = u64::from(count).saturating_mul(unit as u64);
    let mut body = match network.range(at.peer_key, at.root, offset, len).await {
        Ok(body) => body,
        Err(error) => {
            // Nobody listens any more: nothing to tell.
            let _ = sender.send(Err(error)).await;
            return;
        }
    };
    for _ in 0..count {
        let mut bytes = vec![0; unit];
        let read = body.read_exact(&mut bytes).await;
        let result = read.map(|_| Bytes::from(bytes)).map_err(body_error);
        let failed = result.is_err();
        if sender.send(result).await.is_err() || failed {
            return;
        }
    }
}

fn body_error(error: io::Error) -> NodeError {
    NodeError::Shard(match ShardError::from_io(error) {
        Ok(error) => error,
        Err(other) => ShardError::Source(other),
    })
}
