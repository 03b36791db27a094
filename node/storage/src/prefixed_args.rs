//! The flags of a storage service beside those of another program.

use std::path::PathBuf;

use clap::{value_parser, Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::{args::StorageArgs, options::StorageOptions};

/// Stands before the name of every flag.
const PREFIX: &str = "storage-";
/// The flag that asks for storage.
const PATH: &str = "storage-path";
/// Where the flags stand in the help text.
const HEADING: &str = "Storage options";

/// The flags of [`StorageArgs`] with `storage-` before their names, for a program that has flags
/// of its own. `--storage-path` asks for the service; without it none of the others is taken.
#[derive(Clone, Debug)]
pub struct PrefixedStorageArgs {
    /// The service's folder; none where the program does not store.
    pub path: Option<PathBuf>,
    /// All other flags.
    pub args: StorageArgs,
}

impl PrefixedStorageArgs {
    /// What the service is started with, on the chain whose RPC is at `chain_url`; none where it
    /// was not asked for.
    pub fn into_options(self, chain_url: String) -> Option<StorageOptions> {
        let path = self.path?;
        Some(self.args.into_options(path, chain_url))
    }
}

impl Args for PrefixedStorageArgs {
    fn augment_args(command: Command) -> Command {
        let path = Arg::new(PATH)
            .long(PATH)
            .value_name("DIR")
            .help("Store shards in this folder: makes the node a storage node too")
            .help_heading(HEADING)
            .value_parser(value_parser!(PathBuf));
        let bare = StorageArgs::augment_args(Command::new("storage"));
        let command = command.arg(path).args(bare.get_arguments().map(prefixed));
        command
            // Whoever makes blocks is always on.
            .mut_arg("class", |class| class.default_value("anchor"))
            // The name it had before both programs took the same flags.
            .mut_arg("proving_key_dir", |folder| folder.alias("storage-key-dir"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A flag under its other name. The variables of the environment are those of another program.
fn prefixed(flag: &Arg) -> Arg {
    let name = flag.get_long().unwrap_or_default();
    flag.clone()
        .long(format!("{PREFIX}{name}"))
        .env(None)
        .requires(PATH)
        .help_heading(HEADING)
}

impl FromArgMatches for PrefixedStorageArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            path: matches.get_one(PATH).cloned(),
            args: StorageArgs::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use neurostore_primitives::{CountryCode, NodeClass};

    use super::*;
    use crate::capacity::Capacity;

    #[derive(Debug, Parser)]
    struct Bare {
        #[command(flatten)]
        storage: StorageArgs,
    }

    #[derive(Debug, Parser)]
    struct Beside {
        #[command(flatten)]
        storage: PrefixedStorageArgs,
    }

    /// Reads the flags both ways; what follows the dashes is the same.
    fn read(flags: &[&str]) -> [Result<StorageOptions, clap::Error>; 2] {
        let named = |prefix: &str| -> Vec<String> {
            let flags = flags.iter();
            let flags = flags.map(|flag| flag.replace("--", &format!("--{prefix}")));
            std::iter::once("program".to_owned()).chain(flags).collect()
        };
        let bare = Bare::try_parse_from(named(""));
        let mut beside = named("storage-");
        beside.extend(["--storage-path".into(), "node".into()]);
        let beside = Beside::try_parse_from(beside);
        [
            bare.map(|read| read.storage.into_options("node".into(), "ws://test".into())),
            beside.map(|read| read.storage.into_options("ws://test".into()).unwrap()),
        ]
    }

    #[test]
    fn the_command_lines_are_consistent() {
        Bare::command().debug_assert();
        Beside::command().debug_assert();
    }

    #[test]
    fn both_programs_read_the_same_flags_in_the_same_way() {
        let [bare, beside] = read(&[
            "--capacity",
            "2TB",
            "--free-reserve",
            "1GiB",
            "--operator-key-file",
            "key",
            "--class",
            "light",
            "--country",
            "FR",
            "--listen",
            "/ip4/127.0.0.1/tcp/1,/ip4/127.0.0.1/tcp/2",
            "--proving-key-dir",
            "keys",
            "--status-listen",
            "127.0.0.1:1",
        ])
        .map(Result::unwrap);
        assert_eq!(format!("{bare:?}"), format!("{beside:?}"));
        assert_eq!(bare.capacity, Capacity(2_000_000_000_000));
        assert_eq!(bare.listen.len(), 2);
    }

    #[test]
    fn defaults_are_the_same_but_that_a_validator_is_always_on() {
        let [bare, mut beside] = read(&[]).map(Result::unwrap);
        assert_eq!(bare.class, NodeClass::Light);
        assert_eq!(beside.class, NodeClass::Anchor);
        beside.class = NodeClass::Light;
        assert_eq!(format!("{bare:?}"), format!("{beside:?}"));
    }

    #[test]
    fn a_country_may_be_written_in_small_letters() {
        for options in read(&["--country", "de"]) {
            assert_eq!(options.unwrap().country, CountryCode(*b"DE"));
        }
    }

    #[test]
    fn nonsense_is_refused_by_both() {
        for flags in [
            ["--capacity", "much"],
            ["--free-reserve", "little"],
            ["--country", "DEU"],
            ["--country", "1A"],
            ["--listen", "0.0.0.0:9010"],
            ["--bootnode", "somewhere"],
            ["--class", "whale"],
            ["--status-listen", "9616"],
        ] {
            for options in read(&flags) {
                assert!(options.is_err(), "{flags:?}");
            }
        }
    }

    #[test]
    fn without_a_folder_a_program_stores_nothing_and_takes_no_storage_flag() {
        let read = Beside::try_parse_from(["program"]).unwrap();
        assert!(read.storage.into_options("ws://test".into()).is_none());
        assert!(Beside::try_parse_from(["program", "--storage-country", "DE"]).is_err());
    }

    #[test]
    fn the_environment_speaks_to_the_daemon_alone() {
        let command = Beside::command();
        assert!(command.get_arguments().all(|flag| flag.get_env().is_none()));
        let command = Bare::command();
        assert!(command.get_arguments().all(|flag| flag.get_env().is_some()));
    }
}
