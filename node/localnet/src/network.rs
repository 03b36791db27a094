//! A whole network of processes on one machine.

mod control;
mod faults;
mod growth;
mod ready;
mod status;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use neurostore_chain::{Chain, ChainError};
use neurostore_primitives::{CircuitId, NodeId, SAMPLES_DEVELOPMENT, SAMPLES_PRODUCTION};
use neurostore_prover::Prover;
use tempfile::TempDir;

use crate::{
    bridge::Bridge,
    chain_file,
    error::NetworkError,
    fault::FaultLog,
    group::ProcessGroup,
    leftovers::Leftovers,
    member::{Blueprint, Member, Site},
    options::NetworkOptions,
    ports::{self, Ports},
    process::Signal,
    programs::Programs,
    spec::{MemberKind, MemberSpec, Reach},
};
pub use faults::Injected;
pub use status::MemberStatus;

/// Time that the processes get to end by themselves before they are killed.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two looks at whether all processes run.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Where everything lies that the network writes.
#[derive(Debug)]
enum Folder {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

/// A running network.
///
/// [`Network::shut_down`] ends every process in order, tells whether it worked, and removes a
/// temporary folder. Dropping the network ends every process too, but its folder stays: whoever
/// drops it did not come to the end, as a test that fails, and wants to read the logs.
#[derive(Debug)]
pub struct Network {
    members: Vec<Member>,
    blueprint: Blueprint,
    chain: Option<Chain>,
    /// Members that there ever were.
    counted: u16,
    faults: FaultLog,
    has_ended_well: bool,
    keep: bool,
    // The fields below end what the fields above use: the order is the order of dropping.
    group: ProcessGroup,
    bridge: Option<Bridge>,
    leftovers: Leftovers,
    folder: Folder,
}

impl Network {
    /// Starts a network and waits until it is whole: blocks are made and final, every member is
    /// registered on the chain, every storage service has found others. `tell` hears what is
    /// being waited for.
    pub async fn start(
        options: NetworkOptions,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, NetworkError> {
        options.check()?;
        let programs = match &options.programs {
            Some(programs) => programs.clone(),
            None => Programs::find()?,
        };
        let folder = make_folder(options.folder.as_deref())?;
        let home = folder.path().to_path_buf();
        let logs = home.join("logs");
        fs::create_dir_all(&logs).map_err(NetworkError::file("create", &logs))?;
        let keys = options.keys();
        fs::create_dir_all(&keys).map_err(NetworkError::file("create", &keys))?;
        tell("the development proving key");
        make_proving_key(keys.clone(), options.production_circuit).await?;

        let blueprint = Blueprint {
            chain: chain_file::chain(&options, &programs, &home)?,
            programs,
            keys,
            log_filter: options.log_filter.clone(),
            only_blocks: options.only_blocks,
            validators: Vec::new(),
            bootnodes: Vec::new(),
            folder: home,
        };
        let group = ProcessGroup::start().map_err(|error| NetworkError::Start {
            name: "the process group".into(),
            error,
        })?;
        let mut leftovers = Leftovers::new(folder.path());
        let bridge = options
            .bridge
            .then(|| Bridge::start(&mut leftovers))
            .transpose()?;
        let mut network = Self {
            members: Vec::new(),
            blueprint,
            chain: None,
            counted: 0,
            faults: FaultLog::new(folder.path()),
            has_ended_well: false,
            keep: options.keep,
            group,
            bridge,
            leftovers,
            folder,
        };
        let ports = ports::choose(options.members(), options.first_port)?;
        network.raise(&options, ports, tell).await?;
        Ok(network)
    }

    /// Starts the members and waits until they work together.
    async fn raise(
        &mut self,
        options: &NetworkOptions,
        ports: Vec<Ports>,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), NetworkError> {
        let mut members = Vec::new();
        for (spec, ports) in options.specs().into_iter().zip(ports) {
            let site = self.site(&spec, ports)?;
            if spec.program == MemberKind::Validator {
                self.blueprint.validators.push(site.clone());
            }
            members.push((spec, site));
        }
        let mut members = members.into_iter();
        // The first validator alone: the others begin with the address of its storage service,
        // whose key it has yet to make.
        tell("the first validator");
        if let Some((spec, site)) = members.next() {
            self.raise_one(&spec, site)?;
        }
        self.connect().await?;
        if !options.only_blocks {
            self.blueprint.bootnodes = self.first_addresses().await?;
        }
        tell("the other members");
        for (spec, site) in members {
            self.raise_one(&spec, site)?;
        }
        self.make_final(tell).await?;
        if options.only_blocks {
            return Ok(());
        }
        self.make_ready(tell).await
    }

    /// Finds a place for a member.
    fn site(&mut self, spec: &MemberSpec, ports: Ports) -> Result<Site, NetworkError> {
        let namespace = match (spec.place.reach, &mut self.bridge) {
            (Reach::Machine, _) => None,
            (Reach::Namespace, Some(bridge)) => Some(bridge.namespace(&mut self.leftovers)?),
            (Reach::Namespace, None) => {
                let sentence = "members in namespaces of their own need a bridge";
                return Err(NetworkError::Size(sentence));
            }
        };
        let machine = self
            .bridge
            .as_ref()
            .map_or(Ipv4Addr::LOCALHOST, Bridge::machine);
        Ok(Site {
            host: namespace.as_ref().map_or(machine, |own| own.address),
            ports,
            namespace,
        })
    }

    /// Makes the next member and starts it; its number.
    fn raise_one(&mut self, spec: &MemberSpec, site: Site) -> Result<usize, NetworkError> {
        let number = self.counted;
        self.counted = number
            .checked_add(1)
            .ok_or(NetworkError::Size("members are counted up to 65,535"))?;
        let mut member = self
            .blueprint
            .member(number, spec, site, &mut self.leftovers)?;
        let started = member.process.start(&self.group);
        self.members.push(member);
        started.map(|()| usize::from(number))
    }

    /// All members, in the order in which they came: validators first.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with this number.
    pub fn member(&self, number: usize) -> Result<&Member, NetworkError> {
        self.members
            .iter()
            .find(|member| member.number == number)
            .ok_or(NetworkError::NoMember(number))
    }

    fn member_mut(&mut self, number: usize) -> Result<&mut Member, NetworkError> {
        find_mut(&mut self.members, number)
    }

    /// The member that the chain knows as `node`.
    pub fn number_of(&self, node: NodeId) -> Option<usize> {
        self.members
            .iter()
            .find(|member| member.node == Some(node))
            .map(Member::number)
    }

    /// Numbers of the storage daemons.
    pub fn daemons(&self) -> impl Iterator<Item = usize> + '_ {
        self.members
            .iter()
            .filter(|member| member.kind == MemberKind::Daemon)
            .map(Member::number)
    }

