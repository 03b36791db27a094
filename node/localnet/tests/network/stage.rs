//! The network that most facts are shown on.
//!
//! The first fact that needs it starts it, with some files stored; each fact gets it and gives it
//! back. A fact that fails gives nothing back: its network ends, the folder with the logs stays,
//! and the next fact starts another.

use std::{
    future::Future,
    sync::{Mutex, OnceLock, PoisonError},
    time::Instant,
};

use futures::future::join_all;
use libtest_mimic::Trial;
use neurostore_client::ProgressSink;
use neurostore_localnet::{Network, NetworkOptions, SampleFile, Stored, Story};
use tokio::runtime::Runtime;

use crate::listener::Log;

/// A few stripes, the last of them not full.
const FILE_BYTES: u64 = (5 << 20) + 123;
/// Blocks of a window and of the time to answer: sixteen nodes on two cores prove in them with the
/// production circuit.
const WINDOWS: (u32, u32) = (12, 10);

/// A network with a person who stored files.
pub(crate) struct Stage {
    pub(crate) story: Story,
    /// One of some stripes, an empty one, one of a byte.
    pub(crate) files: Vec<Stored>,
    /// What this process logs.
    pub(crate) log: Log,
}

static STAGE: Mutex<Option<Stage>> = Mutex::new(None);

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(Log::listen).clone()
}

fn take() -> Option<Stage> {
    STAGE.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A fact that is shown on the network. One that ends it gives `None` back.
pub(crate) fn on_stage<Shown>(name: &str, fact: fn(Stage) -> Shown) -> Trial
where
    Shown: Future<Output = Option<Stage>> + 'static,
{
    Trial::test(name, move || {
        let stage = take().unwrap_or_else(|| timed("the stage", || runtime().block_on(raise())));
        let left = timed("the fact", || runtime().block_on(fact(stage)));
        *STAGE.lock().unwrap_or_else(PoisonError::into_inner) = left;
        Ok(())
    })
}

/// Says how long something took.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    eprintln!("{what} took {} s", began.elapsed().as_secs());
    done
}

/// Ends the network in order, where one is left.
pub(crate) fn end() {
    if let Some(stage) = take() {
        runtime().block_on(stage.story.end()).unwrap();
    }
}

/// Ends the network, where one is left, and keeps its logs.
pub(crate) fn clear() {
    if let Some(stage) = take() {
        // Its client has tasks on the runtime.
        let _running = runtime().enter();
        drop(stage);
    }
}

async fn raise() -> Stage {
    let log = log();
    let tell = |what: &str| eprintln!("waiting for {what}");
    let options = NetworkOptions {
        production_circuit: true,
        windows: Some(WINDOWS),
        bridge: true,
        ..NetworkOptions::default()
    };
    let network = Network::start(options, &tell)
        .await
        .unwrap_or_else(|error| panic!("no network: {error}"));
    eprintln!("logs in {}", network.logs().display());
    let story = Story::begin(network).await.unwrap();
    // At the same time: each waits for blocks most of the time.
    let files = [(1, FILE_BYTES), (2, 0), (3, 1)].map(async |(seed, size)| {
        let path = story.folder().join(format!("file-{size}"));
        let file = SampleFile::random(&path, size, seed).await.unwrap();
        story.store(&file, ProgressSink::default()).await.unwrap()
    });
    let files = join_all(files).await;
    Stage { story, files, log }
}
