//! The index: which shards are stored, in which state, and for which slots they were received.
//!
//! One thread writes. It gathers the changes that wait for it into one transaction, so that many
//! small uploads share the cost of one durable commit, and answers each only after the commit.

mod backend;
mod change;
mod error;
mod tables;

use std::{
    path::Path,
    sync::{
        mpsc::{sync_channel, Receiver, SyncSender},
        Arc,
    },
    thread::JoinHandle,
};

use neurostore_primitives::{ReservationId, ShardRoot, SlotIndex};
use redb::{Builder, Database, ReadableDatabase};

pub(crate) use self::change::{Change, Outcome};
pub use self::error::IndexError;
use self::{
    backend::IndexFile,
    tables::{decode, key, CLAIMS, CLAIMS_OF, FACTS, FORMAT, FORMAT_VERSION, GENESIS, SHARDS},
};
use super::{
    disk::Disk,
    record::{Claim, ListedShard, ShardRecord},
    room::Room,
};
use crate::threads::INDEX_WRITER;

/// Changes of one transaction: bounds how long the first of them waits.
const MAX_BATCH: usize = 256;
/// Changes that may wait: beyond it writers block, which is the back-pressure to the uploads.
const MAX_WAITING: usize = 1024;
/// Memory for pages of the index.
const CACHE_BYTES: usize = 64 << 20;

struct Order {
    change: Change,
    reply: SyncSender<Result<Outcome, IndexError>>,
}

#[derive(Debug)]
pub(crate) struct Index {
    database: Arc<Database>,
    orders: Option<SyncSender<Order>>,
    writer: Option<JoinHandle<()>>,
}

impl Index {
    pub(crate) fn open(path: &Path, disk: Arc<dyn Disk>, room: Room) -> Result<Self, IndexError> {
        if !path.exists() {
            create(path, &disk)?;
        }
        let database = open_file(path, &disk)?;
        check_format(&database)?;
        let database = Arc::new(database);
        let (orders, waiting) = sync_channel(MAX_WAITING);
        let writer = std::thread::Builder::new()
            .name(INDEX_WRITER.into())
            .spawn({
                let database = Arc::clone(&database);
                move || write_changes(&database, &waiting, &room)
            })
            .map_err(IndexError::io)?;
        Ok(Self {
            database,
            orders: Some(orders),
            writer: Some(writer),
        })
    }

    /// Makes a change durable. Blocks until it is.
    pub(crate) fn apply(&self, change: Change) -> Result<Outcome, IndexError> {
        self.order(change)?.recv().map_err(|_| IndexError::Closed)?
    }

    /// Makes many changes durable, in few commits. Stops at the first that fails.
    pub(crate) fn apply_all(&self, changes: Vec<Change>) -> Result<(), IndexError> {
        for some in changes.chunks(MAX_BATCH) {
            let answers = some.iter().map(|change| self.order(*change));
            for answer in answers.collect::<Result<Vec<_>, _>>()? {
                answer.recv().map_err(|_| IndexError::Closed)??;
            }
        }
        Ok(())
    }

    fn order(&self, change: Change) -> Result<Receiver<Result<Outcome, IndexError>>, IndexError> {
        let (reply, answer) = sync_channel(1);
        let orders = self.orders.as_ref().ok_or(IndexError::Closed)?;
        orders
            .send(Order { change, reply })
            .map_err(|_| IndexError::Closed)?;
        Ok(answer)
    }

    pub(crate) fn record(&self, root: &ShardRoot) -> Result<Option<ShardRecord>, IndexError> {
        let read = self.database.begin_read().map_err(IndexError::database)?;
        let shards = read.open_table(SHARDS).map_err(IndexError::database)?;
        let found = shards.get(&root.0).map_err(IndexError::database)?;
        found.map(|bytes| decode(root, bytes.value())).transpose()
    }

    pub(crate) fn claimed(&self, claim: Claim) -> Result<Option<ShardRoot>, IndexError> {
        let read = self.database.begin_read().map_err(IndexError::database)?;
        let claims = read.open_table(CLAIMS).map_err(IndexError::database)?;
        let found = claims.get(key(claim)).map_err(IndexError::database)?;
        Ok(found.map(|root| ShardRoot(*root.value())))
    }

