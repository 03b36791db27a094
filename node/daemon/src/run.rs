//! Running the node until somebody asks it to stop.

use std::io::IsTerminal;

use anyhow::Context;
use neurostore_storage::{Capacity, NodeKeys, StorageOptions, StorageService};
use tracing_subscriber::EnvFilter;

use crate::cli::{Place, RunArguments};

/// Starts the node and waits for SIGINT or SIGTERM.
pub(crate) async fn run(arguments: RunArguments) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&arguments.log)
        .with_context(|| format!("'{}' is no log filter", arguments.log))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let mut stop = Stop::listen().context("cannot listen for signals")?;
    let options = options(arguments)?;
    let capacity = options.capacity;
    let node = StorageService::start(options).await?;
    warn_if_too_small(&node, capacity);
    let signal = stop.wait().await;
    tracing::info!(signal, "stopping");
    node.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}

/// Prints who the node is.
pub(crate) fn identity(place: &Place) -> anyhow::Result<()> {
    let path = place.path()?;
    let keys = NodeKeys::load_or_generate(&path)?;
    println!("node account  {}", keys.account.account_id());
    println!(
        "public key    0x{}",
        hex::encode(keys.account.account_id().0)
    );
    println!("peer id       {}", keys.identity.peer_id());
    println!("folder        {}", path.display());
    Ok(())
}

fn options(arguments: RunArguments) -> anyhow::Result<StorageOptions> {
    let path = arguments.place.path()?;
    let endpoint = arguments.endpoint.chain_rpc;
    let mut options = arguments.storage.into_options(path, endpoint);
    options.rpc_listen = Some(arguments.rpc_listen);
    Ok(options)
}

/// A node that offers more than the disk has would be drawn for shards it has to refuse.
fn warn_if_too_small(node: &neurostore_storage::StorageHandle, capacity: Capacity) {
    let held = node.store().occupancy().stored_bytes;
    let wanted = capacity.0.saturating_sub(held);
    match node.store().free_bytes() {
        Ok(free) if free < wanted => tracing::warn!(
            offered = %capacity,
            free = %Capacity(free),
            "the disk has less free space than the capacity offered: uploads beyond it will be \
             refused and cost reputation; start with a smaller --capacity"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the free space of the disk is unknown"),
    }
}

/// The wishes of the operating system.
#[cfg(unix)]
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    /// Listens from now on, so that a signal during the start is not lost.
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => "an unknown signal",
        }
    }
}
