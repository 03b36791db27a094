//! One member of a network: a validator that stores, or a storage daemon.

mod blueprint;

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use neurostore_chain::{AccountId, Signer};
use neurostore_primitives::{NodeClass, NodeId};

use crate::{
    bridge::Namespace, clock::OwnClock, disk::OwnDisk, ports::Ports, process::Process,
    spec::MemberKind,
};
pub(crate) use blueprint::{Blueprint, Site};

/// A member of a network.
#[derive(Debug)]
pub struct Member {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) kind: MemberKind,
    pub(crate) class: NodeClass,
    pub(crate) host: Ipv4Addr,
    pub(crate) ports: Ports,
    pub(crate) operator: Signer,
    pub(crate) storage: PathBuf,
    pub(crate) node: Option<NodeId>,
    pub(crate) namespace: Option<Namespace>,
    pub(crate) disk: Option<OwnDisk>,
    pub(crate) clock: Option<OwnClock>,
    pub(crate) process: Process,
}

impl Member {
    /// Its number in the network: that of no other, of those that were removed neither.
    pub fn number(&self) -> usize {
        self.number
    }

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

    /// The address that it listens on.
    pub fn host(&self) -> Ipv4Addr {
        self.host
    }

    /// Its ports there.
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
        format!("ws://{}:{}", self.host, self.ports.rpc)
    }

    /// The address of its status page.
    pub fn status_url(&self) -> String {
        format!("http://{}:{}/", self.host, self.ports.status)
    }
}

/// The secret of the operator of member `number`.
pub(crate) fn operator_secret(number: impl std::fmt::Display) -> String {
    format!("//Operator//{number}")
}
