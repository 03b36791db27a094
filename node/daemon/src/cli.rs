//! The command line.
#![allow(clippy::doc_markdown)] // Help texts are read in a terminal.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use neurostore_storage::{StorageArgs, DEFAULT_STATUS_LISTEN};

/// Runs a NeuroStore storage node: lends disk space, proves every window that it still holds what
/// it was given, and earns NEURO for it. No full node is needed, only the RPC of one.
///
/// First start: neuro-node --capacity 500GiB --operator-key-file operator.key --chain-rpc
/// ws://HOST:9944. The file's first line is the secret of the account that owns the node, pays its
/// bond and is paid; it is read at registration and not kept. Later starts need no key.
///
/// Every flag can also be set in the environment, as shown with it.
#[derive(Debug, Parser)]
#[command(name = "neuro-node", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the node (also without naming this command).
    Run(Box<RunArguments>),
    /// Show how the running node on this machine stands.
    Status(StatusArguments),
    /// Show what the node earned.
    Earnings(ChainArguments),
    /// Say what became of a window, and what to do if it was missed.
    Explain(ExplainArguments),
    /// Pay what was earned and released to the operator's account.
    Withdraw(WithdrawArguments),
    /// Show the node's account and peer id; makes its keys if it has none.
    Identity(Place),
    /// Print completions for a shell; see your shell's manual for where they go.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages into a folder, for whoever makes a package.
    #[command(hide = true)]
    Man {
        /// The folder, which must exist.
        folder: PathBuf,
    },
}

/// Where the node lives.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// Folder of keys, index and shards [default: ~/.neuro-node]
    #[arg(long, env = "NEURO_NODE_PATH", value_name = "DIR")]
    path: Option<PathBuf>,
}

impl Place {
    /// The folder.
    pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
        match &self.path {
            Some(path) => Ok(path.clone()),
            None => std::env::home_dir()
                .filter(|home| !home.as_os_str().is_empty())
                .map(|home| home.join(".neuro-node"))
                .context("this user has no home folder: name one with --path"),
        }
    }
}

/// Where the chain is.
#[derive(Args, Clone, Debug)]
pub(crate) struct Endpoint {
    /// WebSocket RPC of a chain node.
    #[arg(
        long,
        env = "NEURO_NODE_CHAIN_RPC",
        value_name = "URL",
        default_value = "ws://127.0.0.1:9944"
    )]
    pub(crate) chain_rpc: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) endpoint: Endpoint,

    #[command(flatten)]
    pub(crate) storage: StorageArgs,

    /// Where the storage RPC is served; read-only.
    #[arg(
        long,
        env = "NEURO_NODE_RPC_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:9617"
    )]
    pub(crate) rpc_listen: SocketAddr,

    /// What is logged, such as info, debug or neurostore_storage=debug,info.
    #[arg(
        long,
        env = "NEURO_NODE_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub(crate) log: String,
}

#[derive(Args, Debug)]
pub(crate) struct StatusArguments {
    /// Where the running node serves its status page.
    #[arg(
        long,
        env = "NEURO_NODE_STATUS_LISTEN",
        value_name = "ADDR",
        default_value = DEFAULT_STATUS_LISTEN
    )]
    pub(crate) status_listen: SocketAddr,
    /// Print the JSON as it is.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ChainArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) endpoint: Endpoint,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// Number of the window, as logs and status show it.
    pub(crate) window: u32,
    #[command(flatten)]
    pub(crate) chain: ChainArguments,
}

#[derive(Args, Debug)]
pub(crate) struct WithdrawArguments {
    /// File whose first line is the operator's secret.
    #[arg(long, env = "NEURO_NODE_OPERATOR_KEY_FILE", value_name = "FILE")]
    pub(crate) operator_key_file: PathBuf,
    #[command(flatten)]
    pub(crate) chain: ChainArguments,
}

#[cfg(test)]
mod tests {
    use neurostore_storage::Capacity;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn running_is_the_default() {
        let bare = Cli::try_parse_from(["neuro-node", "--capacity", "1GiB"]).unwrap();
        assert!(bare.command.is_none());
        assert_eq!(bare.run.storage.capacity, Capacity(1 << 30));
        let named = Cli::try_parse_from(["neuro-node", "run", "--capacity", "2GiB"]).unwrap();
        assert!(
            matches!(named.command, Some(Command::Run(run)) if run.storage.capacity.0 == 2 << 30)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for arguments in [
            ["neuro-node", "--capacity", "much"],
            ["neuro-node", "--country", "DEU"],
            ["neuro-node", "--country", "1A"],
            ["neuro-node", "--listen", "0.0.0.0:9010"],
            ["neuro-node", "--class", "whale"],
        ] {
            assert!(Cli::try_parse_from(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn no_flag_takes_a_secret() {
        use clap::CommandFactory;
        let command = Cli::command();
        let all = command.get_subcommands().chain([&command]);
        for argument in all.flat_map(clap::Command::get_arguments) {
            let name = argument.get_id().as_str();
            assert!(!name.contains("seed") && !name.contains("suri"), "{name}");
            assert!(
                !name.contains("key") || name.ends_with("file") || name.ends_with("dir"),
                "{name}"
            );
        }
    }
}
