//! Namespaces of their own for members, and the bridge that joins them.
//!
//! A member in a namespace has one link to the others. Taking the bridge's end of it down is what
//! a pulled cable is: TCP and QUIC alike go unanswered in both directions, and no end is told.

use std::{net::Ipv4Addr, process::Command};

use rand::Rng;

use crate::{
    error::NetworkError,
    leftovers::Leftovers,
    system::{must_be_root, run},
};

const PACKAGE: &str = "iproute2";
/// Random subnets that are tried before giving up.
const ATTEMPTS: u32 = 20;
/// The second byte of a subnet is this or more: lower ones are common in real networks.
const FIRST_SUBNET: u8 = 128;
/// The machine's own address on the bridge.
const MACHINE: u8 = 1;

/// A bridge on the machine.
#[derive(Debug)]
pub(crate) struct Bridge {
    /// What the names of everything begin with: four hexadecimal digits that no other network has.
    tag: String,
    subnet: [u8; 2],
    last: u8,
}

/// A member's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    /// The bridge's end of its link.
    port: String,
}

impl Bridge {
    /// Makes a bridge with a subnet that the machine does not use.
    pub(crate) fn start(leftovers: &mut Leftovers) -> Result<Self, NetworkError> {
        must_be_root("a network whose members can be cut from it")?;
        let bridge = Self::choose()?;
        let name = bridge.name();
        let cidr = format!("{}/24", bridge.machine());
        ip(&["link", "add", &name, "type", "bridge"])?;
        leftovers.note(&["ip", "link", "del", &name])?;
        ip(&["address", "add", &cidr, "dev", &name])?;
        ip(&["link", "set", &name, "up"])?;
        Ok(bridge)
    }

    fn choose() -> Result<Self, NetworkError> {
        let failed = |reason: String| NetworkError::Tool {
            line: "ip -o -4 address show".into(),
            reason,
            package: PACKAGE,
        };
        let output = Command::new("ip")
            .args(["-o", "-4", "address", "show"])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let used = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut random = rand::thread_rng();
        let mut draw = || Self {
            tag: format!("ns{:04x}", random.gen::<u16>()),
            subnet: [random.gen_range(FIRST_SUBNET..=u8::MAX), random.gen()],
            last: MACHINE,
        };
        (0..ATTEMPTS)
            .map(|_| draw())
            .find(|bridge| {
                let [second, third] = bridge.subnet;
                !used.contains(&format!("10.{second}.{third}.")) && !used.contains(&bridge.tag)
            })
            .ok_or_else(|| failed("no free subnet was found".into()))
    }

    fn name(&self) -> String {
        format!("{}br", self.tag)
    }

    fn address(&self, last: u8) -> Ipv4Addr {
        let [second, third] = self.subnet;
        Ipv4Addr::new(10, second, third, last)
    }

    /// Where members in namespaces reach those that stand on the machine.
    pub(crate) fn machine(&self) -> Ipv4Addr {
        self.address(MACHINE)
    }

    /// Makes a namespace that is wired to the bridge.
    pub(crate) fn namespace(
        &mut self,
        leftovers: &mut Leftovers,
    ) -> Result<Namespace, NetworkError> {
        self.last = self
            .last
            .checked_add(1)
            .filter(|last| *last < u8::MAX)
            .ok_or(NetworkError::Size("a bridge has room for 253 namespaces"))?;
        let number = self.last;
        let name = format!("{}n{number}", self.tag);
        let port = format!("{}p{number}", self.tag);
        let inside = "eth0";
        let address = self.address(number);
        let cidr = format!("{address}/24");

        ip(&["netns", "add", &name])?;
        leftovers.note(&["ip", "netns", "del", &name])?;
        ip(&[
            "link", "add", &port, "type", "veth", "peer", "name", inside, "netns", &name,
        ])?;
        // A namespace lives on while a process is in it, its link does not.
        leftovers.note(&["ip", "link", "del", &port])?;
        ip(&["link", "set", &port, "master", &self.name(), "up"])?;
        for words in [
            ["address", "add", &cidr, "dev", inside].as_slice(),
            &["link", "set", inside, "up"],
            &["link", "set", "lo", "up"],
        ] {
            ip(&[&["-n", &name], words].concat())?;
        }
        Ok(Namespace {
            name,
            address,
            port,
        })
    }
}

impl Namespace {
    /// Pulls its cable.
    pub(crate) fn cut(&self) -> Result<(), NetworkError> {
        ip(&["link", "set", &self.port, "down"])
    }

    /// Puts it back.
    pub(crate) fn heal(&self) -> Result<(), NetworkError> {
        ip(&["link", "set", &self.port, "up"])
    }

    /// Removes it.
    pub(crate) fn remove(&self) -> Result<(), NetworkError> {
        ip(&["link", "del", &self.port])?;
        ip(&["netns", "del", &self.name])
    }
}

fn ip(words: &[&str]) -> Result<(), NetworkError> {
    run(PACKAGE, "ip", words)
}
