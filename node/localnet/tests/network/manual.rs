//! The commands of the manual, read from its pages and run as they stand.
//!
//! What is changed is in [`Machine::here`], [`Machine::environment`] and [`Machine::flags`], and
//! nothing else: where the chain is, where things and proving keys lie, and which ports are used,
//! because other networks run on this machine.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use neurostore_chain::Chain;
use neurostore_localnet::{Network, Ports};
use tokio::net::TcpStream;

use crate::stage::Stage;

/// Looks at a program that starts, on a machine that is busy.
const LOOKS: u32 = 480;
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(crate) async fn the_commands_of_the_manual_run_as_they_stand(stage: Stage) -> Option<Stage> {
    let network = stage.story.network();
    // At the same time: on two machines, as it were.
    let user = Machine::new(network, "manual-users");
    let user = tokio::task::spawn_blocking(move || users_store_and_fetch(user));
    operators_run_a_daemon_and_a_validator(network).await;
    user.await.unwrap();
    Some(stage)
}

fn users_store_and_fetch(mut machine: Machine) {
    let film = machine.folder.join("film.mkv");
    fs::write(&film, vec![7; 100_000]).unwrap();
    let commands = commands("docs/users.md");
    assert!(commands.iter().any(|line| line.starts_with("neuro get")));
    for command in &commands {
        machine.run(command);
    }
    let copy = fs::read(machine.folder.join("copy.mkv")).unwrap();
    assert_eq!(copy, fs::read(&film).unwrap());
}

async fn operators_run_a_daemon_and_a_validator(network: &Network) {
    let mut machine = Machine::new(network, "manual-operators");
    let mut validators = 0;
    for command in commands("docs/operators.md") {
        match Service::of(&command) {
            None => {
                machine.run(&command);
            }
            Some(Service::Daemon) => {
                machine.start(&command);
                let port = machine.ports.status;
                machine.until(port, "\"stage\":\"serving\"").await;
            }
            Some(Service::Validator) => {
                machine.start(&command);
                validators += 1;
                makes_blocks(&machine).await;
                // Its storage service speaks too.
                machine.until(machine.own_ports.status, "\"stage\":").await;
            }
        }
    }
    assert_eq!(validators, 1, "the manual starts a validator");
    assert_eq!(machine.services.len(), 2, "and a daemon");
    for service in &mut machine.services {
        assert!(service.try_wait().unwrap().is_none(), "one has ended");
    }
}

