//! A whole network of processes on one machine.

mod control;
mod ready;
mod status;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use neurostore_chain::{Chain, ChainError};
use neurostore_primitives::{CircuitId, NodeId, SAMPLES_DEVELOPMENT};
use neurostore_prover::Prover;
use tempfile::TempDir;

use crate::{
    error::NetworkError,
    group::ProcessGroup,
    member::{Blueprint, Member, MemberKind},
    options::NetworkOptions,
    ports,
    process::Signal,
    programs::Programs,
};
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

/// A running network. Dropping it ends every process; [`Network::shut_down`] does so in order and
/// tells whether it worked.
#[derive(Debug)]
pub struct Network {
    members: Vec<Member>,
    programs: Programs,
    chain: Option<Chain>,
    // The fields below end what the fields above use: the order is the order of dropping.
    group: ProcessGroup,
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
        let keys = options
            .key_folder
            .clone()
            .unwrap_or_else(|| home.join("proving-keys"));
        fs::create_dir_all(&keys).map_err(NetworkError::file("create", &keys))?;
        tell("the development proving key");
        make_proving_key(keys.clone()).await?;

        let chain_file = match options.windows {
            Some(windows) => Some(write_chain_file(&options, &programs, windows, &home)?),
            None => None,
        };
        let ports = ports::choose(options.members(), options.first_port)?;
        let group = ProcessGroup::start().map_err(|error| NetworkError::Start {
            name: "the process group".into(),
            error,
        })?;
        let mut network = Self {
            members: Vec::new(),
            programs: programs.clone(),
            chain: None,
            group,
            folder,
        };
        let blueprint = Blueprint {
            options: &options,
            programs: &programs,
            folder: &home,
            keys: &keys,
            ports: &ports,
            chain_file: chain_file.as_deref(),
        };

        match network.raise(&blueprint, tell).await {
            Ok(()) => Ok(network),
            Err(error) => {
                // Whoever reads the error wants to read the logs.
                network.keep_folder();
                Err(error)
            }
        }
    }

    /// Starts the members and waits until they work together.
    async fn raise(
        &mut self,
        blueprint: &Blueprint<'_>,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), NetworkError> {
        // The first validator alone: the others begin with the address of its storage service,
        // whose key it has yet to make.
        tell("the first validator");
        self.add(blueprint.member(0, &[])?)?;
        self.connect().await?;
        let bootnodes = if blueprint.options.only_blocks {
            Vec::new()
        } else {
            self.first_addresses().await?
        };
        tell("the other members");
        for number in 1..blueprint.options.members() {
            self.add(blueprint.member(number, &bootnodes)?)?;
        }
        self.make_final(tell).await?;
        if blueprint.options.only_blocks {
            return Ok(());
        }
        self.make_ready(tell).await
    }

    fn add(&mut self, mut member: Member) -> Result<(), NetworkError> {
        member.process.start(&self.group)?;
        self.members.push(member);
        Ok(())
    }

    /// All members: validators first.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with this number.
    pub fn member(&self, number: usize) -> Result<&Member, NetworkError> {
        self.members
            .get(number)
            .ok_or(NetworkError::NoMember(number))
    }

    /// The member that the chain knows as `node`.
    pub fn number_of(&self, node: NodeId) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.node == Some(node))
    }

    /// Numbers of the storage daemons.
    pub fn daemons(&self) -> impl Iterator<Item = usize> + '_ {
        self.members
            .iter()
            .enumerate()
            .filter(|(_, member)| member.kind == MemberKind::Daemon)
            .map(|(number, _)| number)
    }

    /// The programs it is made of.
    pub fn programs(&self) -> &Programs {
        &self.programs
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
    /// had to be killed.
    pub async fn shut_down(mut self) -> Result<usize, NetworkError> {
        for member in &mut self.members {
            // Who is paused hears nothing.
            member.process.signal(Signal::CONT)?;
            member.process.signal(Signal::TERM)?;
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
            let _ = member.process.signal(Signal::CONT);
            let _ = member.process.signal(Signal::TERM);
        }
        let deadline = Instant::now() + END_PATIENCE / 2;
        for member in &mut self.members {
            if !member.process.ended_before(deadline) {
                let _ = member.process.signal(Signal::KILL);
                member.process.ended_before(Instant::now() + END_PATIENCE);
            }
        }
    }
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

/// Writes a specification of the chain with other windows than its preset has.
fn write_chain_file(
    options: &NetworkOptions,
    programs: &Programs,
    (window, answer): (u32, u32),
    folder: &Path,
) -> Result<PathBuf, NetworkError> {
    let path = folder.join("chain.json");
    let failed = |reason: String| NetworkError::ChainFile(reason);
    let output = std::process::Command::new(&programs.validator)
        .args(["export-chain-spec", "--chain", options.chain()])
        .output()
        .map_err(|error| NetworkError::Start {
            name: "export-chain-spec".into(),
            error,
        })?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let mut chain: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    let spacetime = chain
        .pointer_mut("/genesis/runtimeGenesis/patch/spacetime")
        .ok_or_else(|| failed("it has no spacetime".into()))?;
    for (name, blocks) in [("windowBlocks", window), ("answerBlocks", answer)] {
        if let Some(object) = spacetime.as_object_mut() {
            object.insert(name.into(), blocks.into());
        }
    }
    fs::write(&path, chain.to_string()).map_err(NetworkError::file("write", &path))?;
    Ok(path)
}

/// Makes the key that all members share, so that sixteen processes do not derive it at once.
async fn make_proving_key(folder: PathBuf) -> Result<(), NetworkError> {
    let load = move || Prover::load(CircuitId(SAMPLES_DEVELOPMENT), &folder).map(drop);
    match tokio::task::spawn_blocking(load).await {
        Ok(loaded) => loaded.map_err(|error| NetworkError::ProvingKey(error.to_string())),
        Err(died) => Err(NetworkError::ProvingKey(died.to_string())),
    }
}
