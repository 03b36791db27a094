//! The command line.

mod chaos;
mod demo;
mod load;
mod show;
mod up;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{signal, SignalKind};

use neurostore_client::Capacity;
use neurostore_localnet::NetworkOptions;

pub(crate) use chaos::chaos;
pub(crate) use demo::demo;
pub(crate) use load::load;
pub(crate) use up::up;

/// Whole networks of NeuroStore on one machine: every member a process of its own.
#[derive(Debug, Parser)]
#[command(name = "neurostore-localnet", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a network and keep it until Ctrl-C
    Up(Up),
    /// Store a real file, prove it, lose five nodes, get it back; fails unless all of it holds
    Demo(Demo),
    /// Fill blocks of a network of four validators with proofs; fails below 900 in a block
    Load(Load),
    /// Do faults drawn from a seed to a network that stores and reads; fails if anything is lost
    Chaos(Chaos),
}

/// Where the network writes.
#[derive(Debug, Args)]
pub(crate) struct FolderArguments {
    /// Folder of everything the network writes; kept at the end [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep a temporary folder even where all went well
    #[arg(long)]
    keep: bool,
}

/// The network.
#[derive(Debug, Args)]
pub(crate) struct NetworkArguments {
    #[command(flatten)]
    folder: FolderArguments,
    /// Storage daemons beside the four validators, which store as well
    #[arg(long, value_name = "N", default_value_t = 12)]
    daemons: u16,
    /// How many of the daemons are light nodes
    #[arg(long, value_name = "N", default_value_t = 4)]
    light: u16,
    /// What each member offers
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    capacity: String,
    /// Prove with the production circuit of 48 samples, in windows of four minutes
    #[arg(long)]
    production_circuit: bool,
    /// What the members log, in the language of `RUST_LOG`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
}

impl NetworkArguments {
    fn options(&self, first_port: Option<u16>) -> NetworkOptions {
        NetworkOptions {
            daemons: self.daemons,
            light_daemons: self.light,
            capacity: self.capacity.clone(),
            folder: self.folder.dir.clone(),
            keep: self.folder.keep,
            production_circuit: self.production_circuit,
            log_filter: self.log.clone(),
            first_port,
            ..NetworkOptions::default()
        }
    }
}

/// Arguments of `up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    network: NetworkArguments,
    /// First of the ports on 127.0.0.1, in a row: first all RPCs, then all status pages
    #[arg(long, value_name = "PORT", default_value_t = 9944)]
    first_port: u16,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    network: NetworkArguments,
    /// Least size of the file: the packed sources of the project's own dependencies
    #[arg(long, default_value = "200MiB")]
    size: Capacity,
    /// Store this file instead
    #[arg(long, value_name = "PATH", conflicts_with = "size")]
    file: Option<PathBuf>,
    /// First of the ports on 127.0.0.1 [default: chosen by chance]
    #[arg(long, value_name = "PORT")]
    first_port: Option<u16>,
}

/// Arguments of `load`.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// Nodes to register; nearly all of them get a shard and prove it
    #[arg(long, value_name = "N", default_value_t = 1_280, value_parser = clap::value_parser!(u16).range(64..=1_600))]
    nodes: u16,
    #[command(flatten)]
    folder: FolderArguments,
}

/// Arguments of `chaos`.
#[derive(Debug, Args)]
pub(crate) struct Chaos {
    #[command(flatten)]
    network: NetworkArguments,
    /// What the faults are drawn from: the same seed gives the same faults [default: by chance]
    #[arg(long, value_name = "N", conflicts_with = "replay")]
    seed: Option<u64>,
    /// Do the faults of this log instead, `faults.jsonl` in a network's folder
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// How long, in blocks of six seconds
    #[arg(
        long,
        value_name = "S",
        default_value_t = 300,
        conflicts_with = "replay"
    )]
    seconds: u32,
}

/// Comes back when somebody wants us to end.
pub(crate) async fn interrupted() {
    let streams = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .map(|kind| signal(kind));
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = streams else {
        // Without handlers the signals end us as usual, and the process group ends with us.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
