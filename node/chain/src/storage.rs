//! The storage service beside the chain: its own threads, its own port, its own limits, so that
//! shard traffic never starves consensus and its failure never stops it.

use std::{net::SocketAddr, path::PathBuf, thread};

use jsonrpsee::Methods;
use neurostore_primitives::{CountryCode, NodeClass};
use neurostore_storage::{is_storage_thread, Capacity, Multiaddr, StorageOptions, StorageService};
use sc_service::{Configuration, TaskManager};
use sp_panic_handler::AbortGuard;
use tokio::{runtime, sync::oneshot};

use crate::cli::StorageArgs;

/// Threads that serve shards; hashing and proving have their own.
const WORKER_THREADS: usize = 2;
/// Where the service listens unless told otherwise.
const DEFAULT_LISTEN: [&str; 2] = ["/ip4/0.0.0.0/tcp/9010", "/ip4/0.0.0.0/udp/9010/quic-v1"];

/// Why the storage service was not started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// A flag has no meaning.
    #[error("--{flag}: {reason}")]
    Flag {
        /// Its name.
        flag: &'static str,
        /// What is wrong.
        reason: String,
    },
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

/// A running storage service; dropping it shuts the service down.
pub(crate) struct RunningStorage {
    /// Its RPC methods, for the node's own RPC.
    pub(crate) methods: Methods,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl RunningStorage {
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

/// Starts the service if `--storage-path` was given.
pub(crate) async fn start(
    config: &Configuration,
    args: StorageArgs,
    genesis: [u8; 32],
) -> Result<Option<RunningStorage>, StorageError> {
    let Some(path) = args.storage_path.clone() else {
        return Ok(None);
    };
    let options = options(config, args, path, genesis)?;
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
    Ok(Some(RunningStorage {
        methods,
        stop: Some(stop),
        thread: Some(thread),
    }))
}

fn options(
    config: &Configuration,
    args: StorageArgs,
    path: PathBuf,
    genesis: [u8; 32],
) -> Result<StorageOptions, StorageError> {
    let flag = |flag: &'static str, reason: String| StorageError::Flag { flag, reason };
    let capacity: Capacity = args
        .storage_capacity
        .parse()
        .map_err(|error| flag("storage-capacity", format!("{error}")))?;
    let country = <[u8; 2]>::try_from(args.storage_country.as_bytes())
        .map(CountryCode)
        .map_err(|_| flag("storage-country", "two letters, as in DE".into()))?;
    let listen = if args.storage_listen.is_empty() {
        addresses("storage-listen", DEFAULT_LISTEN)?
    } else {
        addresses(
            "storage-listen",
            args.storage_listen.iter().map(String::as_str),
        )?
    };

    let mut options = StorageOptions::new(path, capacity, own_rpc_url(config));
    // Where its RPC port is taken, the node takes another, and the one who took it answers here.
    options.genesis = Some(genesis);
    options.listen = listen;
    options.bootnodes = addresses(
        "storage-bootnode",
        args.storage_bootnode.iter().map(String::as_str),
    )?;
    options.operator_key_file = args.storage_operator_key_file;
    options.class = NodeClass::Anchor;
    options.country = country;
    options.proving_key_dir = args.storage_key_dir;
    options.status_listen = Some(args.storage_status_listen);
    options.registry = config.prometheus_registry().cloned();
    Ok(options)
}

fn addresses<'a>(
    name: &'static str,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Multiaddr>, StorageError> {
    texts
        .into_iter()
        .map(|text| {
            text.parse().map_err(|error| StorageError::Flag {
                flag: name,
                reason: format!("`{text}` is no multiaddress: {error}"),
            })
        })
        .collect()
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
