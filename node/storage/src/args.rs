//! The flags of a storage service, written once for every program that runs one.
#![allow(clippy::doc_markdown)] // Help texts are read in a terminal.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use neurostore_primitives::{CountryCode, NodeClass};
use neurostore_swarm::Multiaddr;

use crate::{capacity::Capacity, options::StorageOptions};

/// Where the status page is served unless told otherwise.
pub const DEFAULT_STATUS_LISTEN: &str = "127.0.0.1:9616";

/// The flags of a storage service, but for the folder it lives in and the chain it talks to.
#[derive(Args, Clone, Debug)]
pub struct StorageArgs {
    /// Disk space to offer, such as 500GiB or 2TB. The bond grows with it.
    #[arg(
        long,
        env = "NEURO_NODE_CAPACITY",
        value_name = "SIZE",
        default_value = "100GiB"
    )]
    pub capacity: Capacity,

    /// Disk space that always stays free [default: 5 % of the disk, at most 2GiB]
    #[arg(long, env = "NEURO_NODE_FREE_RESERVE", value_name = "SIZE")]
    pub free_reserve: Option<Capacity>,

    /// File whose first line is the operator's secret: 64 hexadecimal digits or a mnemonic. Needed
    /// to register the node and to change its capacity.
    #[arg(long, env = "NEURO_NODE_OPERATOR_KEY_FILE", value_name = "FILE")]
    pub operator_key_file: Option<PathBuf>,

    /// How the node takes part: an anchor is always on, a light node may sleep.
    #[arg(
        long,
        env = "NEURO_NODE_CLASS",
        value_enum,
        default_value_t = Class::Light
    )]
    pub class: Class,

    /// Country the node stands in: two letters of ISO 3166-1; ZZ says nothing.
    #[arg(
        long,
        env = "NEURO_NODE_COUNTRY",
        value_name = "CC",
        default_value = "ZZ",
        value_parser = country
    )]
    pub country: CountryCode,

    /// Address for clients and other nodes; may be given again.
    #[arg(
        long,
        env = "NEURO_NODE_LISTEN",
        value_name = "MULTIADDR",
        value_delimiter = ',',
        default_values = ["/ip4/0.0.0.0/tcp/9010", "/ip4/0.0.0.0/udp/9010/quic-v1"]
    )]
    pub listen: Vec<Multiaddr>,

    /// A node to begin with, ending in /p2p/PEER_ID; may be given again. Others are learnt from
    /// the chain node.
    #[arg(
        long,
        env = "NEURO_NODE_BOOTNODE",
        value_name = "MULTIADDR",
        value_delimiter = ','
    )]
    pub bootnode: Vec<Multiaddr>,

    /// Folder of the proving keys, which nodes on one machine may share [default: in the node's]
    #[arg(long, env = "NEURO_NODE_PROVING_KEY_DIR", value_name = "DIR")]
    pub proving_key_dir: Option<PathBuf>,

    /// Where the status page, its JSON (/status) and its metrics (/metrics) are served. They name
    /// no secrets, but think before you open them to the network.
    #[arg(
        long,
        env = "NEURO_NODE_STATUS_LISTEN",
        value_name = "ADDR",
        default_value = DEFAULT_STATUS_LISTEN
    )]
    pub status_listen: SocketAddr,
}

impl StorageArgs {
    /// What the service is started with in the folder `path`, on the chain whose RPC is at
    /// `chain_url`.
    pub fn into_options(self, path: PathBuf, chain_url: String) -> StorageOptions {
        let mut options = StorageOptions::new(path, self.capacity, chain_url);
        options.free_reserve = self.free_reserve;
        options.operator_key_file = self.operator_key_file;
        options.class = self.class.into();
        options.country = self.country;
        options.listen = self.listen;
        options.bootnodes = self.bootnode;
        options.proving_key_dir = self.proving_key_dir;
        options.status_listen = Some(self.status_listen);
        options
    }
}

/// A [`NodeClass`] as it is written on a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Class {
    /// Always on.
    Anchor,
    /// A laptop: may sleep, holds at most a third of a segment's slots.
    Light,
}

impl From<Class> for NodeClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Anchor => Self::Anchor,
            Class::Light => Self::Light,
        }
    }
}

fn country(text: &str) -> Result<CountryCode, String> {
    let upper = text.to_ascii_uppercase();
    let code = <[u8; 2]>::try_from(upper.as_bytes()).map(CountryCode);
    code.ok()
        .filter(CountryCode::is_well_formed)
        .ok_or_else(|| "expected two letters of ISO 3166-1, such as DE".into())
}
