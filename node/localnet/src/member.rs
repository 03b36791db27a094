//! One member of a network: a validator that stores, or a storage daemon.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use neurostore_chain::{AccountId, Signer};
use neurostore_primitives::{NodeClass, NodeId};
use neurostore_swarm::Identity;

use crate::{
    error::NetworkError,
    options::{NetworkOptions, VALIDATORS},
    ports::Ports,
    process::{Launch, Process},
    programs::Programs,
};

/// Countries that the members declare, in turn.
const COUNTRIES: [&str; 8] = ["DE", "FR", "NL", "SE", "ES", "US", "JP", "BR"];
/// Connections that the chain's RPC takes: each member, the client and the tests hold a few.
const RPC_CONNECTIONS: u16 = 1_000;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// `neurostore-node`: makes blocks and stores.
    Validator,
    /// `neuro-node`: stores.
    Daemon,
}

/// A member of a network.
#[derive(Debug)]
pub struct Member {
    pub(crate) name: String,
    pub(crate) kind: MemberKind,
    pub(crate) class: NodeClass,
    pub(crate) ports: Ports,
    pub(crate) operator: Signer,
    pub(crate) storage: PathBuf,
    pub(crate) node: Option<NodeId>,
    pub(crate) process: Process,
}

impl Member {
    /// What logs and messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Validator or daemon.
    pub fn kind(&self) -> MemberKind {
        self.kind
    }

    /// Anchor or light.
    pub fn class(&self) -> NodeClass {
        self.class
    }

    /// Its ports on 127.0.0.1.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// The account that owns it and is paid.
    pub fn operator(&self) -> &Signer {
        &self.operator
    }

    /// The id of that account.
    pub fn operator_account(&self) -> AccountId {
        self.operator.account_id()
    }

    /// Its number on the chain.
    pub fn node(&self) -> Option<NodeId> {
        self.node
    }

    /// The number of its process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Whether it is frozen: its process is there and does nothing.
    pub fn is_paused(&self) -> bool {
        self.process.is_paused()
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// The folder of its shards and keys.
    pub fn storage(&self) -> &Path {
        &self.storage
    }

    /// The address of its JSON-RPC.
    pub fn rpc_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports.rpc)
    }

    /// The address of its status page.
    pub fn status_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.ports.status)
    }
}

/// What all members of a network are made from.
pub(crate) struct Blueprint<'a> {
    pub(crate) options: &'a NetworkOptions,
    pub(crate) programs: &'a Programs,
    pub(crate) folder: &'a Path,
    pub(crate) keys: &'a Path,
    pub(crate) ports: &'a [Ports],
    /// The chain's specification, where it is not a preset.
    pub(crate) chain_file: Option<&'a Path>,
}

