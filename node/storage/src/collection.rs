//! Garbage collection: what the chain no longer expects here is removed, what it does expect and
//! is not here is said loudly.

use std::{
    collections::{hash_map::Entry, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use neurostore_chain::ChainError;
use neurostore_primitives::{HeldShardInfo, NodeId, ReservationId, ShardClass, ShardRoot};

use crate::{
    chain_access::ChainAccess,
    context::Context,
    present,
    status::MissingShard,
    store::{Claim, IndexError, ListedShard, ShardState, Store, UpdateError},
};

/// Passes in a window: a shard is marked at the second pass that finds it unneeded.
const PASSES_PER_WINDOW: u32 = 2;
/// Windows for which a marked shard is kept: an open challenge asks for at most one past one.
const KEPT_WINDOWS: u32 = 2;
/// Shards asked for, and records read, at a time: the runtime's own cap.
const PAGE: u32 = 1024;
/// How often the chain's list is read at most, where blocks come meanwhile.
const READINGS: usize = 3;
/// Pause after a pass that failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(15);

/// Why a pass ended early; the next one begins anew.
#[derive(Debug, thiserror::Error)]
enum PassError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error("a storage thread ended badly")]
    Thread,
}

/// Collects garbage for ever.
pub(crate) async fn run(context: Arc<Context>) {
    let Some(chain) = context.wait_for_chain().await else {
        return;
    };
    context.wait_until_recovered().await;
    let mut collector = Collector {
        context: Arc::clone(&context),
        chain,
        unneeded: HashSet::new(),
        marked: HashMap::new(),
        waits_for_present: false,
    };
    let mut blocks = context.blocks();
    let mut next = 0;
    loop {
        let best = context.best().map_or(0, |(number, _)| number);
        if let Some(node) = context.node_id().filter(|_| best >= next) {
            match collector.pass_in_the_present(node, best).await {
                Ok(None) => {}
                Ok(Some(window)) => next = best.saturating_add((window / PASSES_PER_WINDOW).max(1)),
                Err(error) => {
                    tracing::warn!(%error, "a pass over the stored shards ended early");
                    tokio::time::sleep(FAILURE_PAUSE).await;
                }
            }
        }
        if blocks.changed().await.is_err() {
            return;
        }
    }
}

struct Collector {
    context: Arc<Context>,
    chain: Arc<dyn ChainAccess>,
    /// Shards that the last pass found unneeded.
    unneeded: HashSet<ShardRoot>,
    /// When marked shards were first found marked since the start.
    marked: HashMap<ShardRoot, Instant>,
    /// Whether it was said that the chain's endpoint is behind.
    waits_for_present: bool,
}

impl Collector {
    /// One pass where the endpoint shows the chain as it is now; `None` where it is behind. While
    /// it catches up, blocks pass in no time and the chain does not know yet what lies here.
    async fn pass_in_the_present(
        &mut self,
        node: NodeId,
        best: u32,
    ) -> Result<Option<u32>, PassError> {
        if let Some(behind) = present::behind(self.chain.as_ref()).await? {
            // What was found in the past does not count.
            self.unneeded.clear();
            if !self.waits_for_present {
                self.waits_for_present = true;
                tracing::warn!(
                    block = best,
                    minutes_behind = behind.as_secs() / 60,
                    "the chain's endpoint is behind the clock: nothing is removed until it caught up"
                );
            }
            return Ok(None);
        }
        self.waits_for_present = false;
        self.pass(node, best).await.map(Some)
    }

    /// One pass; the blocks of a window.
    async fn pass(&mut self, node: NodeId, best: u32) -> Result<u32, PassError> {
        let (window, _) = self.chain.window_blocks().await?;
        let held = self.held(node).await?;
        self.alarm(&held).await?;
        let held: HashSet<ShardRoot> = held.into_iter().map(|shard| shard.root).collect();
        let mut reservations = HashMap::new();
        let mut unneeded = HashSet::new();
        let mut marked = HashMap::new();
        let mut from = Some(ShardRoot::default());
        while let Some(start) = from {
            let page = self
                .on_disk(move |store| store.list(&start, PAGE as usize))
                .await??;
            from = page.last().and_then(|last| Store::after(&last.root));
            for shard in page {
                if held.contains(&shard.root) {
                    self.keep(&shard).await?;
                } else if matches!(shard.record.state, ShardState::Removed { .. }) {
                    let since = self.marked.get(&shard.root).copied();
                    marked.insert(shard.root, since.unwrap_or_else(Instant::now));
                } else if self
                    .is_unneeded(node, best, &shard, &mut reservations)
                    .await?
                {
                    unneeded.insert(shard.root);
                    // A fork may show a moment in which nobody needs it: once is not enough.
                    if self.unneeded.contains(&shard.root) {
                        self.mark(shard, best, window).await?;
                    }
                }
            }
        }
        self.unneeded = unneeded;
        // Blocks alone are no measure of time: a chain that catches up makes them in no time.
        let block = self.context.options.shortest_block;
        let kept_for = block.saturating_mul(window.saturating_mul(KEPT_WINDOWS));
        let ripe: HashSet<ShardRoot> = marked
            .iter()
            .filter(|(_, since)| since.elapsed() >= kept_for)
            .map(|(root, _)| *root)
            .collect();
        self.marked = marked;
        let sweep = move |store: &Store| store.sweep_if(best, |root| ripe.contains(root));
        let swept = self.on_disk(sweep).await??;
        if swept > 0 {
            tracing::info!(shards = swept, "removed shards are deleted");
            self.context.metrics.swept.inc_by(swept);
        }
        Ok(window)
    }

