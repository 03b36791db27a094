//! The storage service beside the chain: its own threads, its own port, its own limits, so that
//! shard traffic never starves consensus and its failure never stops it.

use std::{net::SocketAddr, thread};

use jsonrpsee::Methods;
use neurostore_storage::{is_storage_thread, PrefixedStorageArgs, StorageOptions, StorageService};
use sc_service::{error::Error as ServiceError, Configuration, TaskManager};
use sp_panic_handler::AbortGuard;
use tokio::{runtime, sync::oneshot};

/// Threads that serve shards; hashing and proving have their own.
const WORKER_THREADS: usize = 2;

/// Why the storage service was not started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// The service refused to start.
    #[error(transparent)]
    Start(#[from] neurostore_storage::StartError),
    /// Its threads could not be made.
    #[error("the storage service has no thread to run on: {0}")]
    Thread(#[from] std::io::Error),
    /// Its thread ended before it said anything.
    #[error("the storage service ended while it started; the log says why")]
    Gone,
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> Self {
        Self::Application(Box::new(error))
    }
}

/// A running storage service; dropping it shuts the service down.
pub(crate) struct RunningStorage {
    methods: Methods,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl RunningStorage {
    /// Its RPC methods, for the node's own RPC.
    pub(crate) fn methods(&self) -> Methods {
        self.methods.clone()
    }

    /// Keeps the service for as long as the node runs.
    pub(crate) fn keep_with(self, task_manager: &mut TaskManager) {
        task_manager.keep_alive(self);
    }
}

impl Drop for RunningStorage {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the service ended before.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Keeps a panic on this thread from ending the process, as panics of the chain do: the service
/// notices the end of its tasks by itself, and consensus has nothing to do with them.
fn survive_panics() {
    // For as long as the thread lives.
    std::mem::forget(AbortGuard::never_abort());
}

/// Does the same for the threads that the service starts by itself: those it knows by name, and
/// those of rayon, which hands every panic on to the thread that waits for its work.
fn spare_the_chain() {
    let end_process = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if is_storage_thread() || rayon::current_thread_index().is_some() {
            survive_panics();
        }
        end_process(panic);
    }));
}

/// Starts the service if `--storage-path` was given. A node that was asked to store and cannot
/// does not run: its operator would find out by missed windows and lost bond.
pub(crate) async fn start(
    config: &Configuration,
    args: PrefixedStorageArgs,
    genesis: [u8; 32],
) -> Result<Option<RunningStorage>, StorageError> {
    let Some(mut options) = args.into_options(own_rpc_url(config)) else {
        return Ok(None);
    };
    // Where its RPC port is taken, the node takes another, and the one who took it answers here.
    options.genesis = Some(genesis);
    options.registry = config.prometheus_registry().cloned();
    let path = options.path.clone();
    let started = run(options).await;
    if let Err(error) = &started {
        tracing::error!(
            "no storage in {}: {error}. The node ends: put it right, or start it without \
             --storage-path",
            path.display()
        );
    }
    started.map(Some)
}

/// Runs the service on threads of its own.
async fn run(options: StorageOptions) -> Result<RunningStorage, StorageError> {
    spare_the_chain();
    let (started, wait_started) = oneshot::channel();
    let (stop, wait_stop) = oneshot::channel();
    let tokio = runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .thread_name("storage")
        .on_thread_start(survive_panics)
        .enable_all()
        .build()?;
    let thread = thread::Builder::new()
        .name("storage-main".into())
        .spawn(move || {
            survive_panics();
            tokio.block_on(async move {
                match StorageService::start(options).await {
                    Ok(handle) => {
                        let methods: Methods = handle.rpc_module().into();
                        if started.send(Ok(methods)).is_ok() {
                            // The sender is dropped with the node: either way it is time to end.
                            drop(wait_stop.await);
                        }
                        handle.shutdown().await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
        })?;

    let methods = wait_started.await.map_err(|_| StorageError::Gone)??;
    Ok(RunningStorage {
        methods,
        stop: Some(stop),
        thread: Some(thread),
    })
}

/// The node's own RPC, over which the service talks to the chain like any other storage node.
fn own_rpc_url(config: &Configuration) -> String {
    let listens = config.rpc.addr.as_ref().and_then(|endpoints| {
        endpoints
            .iter()
            .map(|endpoint| endpoint.listen_addr)
            .find(SocketAddr::is_ipv4)
    });
    let port = listens.map_or(config.rpc.port, |address| address.port());
    format!("ws://127.0.0.1:{port}")
}
