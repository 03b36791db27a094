//! How large a network is and where it lives.

use std::path::PathBuf;

use neurostore_primitives::TOTAL_SHARDS;

use crate::{error::NetworkError, programs::Programs};

/// Development accounts that validate, in the order of the chain's preset.
pub(crate) const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// Operators `//Operator//N` that the development presets endow.
const ENDOWED_OPERATORS: u16 = 32;

/// How large a network is and where it lives.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// Validators, which store as well: 1 or 4, as the chain's presets know them.
    pub validators: u16,
    /// Storage daemons.
    pub daemons: u16,
    /// How many of the daemons are light nodes; the others are anchors.
    pub light_daemons: u16,
    /// What each member offers, as in `4GiB`.
    pub capacity: String,
    /// Folder of everything the network writes; without one a temporary folder, removed at the
    /// end unless something went wrong.
    pub folder: Option<PathBuf>,
    /// First of the ports in a row; without it a free stretch is chosen by chance.
    pub first_port: Option<u16>,
    /// Folder of the development proving key; without one a folder of the network's own.
    pub key_folder: Option<PathBuf>,
    /// Whether the nodes prove with the production circuit, in windows of four minutes, instead of
    /// the development circuit in windows of one. Needs four validators.
    pub production_circuit: bool,
    /// Whether the validators only make blocks: nothing is stored, and there are no daemons.
    pub only_blocks: bool,
    /// Blocks of a window and of the time to answer, where they are not those of the preset.
    pub windows: Option<(u32, u32)>,
    /// What runs; without it the programs beside this one.
    pub programs: Option<Programs>,
    /// What the members log, in the language of `RUST_LOG`.
    pub log_filter: String,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            validators: 4,
            daemons: 12,
            light_daemons: 4,
            capacity: "4GiB".into(),
            folder: None,
            first_port: None,
            key_folder: None,
            production_circuit: false,
            only_blocks: false,
            windows: None,
            programs: None,
            log_filter: "info".into(),
        }
    }
}

impl NetworkOptions {
    /// The least that can store: one validator and fourteen daemons make the fifteen operators
    /// that a segment needs.
    pub fn smallest() -> Self {
        Self {
            validators: 1,
            daemons: 14,
            ..Self::default()
        }
    }

    /// Members of both kinds.
    pub fn members(&self) -> u16 {
        self.validators.saturating_add(self.daemons)
    }

    pub(crate) fn check(&self) -> Result<(), NetworkError> {
        if !matches!(self.validators, 1 | 4) {
            return Err(NetworkError::Size("a local network has 1 or 4 validators"));
        }
        if self.production_circuit && self.validators != 4 {
            return Err(NetworkError::Size(
                "the preset with the production circuit has 4 validators",
            ));
        }
        if self.only_blocks {
            return if self.daemons == 0 {
                Ok(())
            } else {
                Err(NetworkError::Size("daemons store"))
            };
        }
        if usize::from(self.members()) < TOTAL_SHARDS {
            return Err(NetworkError::Size(
                "a segment needs 15 nodes of 15 operators",
            ));
        }
        if self.members() > ENDOWED_OPERATORS {
            return Err(NetworkError::Size(
                "the development chain endows 32 operators, not more",
            ));
        }
        if self.light_daemons > self.daemons {
            return Err(NetworkError::Size(
                "there cannot be more light daemons than daemons",
            ));
        }
        Ok(())
    }

    /// The name under which the chain program knows the preset with so many validators.
    pub(crate) fn chain(&self) -> &'static str {
        if self.production_circuit {
            "local-production"
        } else if self.validators == 1 {
            "dev"
        } else {
            "local"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_and_the_smallest_network_are_possible() {
        assert!(NetworkOptions::default().check().is_ok());
        assert!(NetworkOptions::smallest().check().is_ok());
    }

    #[test]
    fn a_network_that_could_store_nothing_is_refused() {
        let options = NetworkOptions {
            daemons: 10,
            ..NetworkOptions::default()
        };
        assert!(options
            .check()
            .unwrap_err()
            .to_string()
            .contains("15 nodes"));
        let options = NetworkOptions {
            validators: 3,
            ..NetworkOptions::default()
        };
        assert!(options.check().is_err());
        let options = NetworkOptions {
            daemons: 30,
            ..NetworkOptions::default()
        };
        assert!(options.check().is_err());
    }
}
