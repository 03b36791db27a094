//! The main job, step by step, with every claim checked.

mod command;
mod digest;
mod error;
mod losses;
mod proofs;
mod sample;
mod table;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use neurostore_chain::{
    names::events::{TransactionFeePaid, Withdrawn},
    Balance, Call, Chain, Segment, Signer,
};
use neurostore_client::{Client, ClientOptions, Locator, ProgressSink, PutOptions};
use neurostore_primitives::{NodeId, SegmentId};
use tokio::{fs::File, io::BufWriter};

use crate::{network::Network, secret::write_secret};
pub use digest::Digest;
pub use error::StoryError;
pub use losses::Fallen;
pub use proofs::Proven;
pub use sample::{sample, SampleFile};
pub use table::{Step, StepTable};

/// The person whose file it is: a development account that the presets endow.
const PERSON: &str = "Eve";
/// Windows that a file is paid for: longer than any story takes.
const WINDOWS: u32 = 60;
/// Looks for a segment on a fork that has just become the best one: for five blocks.
const FORK_LOOKS: u32 = 30;
const FORK_LOOK_EVERY: Duration = Duration::from_secs(1);

/// A stored file.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What opens it.
    pub locator: Locator,
    /// What it was made of.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// Its segments, the root last.
    pub segments: Vec<SegmentId>,
    /// Bytes that the nodes store: parity and padding included.
    pub stored_bytes: u64,
    /// The nodes of each segment in slot order.
    pub holders: Vec<Vec<NodeId>>,
    /// How long it took.
    pub took: Duration,
    /// Best block before the upload began.
    pub began_at: u32,
    /// Its locator in a file: what `neuro get @FILE` takes.
    pub locator_file: PathBuf,
}

impl Stored {
    /// All nodes that hold a shard of it.
    pub fn nodes(&self) -> BTreeSet<NodeId> {
        self.holders.iter().flatten().copied().collect()
    }
}

/// A file that was read back and found equal.
#[derive(Clone, Copy, Debug)]
pub struct Download {
    /// Its bytes.
    pub size: u64,
    /// How long it took, hashing apart.
    pub took: Duration,
}

/// A withdrawal as the chain tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    /// The node that earned it.
    pub node: NodeId,
    /// What was paid out.
    pub amount: Balance,
    /// What the transaction cost.
    pub fee: Balance,
    /// The operator's balance before.
    pub before: Balance,
    /// The operator's balance after.
    pub after: Balance,
}

/// Who stores and reads.
#[derive(Debug)]
pub struct Person {
    client: Client,
    folder: PathBuf,
    files: AtomicU32,
}

/// The main job on a network of its own.
#[derive(Debug)]
pub struct Story {
    network: Network,
    person: Person,
}

