//! The command line: what operators of Substrate nodes know, and what storage adds.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use sc_cli::{RunCmd, SubstrateCli};

/// All of the command line.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    /// What to do instead of running a node.
    #[command(subcommand)]
    pub(crate) subcommand: Option<Command>,

    /// How to run the node.
    #[command(flatten)]
    pub(crate) run: RunCmd,

    /// Whether and how it stores shards.
    #[command(flatten)]
    pub(crate) storage: StorageArgs,
}

impl Cli {
    /// Reads the command line; ends the process with a usage message where it is wrong.
    pub(crate) fn read() -> Self {
        let version = Self::impl_version();
        let command = Self::command()
            .name("neurostore-node")
            .version(version)
            .about(Self::description())
            // Operators of collator nodes type `--collator` for the same thing.
            .mut_arg("validator", |arg| arg.visible_alias("collator"));
        let matches = command.get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// What to do instead of running a node.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // parsed once, moved once
pub(crate) enum Command {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),
    /// Write a chain specification, plain or raw, built from a preset.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),
    /// Check blocks again.
    CheckBlock(sc_cli::CheckBlockCmd),
    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),
    /// Write the state of a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),
    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),
    /// Remove the whole chain from this machine.
    PurgeChain(sc_cli::PurgeChainCmd),
    /// Go back to an earlier block.
    Revert(sc_cli::RevertCmd),
    /// Show what the database holds.
    ChainInfo(sc_cli::ChainInfoCmd),
}

/// Flags of the storage service.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Storage options")]
pub(crate) struct StorageArgs {
    /// Store shards under this directory: makes the node a storage node too.
    #[arg(long, value_name = "DIR")]
    pub(crate) storage_path: Option<PathBuf>,

    /// How much of the disk may be filled, as in `500GiB`.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "10GiB",
        requires = "storage_path"
    )]
    pub(crate) storage_capacity: String,

    /// Address on which other storage nodes and clients reach the shards; may be given again.
    #[arg(long, value_name = "MULTIADDR", requires = "storage_path")]
    pub(crate) storage_listen: Vec<String>,

    /// A storage node to begin with; may be given again.
    #[arg(long, value_name = "MULTIADDR", requires = "storage_path")]
    pub(crate) storage_bootnode: Vec<String>,

    /// File with the secret of the operator account, which bonds for this node and is paid.
    /// Without it the node says which call the operator has to send.
    #[arg(long, value_name = "FILE", requires = "storage_path")]
    pub(crate) storage_operator_key_file: Option<PathBuf>,

    /// Country the node stands in: two letters of ISO 3166-1.
    #[arg(
        long,
        value_name = "CC",
        default_value = "ZZ",
        requires = "storage_path"
    )]
    pub(crate) storage_country: String,

    /// Where the storage status page and its metrics are served.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:9616",
        requires = "storage_path"
    )]
    pub(crate) storage_status_listen: SocketAddr,

    /// Directory of proving keys; shared by several nodes of one machine if they name the same.
    #[arg(long, value_name = "DIR", requires = "storage_path")]
    pub(crate) storage_key_dir: Option<PathBuf>,
}
