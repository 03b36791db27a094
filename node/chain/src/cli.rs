//! The command line: what operators of Substrate nodes know, and what storage adds.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use neurostore_storage::PrefixedStorageArgs;
use sc_cli::{RunCmd, SubstrateCli};

/// The program, as its operators type it.
pub(crate) const NAME: &str = "neurostore-node";

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
    pub(crate) storage: PrefixedStorageArgs,
}

impl Cli {
    /// Reads the command line; ends the process with a usage message where it is wrong.
    pub(crate) fn read() -> Self {
        let matches = Self::definition().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command line as clap knows it.
    pub(crate) fn definition() -> clap::Command {
        Self::command()
            .name(NAME)
            .version(Self::impl_version())
            .about(Self::description())
            // Operators of collator nodes type `--collator` for the same thing.
            .mut_arg("validator", |arg| arg.visible_alias("collator"))
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