    /// The programs it is made of.
    pub fn programs(&self) -> &Programs {
        &self.blueprint.programs
    }

    /// The folder of the proving keys that its members share.
    pub fn proving_keys(&self) -> &Path {
        &self.blueprint.keys
    }

    /// The folder of everything it writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the logs.
    pub fn logs(&self) -> PathBuf {
        self.folder().join("logs")
    }

    /// A connection to the chain, through the first validator.
    pub fn chain(&self) -> Result<&Chain, NetworkError> {
        self.chain.as_ref().ok_or_else(|| {
            NetworkError::Chain(ChainError::Unreachable {
                url: self.chain_url(),
                reason: "the network is still starting".into(),
            })
        })
    }

    /// The endpoint of the chain: the RPC of the first validator.
    pub fn chain_url(&self) -> String {
        self.members
            .first()
            .map(Member::rpc_url)
            .unwrap_or_default()
    }

    /// Ends every process, in order: asks first, kills what does not listen. Returns how many
    /// had to be killed. A temporary folder is removed.
    pub async fn shut_down(mut self) -> Result<usize, NetworkError> {
        for member in &mut self.members {
            member.process.ask_to_end()?;
        }
        let deadline = Instant::now() + END_PATIENCE;
        let mut killed = 0;
        for member in &mut self.members {
            let left = deadline.saturating_duration_since(Instant::now());
            if !member.process.ended_within(left).await? {
                killed += 1;
                member.process.signal(Signal::KILL)?;
                member.process.ended_within(END_PATIENCE).await?;
            }
        }
        self.has_ended_well = true;
        Ok(killed)
    }

    /// Waits until a process ends that should run, and says how. Each end is told once.
    pub async fn next_end(&mut self) -> NetworkError {
        loop {
            for member in &mut self.members {
                if let Err(ended) = member.process.check() {
                    return ended;
                }
            }
            tokio::time::sleep(WATCH_EVERY).await;
        }
    }

    /// Keeps the folder where it would be removed at the end, and says where it is.
    pub fn keep_folder(&mut self) -> &Path {
        let kept = Folder::Kept(self.folder.path().to_path_buf());
        if let Folder::Temporary(folder) = std::mem::replace(&mut self.folder, kept) {
            // Forgets the promise to remove it.
            let _ = folder.keep();
        }
        self.folder.path()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for member in &mut self.members {
            // Whatever cannot be told to end is killed with the group below.
            let _ = member.process.ask_to_end();
        }
        let deadline = Instant::now() + END_PATIENCE / 2;
        for member in &mut self.members {
            if !member.process.ended_before(deadline) {
                let _ = member.process.signal(Signal::KILL);
                member.process.ended_before(Instant::now() + END_PATIENCE);
            }
        }
        let is_temporary = matches!(self.folder, Folder::Temporary(_));
        if is_temporary && (self.keep || !self.has_ended_well) {
            // Standard error and not the log: a test that fails has no other reader.
            eprintln!(
                "the network's folder is kept, with logs, keys and shards: {}",
                self.keep_folder().display()
            );
        }
    }
}

fn find_mut(members: &mut [Member], number: usize) -> Result<&mut Member, NetworkError> {
    members
        .iter_mut()
        .find(|member| member.number == number)
        .ok_or(NetworkError::NoMember(number))
}

fn make_folder(wanted: Option<&Path>) -> Result<Folder, NetworkError> {
    match wanted {
        Some(path) => {
            fs::create_dir_all(path).map_err(NetworkError::file("create", path))?;
            let path = path
                .canonicalize()
                .map_err(NetworkError::file("find", path))?;
            Ok(Folder::Kept(path))
        }
        None => tempfile::Builder::new()
            .prefix("neurostore-")
            .tempdir()
            .map(Folder::Temporary)
            .map_err(NetworkError::file(
                "create a folder in",
                std::env::temp_dir(),
            )),
    }
}

/// Makes the keys of the circuits that the members prove with, so that none of them derives one
/// while the chain waits for its proof.
async fn make_proving_key(folder: PathBuf, production_circuit: bool) -> Result<(), NetworkError> {
    let circuit = CircuitId(if production_circuit {
        SAMPLES_PRODUCTION
    } else {
        SAMPLES_DEVELOPMENT
    });
    let load = move || Prover::load(circuit, &folder).map(drop);
    match tokio::task::spawn_blocking(load).await {
        Ok(loaded) => loaded.map_err(|error| NetworkError::ProvingKey(error.to_string())),
        Err(died) => Err(NetworkError::ProvingKey(died.to_string())),
    }
}
