//! The arguments, as clap reads and explains them.
#![allow(clippy::doc_markdown)] // Help texts are read in a terminal.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use neurostore_client::{Capacity, Neuro};

use crate::amounts::ByteRange;

/// Windows that are paid for if nobody says otherwise.
pub(crate) const DEFAULT_WINDOWS: u32 = 24;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong arguments
  3  too few shards of the object are reachable
  4  the account has not enough NEURO
  5  the chain is not reachable
  6  not found: the chain knows no such object or node
  130  interrupted; `put` goes on when it is run again

Secrets are read from files only. A locator contains the key of its object: instead of giving it
as an argument, give @FILE, - (standard input), or the name that `neuro ls` shows.";

const FIRST_STEPS: &str = "\
First steps:
  neuro account new                 make a key, kept in your configuration folder
  neuro account fund --amount 1000  on a development chain: get NEURO to play with
  neuro put film.mkv                store a file; prints its locator
  neuro get film.mkv -o copy.mkv    fetch it again";

/// Store files on NeuroStore, encrypted on this machine and spread over fifteen nodes of which
/// any ten give them back.
#[derive(Debug, Parser)]
#[command(name = "neuro", version, after_help = FIRST_STEPS, after_long_help = format!("{FIRST_STEPS}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Arguments that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct Global {
    /// WebSocket address of a node of the chain [default: ws://127.0.0.1:9944]
    #[arg(long, global = true, env = "NEURO_CHAIN", value_name = "URL")]
    pub(crate) chain: Option<String>,
    /// A storage node to begin with, /ip4/…/tcp/…/p2p/…; may be repeated. Without one, those that
    /// the chain's node recommends
    #[arg(
        long,
        global = true,
        env = "NEURO_BOOTNODE",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(crate) bootnode: Vec<String>,
    /// File with the account's secret [default: account.key in the configuration folder]
    #[arg(long, global = true, env = "NEURO_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Where configuration, catalogue and journals are kept [default: ~/.config/neuro]
    #[arg(long, global = true, env = "NEURO_CONFIG_DIR", value_name = "FOLDER")]
    pub(crate) config_dir: Option<PathBuf>,
    /// Print one JSON document instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more about what happens; twice for much more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store a file; prints its locator
    Put(Put),
    /// Fetch an object into a file
    Get(Get),
    /// Write an object, or a part of it, to standard output
    Cat(Cat),
    /// Show where an object is: every shard, its node, and whether it answers
    Stat {
        /// Locator, name, @FILE or -
        object: String,
    },
    /// List the objects you stored from this machine
    Ls,
    /// Delete an object: nobody is paid for it any more, unused rent comes back
    Rm {
        /// Locator, name, @FILE or -
        object: String,
    },
    /// Pay for more time
    Extend {
        /// Locator, name, @FILE or -
        object: String,
        /// Proving windows to add [default: as for put]. Repeated, it pays again
        #[arg(long, short)]
        windows: Option<u32>,
        /// Pay for the windows that are missing until this block. Repeated, it pays for nothing
        /// twice
        #[arg(long, value_name = "BLOCK", conflicts_with = "windows")]
        until: Option<u32>,
    },
    /// Show what storing so many bytes costs
    Quote {
        /// Size, for example 700MB, 5GiB or 12345
        size: Capacity,
        /// Proving windows to pay for [default: as for put]
        #[arg(long, short)]
        windows: Option<u32>,
    },
    /// Your account: its key, its balance
    #[command(subcommand)]
    Account(Account),
    /// The storage nodes of the network
    #[command(subcommand)]
    Node(Node),
    /// Print completions for a shell; see your shell's manual for where they go
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a folder, for whoever makes a package
    #[command(hide = true)]
    Man {
        /// The folder, which must exist
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The file, or - for standard input (kept in a temporary file until it is stored)
    pub(crate) file: PathBuf,
    /// Proving windows to pay for; `neuro quote` says how long that is
    #[arg(long, short)]
    pub(crate) windows: Option<u32>,
    /// Name in your catalogue [default: the file's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Write the locator into this file (readable by you only) instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) locator_file: Option<PathBuf>,
    /// Segments sent at the same time
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<usize>,
    /// Most bytes taken from standard input
    #[arg(long, value_name = "SIZE", default_value = "64GiB")]
    pub(crate) spool_limit: Capacity,
    /// Keep no journal: an interrupted upload cannot go on
    #[arg(long)]
    pub(crate) no_journal: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// Locator, name, @FILE or -
    pub(crate) object: String,
    /// Where to write it, - for standard output [default: its name in your catalogue]
    #[arg(long, short)]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long, short)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Cat {
    /// Locator, name, @FILE or -
    pub(crate) object: String,
    /// First and last byte, counted from 0: 0-99 are the first hundred, 100- is all the rest
    #[arg(long, value_name = "A-B")]
    pub(crate) range: Option<ByteRange>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Make a new key; an existing key file is never overwritten
    New,
    /// Show the account of your key
    Show,
    /// Show the balance of your account, or of another
    Balance {
        /// The account [default: yours]
        account: Option<String>,
    },
    /// Send NEURO to your account, or to another. On a development chain the money comes from
    /// its well-known account unless --from says otherwise
    Fund {
        /// The account [default: yours]
        account: Option<String>,
        /// NEURO to send, for example 12.5
        #[arg(long)]
        amount: Neuro,
        /// File with the secret of the account that pays
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// List all storage nodes
    List,
    /// Show a storage node: what it holds, what it earned, its next challenge
    Show {
        /// Its number
        id: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn more_time_is_named_in_one_way() {
        let read = |more: &[&str]| {
            Arguments::try_parse_from(["neuro", "extend", "film"].iter().chain(more))
        };
        assert!(read(&[]).is_ok());
        assert!(read(&["--windows", "3"]).is_ok());
        assert!(read(&["--until", "900"]).is_ok());
        assert!(read(&["--windows", "3", "--until", "900"]).is_err());
    }

    #[test]
    fn global_arguments_may_stand_after_the_command() {
        let arguments =
            Arguments::try_parse_from(["neuro", "ls", "--json", "--chain", "ws://x:1"]).unwrap();
        assert!(arguments.global.json);
        assert_eq!(arguments.global.chain.as_deref(), Some("ws://x:1"));
    }
}