impl Blueprint<'_> {
    /// Makes member `number` ready to be started. `bootnodes` are storage nodes to begin with.
    pub(crate) fn member(&self, number: u16, bootnodes: &[String]) -> Result<Member, NetworkError> {
        let index = usize::from(number);
        let ports = *self.ports.get(index).ok_or(NetworkError::NoMember(index))?;
        let validators = self.options.validators;
        let validator = VALIDATORS.get(index).filter(|_| number < validators);
        let (name, kind) = match validator {
            Some(name) => (format!("validator-{name}"), MemberKind::Validator),
            None => (
                format!("daemon-{}", number - validators + 1),
                MemberKind::Daemon,
            ),
        };
        // The last daemons are the light ones.
        let is_light = number >= self.options.members() - self.options.light_daemons;
        let class = if is_light {
            NodeClass::Light
        } else {
            NodeClass::Anchor
        };
        let home = self.folder.join(&name);
        fs::create_dir_all(&home).map_err(NetworkError::file("create", &home))?;

        let secret = format!("//Operator//{number}");
        let key = |reason: String| NetworkError::Key {
            name: name.clone(),
            reason,
        };
        let operator = Signer::from_secret(&secret).map_err(|error| key(error.to_string()))?;
        let operator_file = home.join("operator-key");
        write_secret(&operator_file, &secret)
            .map_err(NetworkError::file("write", &operator_file))?;

        let storage = home.join("storage");
        let mut arguments = Arguments::default();
        match validator {
            Some(name) => {
                self.chain_flags(number, name, &home, &ports, &mut arguments)?;
                arguments.prefix = "storage-";
            }
            None => {
                arguments.bare("run");
                arguments.pair("class", if is_light { "light" } else { "anchor" });
                arguments.pair("chain-rpc", self.chain_url(number));
                arguments.pair("rpc-listen", format!("127.0.0.1:{}", ports.rpc));
            }
        }
        if !self.options.only_blocks {
            arguments.pair("path", storage.display());
            arguments.pair("operator-key-file", operator_file.display());
            self.storage_flags(index, kind, &ports, bootnodes, &mut arguments);
        }

        let program = match kind {
            MemberKind::Validator => &self.programs.validator,
            MemberKind::Daemon => &self.programs.daemon,
        };
        let launch = Launch {
            program: program.clone(),
            arguments: arguments.list,
            environment: ["RUST_LOG", "NEURO_NODE_LOG"]
                .map(|name| (name.to_owned(), self.options.log_filter.clone()))
                .to_vec(),
        };
        let log = self.folder.join("logs").join(format!("{name}.log"));
        let process = Process::new(name.clone(), launch, log);
        Ok(Member {
            name,
            kind,
            class,
            ports,
            operator,
            storage,
            node: None,
            process,
        })
    }

    fn storage_flags(
        &self,
        index: usize,
        kind: MemberKind,
        ports: &Ports,
        bootnodes: &[String],
        arguments: &mut Arguments,
    ) {
        arguments.pair("capacity", &self.options.capacity);
        arguments.pair("listen", format!("/ip4/127.0.0.1/tcp/{}", ports.swarm));
        arguments.pair(
            "listen",
            format!("/ip4/127.0.0.1/udp/{}/quic-v1", ports.swarm),
        );
        for bootnode in bootnodes {
            arguments.pair("bootnode", bootnode);
        }
        arguments.pair("country", COUNTRIES[index % COUNTRIES.len()]);
        arguments.pair("status-listen", format!("127.0.0.1:{}", ports.status));
        let keys = if kind == MemberKind::Validator {
            "key-dir"
        } else {
            "proving-key-dir"
        };
        arguments.pair(keys, self.keys.display());
    }

    /// Daemons spread over the validators' endpoints.
    fn chain_url(&self, number: u16) -> String {
        let validator = usize::from(number % self.options.validators);
        let port = self
            .ports
            .get(validator)
            .map(|ports| ports.rpc)
            .unwrap_or_default();
        format!("ws://127.0.0.1:{port}")
    }

    fn chain_flags(
        &self,
        number: u16,
        name: &str,
        home: &Path,
        ports: &Ports,
        arguments: &mut Arguments,
    ) -> Result<(), NetworkError> {
        let key_file = home.join("node-key");
        write_secret(&key_file, &hex::encode(network_secret(number)))
            .map_err(NetworkError::file("write", &key_file))?;
        match self.chain_file {
            Some(file) => arguments.pair("chain", file.display()),
            None => arguments.pair("chain", self.options.chain()),
        }
        arguments.bare(&format!("--{name}"));
        arguments.bare("--validator");
        arguments.pair("base-path", home.join("chain").display());
        arguments.pair("node-key-file", key_file.display());
        arguments.pair("listen-addr", format!("/ip4/127.0.0.1/tcp/{}", ports.chain));
        arguments.pair("rpc-port", ports.rpc);
        arguments.pair("rpc-max-connections", RPC_CONNECTIONS);
        arguments.pair("prometheus-port", ports.metrics);
        for flag in ["--no-telemetry", "--no-mdns"] {
            arguments.bare(flag);
        }
        for other in (0..self.options.validators).filter(|other| *other != number) {
            let identity =
                Identity::from_secret_bytes(&mut network_secret(other)).map_err(|error| {
                    NetworkError::Key {
                        name: name.into(),
                        reason: error.to_string(),
                    }
                })?;
            let port = self
                .ports
                .get(usize::from(other))
                .map(|p| p.chain)
                .unwrap_or_default();
            let peer = identity.peer_id();
            arguments.pair("bootnodes", format!("/ip4/127.0.0.1/tcp/{port}/p2p/{peer}"));
        }
        Ok(())
    }
}