    /// Up to `limit` shards in order of their roots, from `from` on.
    pub(crate) fn list(
        &self,
        from: &ShardRoot,
        limit: usize,
    ) -> Result<Vec<ListedShard>, IndexError> {
        let read = self.database.begin_read().map_err(IndexError::database)?;
        let shards = read.open_table(SHARDS).map_err(IndexError::database)?;
        let claims_of = read
            .open_multimap_table(CLAIMS_OF)
            .map_err(IndexError::database)?;
        let mut listed = Vec::new();
        for entry in shards
            .range::<&[u8; 32]>(&from.0..)
            .map_err(IndexError::database)?
        {
            if listed.len() >= limit {
                break;
            }
            let (root, bytes) = entry.map_err(IndexError::database)?;
            let root = ShardRoot(*root.value());
            let mut claims = Vec::new();
            for value in claims_of.get(&root.0).map_err(IndexError::database)? {
                let (reservation, slot) = value.map_err(IndexError::database)?.value();
                claims.push(Claim {
                    reservation: ReservationId(reservation),
                    slot: SlotIndex::new(slot).ok_or(IndexError::Corrupt(root))?,
                });
            }
            listed.push(ListedShard {
                root,
                record: decode(&root, bytes.value())?,
                claims,
            });
        }
        Ok(listed)
    }

    /// The genesis hash of the chain the store belongs to, if it was bound to one.
    pub(crate) fn genesis(&self) -> Result<Option<[u8; 32]>, IndexError> {
        let read = self.database.begin_read().map_err(IndexError::database)?;
        let facts = read.open_table(FACTS).map_err(IndexError::database)?;
        let found = facts.get(GENESIS).map_err(IndexError::database)?;
        Ok(found.and_then(|bytes| bytes.value().try_into().ok()))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Closing the channel ends the writer; a store must not outlive its own writing thread.
        self.orders = None;
        if let Some(writer) = self.writer.take() {
            if writer.join().is_err() {
                tracing::error!("the shard index's writing thread ended badly");
            }
        }
    }
}

/// Makes an index under another name and moves it into place: a kill while a database is laid out
/// leaves a file that does not open.
fn create(path: &Path, disk: &Arc<dyn Disk>) -> Result<(), IndexError> {
    let unfinished = path.with_extension("new");
    disk.remove(&unfinished).map_err(IndexError::io)?;
    let database = open_file(&unfinished, disk)?;
    let write = database.begin_write().map_err(IndexError::database)?;
    write.open_table(SHARDS).map_err(IndexError::database)?;
    write.open_table(CLAIMS).map_err(IndexError::database)?;
    write
        .open_multimap_table(CLAIMS_OF)
        .map_err(IndexError::database)?;
    write
        .open_table(FACTS)
        .map_err(IndexError::database)?
        .insert(FORMAT, FORMAT_VERSION)
        .map_err(IndexError::database)?;
    write.commit().map_err(IndexError::database)?;
    database.close().map_err(IndexError::database)?;
    disk.rename(&unfinished, path).map_err(IndexError::io)?;
    match path.parent() {
        Some(folder) => disk.sync_folder(folder).map_err(IndexError::io),
        None => Ok(()),
    }
}

fn open_file(path: &Path, disk: &Arc<dyn Disk>) -> Result<Database, IndexError> {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(IndexError::io)?;
    let backend = IndexFile::new(file, Arc::clone(disk)).map_err(IndexError::database)?;
    Builder::new()
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)
        .map_err(IndexError::database)
}

fn check_format(database: &Database) -> Result<(), IndexError> {
    let read = database.begin_read().map_err(IndexError::database)?;
    let facts = read.open_table(FACTS).map_err(IndexError::database)?;
    let version = facts.get(FORMAT).map_err(IndexError::database)?;
    match version {
        Some(version) if version.value() == FORMAT_VERSION => Ok(()),
        _ => Err(IndexError::UnknownFormat),
    }
}

/// The writing thread: ends when the index is dropped.
fn write_changes(database: &Database, waiting: &Receiver<Order>, room: &Room) {
    while let Ok(first) = waiting.recv() {
        let mut orders = vec![first];
        while orders.len() < MAX_BATCH {
            let Ok(next) = waiting.try_recv() else { break };
            orders.push(next);
        }
        let changes: Vec<&Change> = orders.iter().map(|order| &order.change).collect();
        match change::commit(database, &changes) {
            Ok(outcomes) => {
                for (order, outcome) in orders.iter().zip(outcomes) {
                    room.changed(outcome.before.as_ref(), outcome.after.as_ref());
                    // Whoever asked may have given up waiting: the change is made all the same.
                    drop(order.reply.send(Ok(outcome)));
                }
            }
            Err(error) => {
                tracing::error!(%error, "a change of the shard index failed");
                for order in orders {
                    let told = match &error {
                        IndexError::Corrupt(root) => IndexError::Corrupt(*root),
                        IndexError::UnknownFormat => IndexError::UnknownFormat,
                        IndexError::Closed => IndexError::Closed,
                        IndexError::Database(inner) => IndexError::Database(Box::new(
                            redb::Error::Io(std::io::Error::other(inner.to_string())),
                        )),
                    };
                    drop(order.reply.send(Err(told)));
                }
            }
        }
    }
}