    /// Everything the chain expects here. In a list that changes while its pages are read, a shard
    /// may move to a page that was read before: then it is read anew, and all that was found counts.
    async fn held(&self, node: NodeId) -> Result<Vec<HeldShardInfo>, ChainError> {
        let mut held = HashMap::new();
        for _ in 0..READINGS {
            let before = self.chain.best_block().await?;
            let read = self.read_held(node).await?;
            held.extend(read.into_iter().map(|shard| (shard.root, shard)));
            if self.chain.best_block().await? == before {
                break;
            }
        }
        Ok(held.into_values().collect())
    }

    /// The pages of the chain's list, one after the other.
    async fn read_held(&self, node: NodeId) -> Result<Vec<HeldShardInfo>, ChainError> {
        let counts = self.chain.holdings(node).await?;
        let mut held = Vec::new();
        for class in ShardClass::all().filter(|class| counts.of(*class) > 0) {
            let mut from = 0;
            loop {
                let page = self.chain.held_shards(node, class, from, PAGE).await?;
                let got = u32::try_from(page.len()).unwrap_or(PAGE);
                held.extend(page);
                if got < PAGE {
                    break;
                }
                from = from.saturating_add(got);
            }
        }
        Ok(held)
    }

    /// Says which shards the chain expects that are not here.
    async fn alarm(&self, held: &[HeldShardInfo]) -> Result<(), PassError> {
        let wanted = held.to_vec();
        let missing = self
            .on_disk(move |store| {
                let mut missing = Vec::new();
                for shard in wanted {
                    let reason = match store.record(&shard.root)? {
                        None => "it is not stored here",
                        Some(record) if record.state == ShardState::Damaged => "it is damaged",
                        Some(_) => continue,
                    };
                    missing.push((shard, reason));
                }
                Ok::<_, IndexError>(missing)
            })
            .await??;
        let mut board = self.context.board();
        let before = std::mem::take(&mut board.missing);
        for (shard, reason) in missing {
            let known = before.contains_key(&shard.root);
            if !known {
                tracing::error!(
                    segment = %shard.segment, slot = %shard.slot, root = %shard.root, reason,
                    "the chain expects a shard here that cannot be proven"
                );
            }
            let told = MissingShard {
                segment: shard.segment.to_string(),
                slot: shard.slot.get(),
                root: shard.root.to_string(),
                reason: reason.to_owned(),
            };
            board.missing.insert(shard.root, told);
        }
        Ok(())
    }

    /// Takes the mark off a shard that is needed after all.
    async fn keep(&self, shard: &ListedShard) -> Result<(), PassError> {
        if matches!(shard.record.state, ShardState::Removed { .. }) {
            let root = shard.root;
            if self.on_disk(move |store| store.keep(root)).await?? {
                tracing::info!(%root, "a marked shard is needed again");
            }
        }
        Ok(())
    }

    /// Whether a shard that no segment holds was received for no reservation that is still open.
    async fn is_unneeded(
        &self,
        node: NodeId,
        best: u32,
        shard: &ListedShard,
        reservations: &mut HashMap<ReservationId, HashSet<Claim>>,
    ) -> Result<bool, PassError> {
        for claim in &shard.claims {
            let mine = match reservations.entry(claim.reservation) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    unknown.insert(self.slots_of(node, best, claim.reservation).await?)
                }
            };
            if mine.contains(claim) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The slots of an open reservation that are this node's.
    async fn slots_of(
        &self,
        node: NodeId,
        best: u32,
        id: ReservationId,
    ) -> Result<HashSet<Claim>, ChainError> {
        let found = self.chain.reservation(id).await?;
        let open = found.filter(|reservation| reservation.expires_at > best);
        let slots = open
            .map(|reservation| reservation.slots)
            .unwrap_or_default();
        Ok(slots
            .into_iter()
            .filter(|slot| slot.node == node)
            .map(|slot| Claim {
                reservation: id,
                slot: slot.slot,
            })
            .collect())
    }

    /// Marks a shard as no longer needed.
    async fn mark(&self, shard: ListedShard, best: u32, window: u32) -> Result<(), PassError> {
        let root = shard.root;
        let keep_until = best.saturating_add(window.saturating_mul(KEPT_WINDOWS));
        let marked = self.on_disk(move |store| {
            for claim in shard.claims {
                store.unclaim(claim)?;
            }
            store.remove(root, keep_until)
        });
        if marked.await?? {
            tracing::info!(%root, keep_until, "a shard is needed no longer");
        }
        Ok(())
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Result<T, PassError> {
        let store = self.context.store.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|_| PassError::Thread)
    }
}