impl Story {
    /// Begins on a network that is whole.
    pub async fn begin(network: Network) -> Result<Self, StoryError> {
        let folder = network.folder().join("person");
        std::fs::create_dir_all(&folder).map_err(StoryError::file("create", &folder))?;
        let key = folder.join("account.key");
        write_secret(&key, &format!("//{PERSON}")).map_err(StoryError::file("write", &key))?;
        let signer = Signer::from_file(&key).map_err(|error| StoryError::Key(error.to_string()))?;
        let options = ClientOptions {
            signer: Some(signer),
            ..ClientOptions::default()
        };
        let client = Client::connect(&network.chain_url(), options).await?;
        let person = Person {
            client,
            folder,
            files: AtomicU32::new(0),
        };
        Ok(Self { network, person })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The network, to do something to it.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Who stores and reads.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The network and the person, to do something to one while the other goes on.
    pub fn split(&mut self) -> (&mut Network, &mut Person) {
        (&mut self.network, &mut self.person)
    }

    /// The person's client.
    pub fn client(&self) -> &Client {
        &self.person.client
    }

    /// The folder of the person's files.
    pub fn folder(&self) -> &Path {
        self.person.folder()
    }

    fn chain(&self) -> &Chain {
        self.person.chain()
    }

    /// As [`Person::store`].
    pub async fn store(
        &self,
        file: &SampleFile,
        progress: ProgressSink,
    ) -> Result<Stored, StoryError> {
        self.person.store(file, progress).await
    }

    /// As [`Person::download`].
    pub async fn download(
        &self,
        stored: &Stored,
        progress: ProgressSink,
    ) -> Result<Download, StoryError> {
        self.person.download(stored, progress).await
    }

    /// Pays out what a node earned, and checks that the money arrived.
    pub async fn withdraw(&self, number: usize) -> Result<Payment, StoryError> {
        let member = self.network.member(number)?;
        let node = member.node().ok_or_else(|| {
            StoryError::claim(format!("{} is registered on the chain", member.name()))
        })?;
        let account = member.operator_account();
        let before = self.chain().balance(&account).await?;
        let call = Call::withdraw(node);
        let included = self.chain().submit(member.operator(), call).await?;
        let amount = included.event::<Withdrawn>()?.amount;
        let fee = included
            .event::<TransactionFeePaid>()
            .map_or(0, |paid| paid.actual_fee);
        let after = self.chain().balance(&account).await?;
        if amount == 0 {
            return Err(StoryError::claim(format!(
                "node {node} had something to withdraw"
            )));
        }
        if after.checked_add(fee) != before.checked_add(amount) {
            return Err(StoryError::claim(format!(
                "the withdrawn amount arrives at the operator: {before} before, {amount} paid \
                 out, {fee} of fee, {after} after"
            )));
        }
        Ok(Payment {
            node,
            amount,
            fee,
            before,
            after,
        })
    }

    /// Ends the network and checks that none of its processes is left. Returns how many there
    /// were.
    pub async fn end(self) -> Result<usize, StoryError> {
        let ids: Vec<u32> = self
            .network
            .members()
            .iter()
            .filter_map(|member| member.process_id())
            .collect();
        self.person.client.shutdown().await;
        self.network.shut_down().await?;
        let left: Vec<u32> = ids
            .iter()
            .filter(|id| !i32::try_from(**id).is_ok_and(crate::process::is_gone))
            .copied()
            .collect();
        if left.is_empty() {
            return Ok(ids.len());
        }
        Err(StoryError::claim(format!(
            "no process is left behind: {left:?} still run"
        )))
    }

    /// Gives the network back.
    pub fn into_network(self) -> Network {
        self.network
    }
}

impl Person {
    /// The folder of his files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn chain(&self) -> &Chain {
        self.client.chain()
    }

    /// Stores a file.
    pub async fn store(
        &self,
        file: &SampleFile,
        progress: ProgressSink,
    ) -> Result<Stored, StoryError> {
        let (began_at, _) = self.chain().best_block().await?;
        let begin = Instant::now();
        let options = PutOptions {
            progress,
            ..PutOptions::new(WINDOWS)
        };
        let object = self.client.put_file(&file.path, options).await?;
        let took = begin.elapsed();

        let mut holders = Vec::with_capacity(object.segments.len());
        for id in &object.segments {
            let segment = self.stored_segment(id).await?;
            holders.push(segment.slots.iter().map(|slot| slot.node).collect());
        }
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let locator_file = self.folder.join(format!("file-{number}.locator"));
        write_secret(&locator_file, &object.locator.reveal())
            .map_err(StoryError::file("write", &locator_file))?;
        Ok(Stored {
            locator: object.locator,
            digest: file.digest,
            size: object.size,
            segments: object.segments,
            stored_bytes: object.cost.stored_bytes,
            holders,
            took,
            began_at,
            locator_file,
        })
    }

    /// A segment that was just stored. Where another fork has become the best one meanwhile, its
    /// blocks take the transaction in a moment later.
    async fn stored_segment(&self, id: &SegmentId) -> Result<Segment, StoryError> {
        for _ in 0..FORK_LOOKS {
            if let Some(segment) = self.chain().segment(id).await? {
                return Ok(segment);
            }
            tokio::time::sleep(FORK_LOOK_EVERY).await;
        }
        Err(StoryError::claim(format!(
            "the chain knows the segment {id} that was just stored"
        )))
    }

    /// Reads a file back and compares its SHA-256 with that of what was stored.
    pub async fn download(
        &self,
        stored: &Stored,
        progress: ProgressSink,
    ) -> Result<Download, StoryError> {
        let path = self.folder.join("copy");
        let file = File::create(&path)
            .await
            .map_err(StoryError::file("create", &path))?;
        let begin = Instant::now();
        let size = self
            .client
            .get_to(&stored.locator, BufWriter::new(file), progress)
            .await?;
        let took = begin.elapsed();
        let digest = Digest::of_file(&path).await?;
        std::fs::remove_file(&path).map_err(StoryError::file("remove", &path))?;
        if size != stored.size || digest != stored.digest {
            return Err(StoryError::claim(format!(
                "the copy equals the file: {} bytes with SHA-256 {} were stored, {size} bytes \
                 with {digest} came back",
                stored.size, stored.digest
            )));
        }
        Ok(Download { size, took })
    }
}
