//! How large a network is and where it lives.

use std::{env, path::PathBuf};

use neurostore_primitives::{NodeClass, TOTAL_SHARDS};

use crate::{
    error::NetworkError,
    programs::Programs,
    spec::{MemberKind, MemberSpec, Place, Reach},
};

/// Operators `//Operator//N` that the development presets endow.
const ENDOWED_OPERATORS: u16 = 32;
/// Numbers of validators for which there is a preset.
const PRESET_VALIDATORS: [u16; 2] = [1, 4];
/// More members would not find their ports in a row, and no machine has the cores for them.
const MOST_MEMBERS: u16 = 1_000;

/// How large a network is and where it lives.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// Validators, which store as well: one or more.
    pub validators: u16,
    /// Storage daemons.
    pub daemons: u16,
    /// How many of the daemons are light nodes; the others are anchors.
    pub light_daemons: u16,
    /// What each member offers, as in `4GiB`.
    pub capacity: String,
    /// Where the daemons stand. Validators stand on the machine.
    pub daemon_place: Place,
    /// Whether members may stand in namespaces of their own, now or later. All members then listen
    /// on a bridge instead of 127.0.0.1. Needs root and the package `iproute2`.
    pub bridge: bool,
    /// Folder of everything the network writes; without one a temporary folder, removed at the
    /// end where [`crate::Network::shut_down`] succeeds.
    pub folder: Option<PathBuf>,
    /// Whether a temporary folder stays in any case.
    pub keep: bool,
    /// First of the ports in a row; without it a free stretch is chosen by chance.
    pub first_port: Option<u16>,
    /// Folder of the development proving keys; without one the user's cache, so that a key is
    /// derived once on a machine.
    pub key_folder: Option<PathBuf>,
    /// Whether the nodes prove with the production circuit, in windows of four minutes, instead of
    /// the development circuit in windows of one.
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
            daemon_place: Place::default(),
            bridge: false,
            folder: None,
            keep: false,
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

    /// The members to begin with: validators first, light daemons last.
    pub fn specs(&self) -> Vec<MemberSpec> {
        let first_light = self.members().saturating_sub(self.light_daemons);
        (0..self.members())
            .map(|number| {
                let daemon = MemberSpec {
                    place: self.daemon_place,
                    ..MemberSpec::daemon(&self.capacity)
                };
                if number < self.validators {
                    MemberSpec {
                        program: MemberKind::Validator,
                        place: Place::default(),
                        ..daemon
                    }
                } else if number >= first_light {
                    MemberSpec {
                        class: NodeClass::Light,
                        ..daemon
                    }
                } else {
                    daemon
                }
            })
            .collect()
    }

    pub(crate) fn check(&self) -> Result<(), NetworkError> {
        if self.validators == 0 {
            return Err(NetworkError::Size("without a validator there is no chain"));
        }
        if self.members() > MOST_MEMBERS {
            return Err(NetworkError::Size(
                "a local network has 1,000 members at most",
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
        if self.light_daemons > self.daemons {
            return Err(NetworkError::Size(
                "there cannot be more light daemons than daemons",
            ));
        }
        if self.daemon_place.reach == Reach::Namespace && !self.bridge {
            return Err(NetworkError::Size(
                "members in namespaces of their own need a bridge",
            ));
        }
        Ok(())
    }

    /// The name under which the chain program knows the preset that comes closest.
    pub(crate) fn preset(&self) -> &'static str {
        if self.production_circuit {
            "local-production"
        } else if self.validators == 1 {
            "dev"
        } else {
            "local"
        }
    }

    /// Whether that preset is the chain that is wanted, as it is.
    pub(crate) fn is_preset(&self) -> bool {
        let has_validators = if self.production_circuit {
            self.validators == 4
        } else {
            PRESET_VALIDATORS.contains(&self.validators)
        };
        has_validators && self.windows.is_none() && self.members() <= ENDOWED_OPERATORS
    }

    /// Operators that the presets do not endow.
    pub(crate) fn poor_operators(&self) -> impl Iterator<Item = u16> {
        ENDOWED_OPERATORS..self.members()
    }

    /// The folder of the development proving keys.
    pub(crate) fn keys(&self) -> PathBuf {
        let user = || {
            let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            named.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        };
        let shared = || {
            let cache = user().unwrap_or_else(env::temp_dir);
            cache.join("neurostore").join("development-keys")
        };
        self.key_folder.clone().unwrap_or_else(shared)
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
            validators: 0,
            daemons: 15,
            ..NetworkOptions::default()
        };
        assert!(options.check().is_err());
    }

    #[test]
    fn any_number_of_validators_and_operators_is_possible() {
        let options = NetworkOptions {
            validators: 7,
            daemons: 30,
            ..NetworkOptions::default()
        };
        assert!(options.check().is_ok());
        assert!(!options.is_preset());
        assert_eq!(
            options.poor_operators().collect::<Vec<_>>(),
            [32, 33, 34, 35, 36]
        );
        assert!(NetworkOptions::default().is_preset());
        assert_eq!(NetworkOptions::default().poor_operators().count(), 0);
    }

    #[test]
    fn members_in_namespaces_need_a_bridge() {
        let options = NetworkOptions {
            daemon_place: Place::apart(),
            ..NetworkOptions::default()
        };
        assert!(options.check().is_err());
    }
}
