//! Storing an object: cut, encrypt, code, send, check, commit.

mod draft;
mod encode;
mod fan_out;
mod segment;
mod spot_check;
#[cfg(test)]
mod tests;
mod trouble;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{stream, StreamExt, TryStreamExt};
use neurostore_chain::{ChainError, Signer};
use neurostore_format::{cut, Index, Locator, Part, SegmentKey, SegmentPlan};
use neurostore_primitives::{SegmentId, TOTAL_SHARDS};
use neurostore_swarm::Swarm;
use tokio::io::AsyncRead;
use zeroize::Zeroizing;

use crate::{
    client::Client,
    cost::Cost,
    error::PutError,
    journal::{Journal, JournalError, Upload},
    progress::{Progress, ProgressSink},
    retry::RetryBudget,
    source::{FileSource, Source, Spool},
};
use segment::SegmentJob;

/// How an object is to be stored.
#[derive(Clone, Debug)]
pub struct PutOptions {
    /// Proving windows that are paid for.
    pub windows: u32,
    /// Where the journal is kept that lets an interrupted upload go on. Without one, or for a
    /// source that cannot be recognised in a later run, an interrupted upload starts anew.
    pub journal: Option<PathBuf>,
    /// Is told of every step.
    pub progress: ProgressSink,
    /// Segments sent at the same time, if not as many as the client's limits say.
    pub parallelism: Option<usize>,
}

impl PutOptions {
    /// Pays for so many windows, keeps no journal, tells nobody.
    ///
    /// ```
    /// use neurostore_client::PutOptions;
    ///
    /// let mut options = PutOptions::new(24);
    /// options.journal = Some("film.journal".into()); // an interrupted upload goes on
    /// options.parallelism = Some(4);
    /// assert_eq!(options.windows, 24);
    /// ```
    pub fn new(windows: u32) -> Self {
        Self {
            windows,
            journal: None,
            progress: ProgressSink::default(),
            parallelism: None,
        }
    }
}

/// A stored object.
///
/// ```no_run
/// # use neurostore_client::{Client, Neuro, PutOptions};
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let stored = client.put_file("film.mkv", PutOptions::new(24)).await?;
/// println!("{} bytes for {}", stored.size, Neuro(stored.cost.total()));
/// println!("whoever has this reads it: {}", *stored.locator.reveal());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ObjectHandle {
    /// All that a reader needs; it contains the key.
    pub locator: Locator,
    /// Its segments, data segments in order and the root last.
    pub segments: Vec<SegmentId>,
    /// Bytes of the object.
    pub size: u64,
    /// What it cost, apart from transaction fees. Segments stored by an earlier run included.
    pub cost: Cost,
}

impl Client {
    /// Stores an object. Its segments are in the best chain then, and a fork may still drop them:
    /// [`Client::wait_final`] waits until none can.
    ///
    /// ```no_run
    /// # use neurostore_client::{BytesSource, Client, PutOptions};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let note = BytesSource::new("meet me at noon");
    /// let stored = client.put(note, PutOptions::new(24)).await?;
    /// println!("stored as {}", stored.locator.public());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// - Before anything is sent: [`PutError::NoSigner`] where the client has no signer,
    ///   [`PutError::TooLarge`] where the format has no room for the source, [`PutError::NoPrice`]
    ///   where the rent of so many windows cannot be expressed.
    /// - [`PutError::Journal`] where the journal cannot be read or written, belongs to another
    ///   upload or is held by another process.
    /// - [`PutError::Chain`] where the account cannot pay ([`ChainError::NotEnoughFunds`]) or the
    ///   chain refuses or does not answer, [`PutError::Unsettled`] where its forks gave the slots
    ///   of a reservation to other nodes again and again.
    /// - [`PutError::Source`] where the source cannot be read or changed meanwhile.
    /// - [`PutError::NodesFailed`] where nodes did not store their shards although failed ones were
    ///   replaced as often as the client's limits say.
    /// - [`PutError::Encode`], [`PutError::Layout`], [`PutError::Index`] and [`PutError::Local`]
    ///   where this process is at fault: the swarm is shut down, or a segment cannot be made.
    ///
    /// The same call with the same source and the same journal goes on where it ended.
    pub async fn put(
        &self,
        source: impl Source,
        options: PutOptions,
    ) -> Result<ObjectHandle, PutError> {
        let signer = self.signer().ok_or(PutError::NoSigner)?;
        let size = source.size();
        let plans = cut(size)?;
        let journal = open_journal(self, signer, &source, &options).await?;
        let upload = ObjectUpload {
            client: self,
            signer,
            source: Arc::new(source),
            journal: Arc::new(Mutex::new(journal)),
            budget: RetryBudget::new(self.limits().retries),
            options,
        };
        upload.forget_ended(plans.len()).await?;
        let cost = upload.announce(size, &plans).await?;
        let (locator, segments) = upload.run(plans).await?;
        Ok(ObjectHandle {
            locator,
            segments,
            size,
            cost,
        })
    }

