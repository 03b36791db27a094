//! How members are made: their folders, keys and command lines.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use neurostore_chain::Signer;
use neurostore_primitives::NodeClass;

use super::{operator_secret, Member};
use crate::{
    authority::Authority,
    bridge::Namespace,
    clock::OwnClock,
    disk::OwnDisk,
    error::NetworkError,
    leftovers::Leftovers,
    ports::Ports,
    process::{Launch, Process},
    programs::Programs,
    secret::write_secret,
    spec::{Clock, MemberKind, MemberSpec},
};

/// Countries that the members declare, in turn.
const COUNTRIES: [&str; 8] = ["DE", "FR", "NL", "SE", "ES", "US", "JP", "BR"];
/// Connections that the chain's RPC takes: each member, the client and the tests hold a few.
const RPC_CONNECTIONS: u16 = 1_000;

/// Where a member is reached.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) host: Ipv4Addr,
    pub(crate) ports: Ports,
    pub(crate) namespace: Option<Namespace>,
}

/// What all members of a network are made from.
#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) programs: Programs,
    pub(crate) folder: PathBuf,
    pub(crate) keys: PathBuf,
    /// The chain's specification: the name of a preset, or a file.
    pub(crate) chain: String,
    pub(crate) log_filter: String,
    pub(crate) only_blocks: bool,
    /// Where the validators are reached, in their order.
    pub(crate) validators: Vec<Site>,
    /// Storage nodes to begin with.
    pub(crate) bootnodes: Vec<String>,
}

impl Blueprint {
    /// Makes member `number` ready to be started.
    pub(crate) fn member(
        &self,
        number: u16,
        spec: &MemberSpec,
        site: Site,
        leftovers: &mut Leftovers,
    ) -> Result<Member, NetworkError> {
        let name = self.name(number, spec.program);
        let home = self.folder.join(&name);
        fs::create_dir_all(&home).map_err(NetworkError::file("create", &home))?;
        let disk = OwnDisk::make(spec.place.disk, &home, leftovers)?;
        let clock = match spec.place.clock {
            Clock::Machine => None,
            Clock::Own => Some(OwnClock::new(&home)?),
        };
        let storage = disk.as_ref().map_or(home.as_path(), OwnDisk::folder);
        let storage = storage.join("storage");

        let secret = operator_secret(number);
        let operator = Signer::from_secret(&secret).map_err(|error| NetworkError::Key {
            name: name.clone(),
            reason: error.to_string(),
        })?;
        let operator_file = home.join("operator-key");
        write_secret(&operator_file, &secret)
            .map_err(NetworkError::file("write", &operator_file))?;

        let mut arguments = Arguments::default();
        match spec.program {
            MemberKind::Validator => {
                self.chain_flags(number, &home, &site, &mut arguments)?;
                arguments.prefix = "storage-";
            }
            MemberKind::Daemon => {
                arguments.bare("run");
                let is_light = spec.class == NodeClass::Light;
                arguments.pair("class", if is_light { "light" } else { "anchor" });
                arguments.pair("chain-rpc", self.chain_url(number)?);
                arguments.pair("rpc-listen", format!("{}:{}", site.host, site.ports.rpc));
            }
        }
        if !self.only_blocks {
            arguments.pair("path", storage.display());
            arguments.pair("operator-key-file", operator_file.display());
            self.storage_flags(number, spec, &site, &mut arguments);
        }
        arguments.list.extend(spec.flags.iter().cloned());

        let launch = self.launch(spec, &site, clock.as_ref(), arguments.list);
        let log = self.folder.join("logs").join(format!("{name}.log"));
        let process = Process::new(name.clone(), launch, log);
        Ok(Member {
            number: usize::from(number),
            name,
            kind: spec.program,
            class: spec.class,
            host: site.host,
            ports: site.ports,
            operator,
            storage,
            node: None,
            namespace: site.namespace,
            disk,
            clock,
            process,
        })
    }

    fn name(&self, number: u16, program: MemberKind) -> String {
        match program {
            MemberKind::Validator => format!("validator-{}", Authority::new(number).name()),
            MemberKind::Daemon => {
                format!("daemon-{}", usize::from(number) + 1 - self.validators.len())
            }
        }
    }

    fn launch(
        &self,
        spec: &MemberSpec,
        site: &Site,
        clock: Option<&OwnClock>,
        mut arguments: Vec<String>,
    ) -> Launch {
        let mut program = match spec.program {
            MemberKind::Validator => self.programs.validator.clone(),
            MemberKind::Daemon => self.programs.daemon.clone(),
        };
        if let Some(namespace) = &site.namespace {
            // `ip` becomes the program: the process is the same.
            let inner = program.display().to_string();
            let prefix = ["netns", "exec", &namespace.name, &inner].map(str::to_owned);
            arguments.splice(0..0, prefix);
            program = "ip".into();
        }
        let mut environment: Vec<(String, String)> = ["RUST_LOG", "NEURO_NODE_LOG"]
            .map(|name| (name.to_owned(), self.log_filter.clone()))
            .to_vec();
        environment.extend(clock.map(OwnClock::environment).unwrap_or_default());
        environment.extend(spec.env.iter().cloned());
        Launch {
            program,
            arguments,
            environment,
        }
    }