async fn makes_blocks(machine: &Machine) {
    let url = format!("ws://127.0.0.1:{}", machine.own_ports.rpc);
    for _ in 0..LOOKS {
        if let Ok(chain) = Chain::connect(&url).await {
            if chain.best_block().await.is_ok_and(|(number, _)| number > 0) {
                return;
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("the validator made no block; {}", machine.said());
}

/// What a command is that does not end by itself.
enum Service {
    Daemon,
    Validator,
}

impl Service {
    fn of(command: &str) -> Option<Self> {
        let mut words = command.split_whitespace();
        let (program, next) = (words.next()?, words.next().unwrap_or("-"));
        match (program, next.starts_with('-')) {
            ("neuro-node", true) => Some(Self::Daemon),
            ("neurostore-node", true) => Some(Self::Validator),
            _ => None,
        }
    }
}

/// A person's machine: a folder, an environment, and programs that go on running.
struct Machine {
    folder: PathBuf,
    chain: String,
    host: String,
    programs: PathBuf,
    exported: Vec<(String, String)>,
    /// The daemon's ports, on the network's address.
    ports: Ports,
    /// Proving keys that were made before: deriving them takes both cores for a while.
    keys: String,
    /// The validator's ports, on 127.0.0.1: its chain is another.
    own_ports: Ports,
    services: Vec<Child>,
}

impl Machine {
    fn new(network: &Network, name: &str) -> Self {
        let folder = network.folder().join(name);
        fs::create_dir_all(&folder).unwrap();
        let host = network.members()[0].host().to_string();
        let ports = Ports::free(2).unwrap();
        Self {
            folder,
            chain: network.chain_url(),
            host,
            programs: network.programs().neuro.parent().unwrap().to_path_buf(),
            exported: Vec::new(),
            keys: network.proving_keys().display().to_string(),
            ports: ports[0],
            own_ports: ports[1],
            services: Vec::new(),
        }
    }

    /// The text of a command with this machine's chain and folders.
    fn here(&self, command: &str) -> String {
        command
            .replace("ws://HOST:9944", &self.chain)
            .replace("ws://127.0.0.1:9944", &self.chain)
            .replace("/srv/", &format!("{}/srv/", self.folder.display()))
    }

    /// Ports of the daemon; and nothing of the caller's own settings.
    fn environment(&self) -> Vec<(String, String)> {
        let Ports {
            rpc, status, swarm, ..
        } = self.ports;
        let host = &self.host;
        let path = std::env::var("PATH").unwrap();
        [
            ("PATH", format!("{}:{path}", self.programs.display())),
            ("HOME", self.folder.display().to_string()),
            ("NEURO_NODE_LISTEN", format!("/ip4/{host}/tcp/{swarm}")),
            ("NEURO_NODE_STATUS_LISTEN", format!("127.0.0.1:{status}")),
            ("NEURO_NODE_RPC_LISTEN", format!("127.0.0.1:{rpc}")),
            ("NEURO_NODE_PROVING_KEY_DIR", self.keys.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Ports of the validator, whose flags have no variables.
    fn flags(&self) -> String {
        let Ports {
            rpc,
            status,
            swarm,
            chain,
            metrics,
        } = self.own_ports;
        format!(
            " --rpc-port {rpc} --port {chain} --prometheus-port {metrics} \
             --storage-listen /ip4/127.0.0.1/tcp/{swarm} \
             --storage-status-listen 127.0.0.1:{status} --storage-proving-key-dir {}",
            self.keys
        )
    }

    fn shell(&self) -> Command {
        let mut shell = Command::new("sh");
        shell
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment())
            .envs(self.exported.iter().cloned());
        shell
    }

    /// Runs a command to its end, which must be a good one.
    fn run(&mut self, command: &str) {
        let command = self.here(command);
        if let Some(variable) = command.strip_prefix("export ") {
            let (name, value) = variable.split_once('=').unwrap();
            self.exported.push((name.into(), value.into()));
            return;
        }
        eprintln!("$ {command}");
        let output = self
            .shell()
            .args(["-c", &command])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "`{command}` ended with {}: {}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Starts a command that goes on. It ends with this process: see `group.rs`.
    fn start(&mut self, command: &str) {
        let mut command = self.here(command);
        if matches!(Service::of(&command), Some(Service::Validator)) {
            command.push_str(&self.flags());
        }
        eprintln!("$ {command} &");
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let script = format!("(read -r _; kill -s KILL -- -$$) <&3 & exec {command}");
        let child = self
            .shell()
            .args(["-c", &format!("exec 3<&0; {script}")])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.services.push(child);
    }

    fn log(&self) -> PathBuf {
        self.folder.join("services.log")
    }

    fn said(&self) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let start = text.len().saturating_sub(4_000);
        text.get(start..).unwrap_or(&text).to_owned()
    }

    /// Waits until a status page says something.
    async fn until(&self, port: u16, words: &str) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for _ in 0..LOOKS {
            let ask = async {
                let mut page = TcpStream::connect(("127.0.0.1", port)).await?;
                let question = format!("GET /status HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
                page.write_all(question.as_bytes()).await?;
                let mut answer = String::new();
                page.read_to_string(&mut answer).await?;
                Ok::<_, std::io::Error>(answer)
            };
            if ask.await.is_ok_and(|answer| answer.contains(words)) {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        panic!("the status page never said {words}; {}", self.said());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        for service in &mut self.services {
            drop(service.stdin.take());
            let _ = service.wait();
        }
    }
}

/// The commands in the fenced blocks of a page, in their order: continued lines in one, remarks
/// left away.
fn commands(page: &str) -> Vec<String> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&root).join("../..").join(page);
    let text = fs::read_to_string(&path).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| {
        // The first line names the language, or nothing.
        let (_, body) = block.split_once('\n').unwrap();
        let body = body.replace("\\\n", " ");
        body.lines().map(without_remark).collect::<Vec<_>>()
    });
    lines.filter(|line| !line.is_empty()).collect()
}

fn without_remark(line: &str) -> String {
    let command = line.split(" #").next().unwrap_or_default().trim();
    command.split_whitespace().collect::<Vec<_>>().join(" ")
}