    /// Stores a file.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, PutOptions};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut options = PutOptions::new(24);
    /// options.journal = Some("film.journal".into()); // to be deleted once it is stored
    /// let stored = client.put_file("film.mkv", options).await?;
    /// println!("{} segments, {} bytes", stored.segments.len(), stored.size);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::put`]; [`PutError::Source`] also where the file cannot be opened or is no
    /// regular file.
    pub async fn put_file(
        &self,
        path: impl AsRef<Path>,
        options: PutOptions,
    ) -> Result<ObjectHandle, PutError> {
        self.put(FileSource::open(path).map_err(PutError::Source)?, options)
            .await
    }

    /// Stores what a stream gives, after keeping it in a temporary file: at most `limit` bytes.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, PutOptions, DEFAULT_SPOOL_LIMIT};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let input = tokio::io::stdin();
    /// let stored = client.put_stream(input, DEFAULT_SPOOL_LIMIT, PutOptions::new(24)).await?;
    /// println!("{} bytes were stored", stored.size);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::put`]; [`PutError::Source`] also where the stream fails or has more than
    /// `limit` bytes.
    pub async fn put_stream(
        &self,
        stream: impl AsyncRead + Unpin,
        limit: u64,
        options: PutOptions,
    ) -> Result<ObjectHandle, PutError> {
        self.put(
            Spool::fill(stream, limit).await.map_err(PutError::Source)?,
            options,
        )
        .await
    }
}

async fn open_journal(
    client: &Client,
    signer: &Signer,
    source: &impl Source,
    options: &PutOptions,
) -> Result<Journal, JournalError> {
    let (Some(path), Some(stamp)) = (&options.journal, source.stamp()) else {
        return Ok(Journal::in_memory());
    };
    let owner = signer.account_id().0;
    let upload = Upload::new(&client.chain().genesis(), &owner, options.windows, stamp);
    let path = path.clone();
    let file = path.clone();
    tokio::task::spawn_blocking(move || Journal::open(&path, &upload))
        .await
        .unwrap_or_else(|error| {
            Err(JournalError::Io {
                path: file,
                source: std::io::Error::other(error),
            })
        })
}

/// One `put` on its way.
struct ObjectUpload<'a> {
    client: &'a Client,
    signer: &'a Signer,
    source: Arc<dyn Source>,
    journal: Arc<Mutex<Journal>>,
    budget: RetryBudget,
    options: PutOptions,
}