/// The key of a validator in the chain's network: known beforehand, so that all can name each
/// other. It protects nothing but a name.
fn network_secret(number: u16) -> [u8; 32] {
    let mut secret = [0; 32];
    let [low, high] = number.saturating_add(1).to_le_bytes();
    secret[31] = low;
    secret[30] = high;
    secret
}

/// A command line in the making.
#[derive(Default)]
struct Arguments {
    list: Vec<String>,
    prefix: &'static str,
}

impl Arguments {
    fn bare(&mut self, word: &str) {
        self.list.push(word.into());
    }

    fn pair(&mut self, name: &str, value: impl ToString) {
        self.list.push(format!("--{}{name}", self.prefix));
        self.list.push(value.to_string());
    }
}

/// Writes a secret for its owner's eyes only.
pub(crate) fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    // No newline: the node reads a key of 64 digits only from a file of 64 bytes.
    neurostore_files::replace_private(path, secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports;
    use std::os::unix::fs::PermissionsExt;

    fn members(options: &NetworkOptions, folder: &Path) -> Vec<Member> {
        let ports = ports::choose(options.members(), None).unwrap();
        let programs = Programs {
            validator: "neurostore-node".into(),
            daemon: "neuro-node".into(),
            neuro: "neuro".into(),
        };
        let keys = folder.join("keys");
        let print = Blueprint {
            options,
            programs: &programs,
            folder,
            keys: &keys,
            ports: &ports,
            chain_file: None,
        };
        let bootnodes = ["/ip4/127.0.0.1/tcp/1/p2p/x".to_owned()];
        (0..options.members())
            .map(|number| print.member(number, &bootnodes).unwrap())
            .collect()
    }

    #[test]
    fn each_member_has_an_operator_of_its_own_with_a_private_key_file() {
        let folder = tempfile::tempdir().unwrap();
        let members = members(&NetworkOptions::default(), folder.path());
        let mut operators: Vec<_> = members.iter().map(|m| m.operator_account().0).collect();
        operators.sort_unstable();
        operators.dedup();
        assert_eq!(operators.len(), 16);
        for member in &members {
            let file = folder.path().join(member.name()).join("operator-key");
            assert_eq!(
                fs::metadata(file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn four_of_sixteen_members_are_light() {
        let folder = tempfile::tempdir().unwrap();
        let members = members(&NetworkOptions::default(), folder.path());
        let light = members
            .iter()
            .filter(|member| member.class() == NodeClass::Light);
        assert_eq!(light.clone().count(), 4);
        assert!(light
            .into_iter()
            .all(|member| member.kind() == MemberKind::Daemon));
    }

    #[test]
    fn no_secret_stands_on_a_command_line() {
        let folder = tempfile::tempdir().unwrap();
        for member in members(&NetworkOptions::default(), folder.path()) {
            let line = format!("{:?}", member.process);
            assert!(!line.contains("//Operator"), "{line}");
        }
    }

    #[test]
    fn every_address_is_on_the_own_machine() {
        let folder = tempfile::tempdir().unwrap();
        for member in members(&NetworkOptions::smallest(), folder.path()) {
            let line = format!("{:?}", member.process);
            assert!(
                !line.contains("0.0.0.0") && !line.contains("/ip6/"),
                "{line}"
            );
        }
    }
}