    fn storage_flags(
        &self,
        number: u16,
        spec: &MemberSpec,
        site: &Site,
        arguments: &mut Arguments,
    ) {
        let Site { host, ports, .. } = site;
        arguments.pair("capacity", &spec.capacity);
        arguments.pair("listen", format!("/ip4/{host}/tcp/{}", ports.swarm));
        arguments.pair("listen", format!("/ip4/{host}/udp/{}/quic-v1", ports.swarm));
        for bootnode in &self.bootnodes {
            arguments.pair("bootnode", bootnode);
        }
        arguments.pair("country", COUNTRIES[usize::from(number) % COUNTRIES.len()]);
        arguments.pair("status-listen", format!("{host}:{}", ports.status));
        arguments.pair("proving-key-dir", self.keys.display());
    }

    /// Daemons spread over the validators' endpoints.
    fn chain_url(&self, number: u16) -> Result<String, NetworkError> {
        let count = self.validators.len().max(1);
        let site = self
            .validators
            .get(usize::from(number) % count)
            .ok_or(NetworkError::NoMember(0))?;
        Ok(format!("ws://{}:{}", site.host, site.ports.rpc))
    }

    fn chain_flags(
        &self,
        number: u16,
        home: &Path,
        site: &Site,
        arguments: &mut Arguments,
    ) -> Result<(), NetworkError> {
        let Site { host, ports, .. } = site;
        let authority = Authority::new(number);
        let key_file = home.join("node-key");
        write_secret(&key_file, &hex::encode(authority.network_secret()))
            .map_err(NetworkError::file("write", &key_file))?;
        arguments.pair("chain", &self.chain);
        arguments.list.extend(authority.flags(home)?);
        arguments.pair("base-path", home.join("chain").display());
        arguments.pair("node-key-file", key_file.display());
        arguments.pair("listen-addr", format!("/ip4/{host}/tcp/{}", ports.chain));
        if host.is_loopback() {
            arguments.pair("rpc-port", ports.rpc);
            arguments.pair("rpc-max-connections", RPC_CONNECTIONS);
        } else {
            // Its own storage service asks on 127.0.0.1, the others ask on the bridge.
            for listen in [Ipv4Addr::LOCALHOST, *host] {
                let port = ports.rpc;
                let endpoint =
                    format!("listen-addr={listen}:{port},max-connections={RPC_CONNECTIONS}");
                arguments.pair("experimental-rpc-endpoint", endpoint);
            }
        }
        arguments.pair("prometheus-port", ports.metrics);
        for flag in ["--no-telemetry", "--no-mdns"] {
            arguments.bare(flag);
        }
        for (other, site) in (0..).zip(&self.validators) {
            if other != number {
                let peer = Authority::new(other).peer_id()?;
                let Site { host, ports, .. } = site;
                let address = format!("/ip4/{host}/tcp/{}/p2p/{peer}", ports.chain);
                arguments.pair("bootnodes", address);
            }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options::NetworkOptions, ports};
    use std::os::unix::fs::PermissionsExt;

    fn members(options: &NetworkOptions, folder: &Path) -> Vec<Member> {
        let sites: Vec<Site> = ports::choose(options.members(), None)
            .unwrap()
            .into_iter()
            .map(|ports| Site {
                host: Ipv4Addr::LOCALHOST,
                ports,
                namespace: None,
            })
            .collect();
        let print = Blueprint {
            programs: Programs {
                validator: "neurostore-node".into(),
                daemon: "neuro-node".into(),
                neuro: "neuro".into(),
            },
            folder: folder.to_path_buf(),
            keys: folder.join("keys"),
            chain: options.preset().into(),
            log_filter: options.log_filter.clone(),
            only_blocks: options.only_blocks,
            validators: sites[..usize::from(options.validators)].to_vec(),
            bootnodes: vec!["/ip4/127.0.0.1/tcp/1/p2p/x".to_owned()],
        };
        let mut leftovers = Leftovers::new(folder);
        (0..)
            .zip(options.specs())
            .zip(sites)
            .map(|((number, spec), site)| {
                print.member(number, &spec, site, &mut leftovers).unwrap()
            })
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

    #[test]
    fn flags_and_variables_of_a_member_come_behind_the_common_ones() {
        let folder = tempfile::tempdir().unwrap();
        let spec = MemberSpec {
            flags: vec!["--free-reserve".into(), "1MiB".into()],
            env: vec![("NEURO_NODE_LOG".into(), "debug".into())],
            ..MemberSpec::daemon("1GiB")
        };
        let print = Blueprint {
            programs: Programs {
                validator: "neurostore-node".into(),
                daemon: "neuro-node".into(),
                neuro: "neuro".into(),
            },
            folder: folder.path().to_path_buf(),
            keys: folder.path().join("keys"),
            chain: "dev".into(),
            log_filter: "info".into(),
            only_blocks: false,
            validators: Vec::new(),
            bootnodes: Vec::new(),
        };
        let site = Site {
            host: Ipv4Addr::LOCALHOST,
            ports: ports::choose(1, None).unwrap()[0],
            namespace: None,
        };
        let launch = print.launch(&spec, &site, None, spec.flags.clone());
        assert!(launch.arguments.ends_with(&spec.flags));
        assert_eq!(launch.environment.last(), spec.env.last());
    }
}