impl ObjectUpload<'_> {
    /// Forgets what an earlier run stored and the chain does not have any more: its time may be
    /// over, or it was deleted. The root comes after the parts.
    async fn forget_ended(&self, parts: usize) -> Result<(), PutError> {
        for number in 0..=parts {
            let Some(id) = self.record(number).committed else {
                continue;
            };
            if self.client.chain().segment(&id).await?.is_none() {
                tracing::warn!(
                    segment = number, %id,
                    "the chain does not have this segment any more; it is stored anew"
                );
                self.journal().ended(number);
            }
        }
        Ok(())
    }

    /// Says what is planned and checks that it can be paid, before anything is sent.
    async fn announce(&self, size: u64, plans: &[SegmentPlan]) -> Result<Cost, PutError> {
        let windows = self.options.windows;
        let all = Cost::of_plans(self.client.chain(), plans, windows).await?;
        let done = |number: &usize| self.record(*number).committed.is_some();
        let still: Vec<SegmentPlan> = plans
            .iter()
            .enumerate()
            .filter(|(number, _)| !done(number))
            .map(|(_, plan)| plan.clone())
            .collect();
        let needed = Cost::of_plans(self.client.chain(), &still, windows).await?;
        let has = self
            .client
            .chain()
            .balance(&self.signer.account_id())
            .await?;
        // What open reservations of an earlier run hold is not free, and not needed again.
        let resumed = (0..plans.len()).any(|number| self.record(number).reservation.is_some());
        if has < needed.total() && !resumed {
            return Err(PutError::Chain(ChainError::NotEnoughFunds {
                reason: format!(
                    "storing this takes {} plancks of rent and deposit and the account has {has}",
                    needed.total()
                ),
            }));
        }
        self.options.progress.tell(Progress::Planned {
            segments: all.segments,
            object_bytes: size,
            upload_bytes: all.stored_bytes,
        });
        Ok(all)
    }

    async fn run(&self, plans: Vec<SegmentPlan>) -> Result<(Locator, Vec<SegmentId>), PutError> {
        if let [plan] = &plans[..] {
            let (segment, key) = self
                .store(0, plan.clone(), Arc::clone(&self.source))
                .await?;
            return Ok((Locator { segment, key }, vec![segment]));
        }
        let parallel = self
            .options
            .parallelism
            .unwrap_or(self.client.limits().segments_in_flight)
            .max(1);
        let mut parts: Vec<(usize, Part)> = stream::iter(plans.into_iter().enumerate())
            .map(|(number, plan)| async move {
                let (class, content_len) = (plan.class(), plan.content_len());
                let (segment, key) = self.store(number, plan, Arc::clone(&self.source)).await?;
                Ok::<_, PutError>((
                    number,
                    Part {
                        segment,
                        key,
                        class,
                        content_len,
                    },
                ))
            })
            .buffer_unordered(parallel)
            .try_collect()
            .await?;
        parts.sort_by_key(|(number, _)| *number);
        let root_number = parts.len();
        let mut segments: Vec<SegmentId> = parts.iter().map(|(_, part)| part.segment).collect();
        let index = Index::new(parts.into_iter().map(|(_, part)| part).collect())?;
        let plan = index.plan()?;
        let content = Arc::new(SecretSource(index.to_bytes()));
        let (segment, key) = self.store(root_number, plan, content).await?;
        segments.push(segment);
        Ok((Locator { segment, key }, segments))
    }

    async fn store(
        &self,
        number: usize,
        plan: SegmentPlan,
        content: Arc<dyn Source>,
    ) -> Result<(SegmentId, SegmentKey), PutError> {
        let record = self.record(number);
        if let (Some(id), Some(key)) = (record.committed, &record.key) {
            let upload_bytes = plan
                .class()
                .shard_bytes()
                .saturating_mul(TOTAL_SHARDS as u64);
            self.options.progress.tell(Progress::Resumed {
                segment: number,
                upload_bytes,
            });
            return Ok((id, key.clone()));
        }
        let job = SegmentJob::<Swarm> {
            number,
            plan,
            content,
            chain: self.client.chain(),
            network: self.client.swarm(),
            signer: self.signer,
            limits: self.client.limits(),
            windows: self.options.windows,
            journal: &self.journal,
            budget: &self.budget,
            progress: &self.options.progress,
        };
        job.run(record).await
    }

    fn record(&self, number: usize) -> crate::journal::SegmentRecord {
        self.journal().segment(number)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Content that holds keys and is wiped when dropped.
struct SecretSource(Zeroizing<Vec<u8>>);

impl Source for SecretSource {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| Some(start..start.checked_add(buffer.len())?))
            .and_then(|range| self.0.get(range))
            .ok_or(std::io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}
