//! What a member of a network is and where it stands.

use neurostore_primitives::NodeClass;

/// What a member runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// `neurostore-node`: makes blocks and stores.
    Validator,
    /// `neuro-node`: stores.
    Daemon,
}

/// A member to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSpec {
    /// What it runs.
    pub program: MemberKind,
    /// Always on or not.
    pub class: NodeClass,
    /// What it offers, as in `4GiB`.
    pub capacity: String,
    /// Further words of its command line, behind those that every member has.
    pub flags: Vec<String>,
    /// Variables of its environment, beside those that every member has.
    pub env: Vec<(String, String)>,
    /// Where it stands.
    pub place: Place,
}

impl MemberSpec {
    /// A daemon that is always on, stands on the machine and offers so much.
    pub fn daemon(capacity: &str) -> Self {
        Self {
            program: MemberKind::Daemon,
            class: NodeClass::Anchor,
            capacity: capacity.into(),
            flags: Vec::new(),
            env: Vec::new(),
            place: Place::default(),
        }
    }
}

/// Where a member stands: what is its own and can be taken from it without harm to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its network.
    pub reach: Reach,
    /// Its disk.
    pub disk: Disk,
    /// Its clock.
    pub clock: Clock,
}

impl Place {
    /// Network, disk and clock of its own: every fault can be done to it. Needs root, and the
    /// packages `iproute2`, `btrfs-progs` and `libfaketime`.
    pub const fn apart() -> Self {
        Self {
            reach: Reach::Namespace,
            disk: Disk::Checked {
                mebibytes: APART_MEBIBYTES,
            },
            clock: Clock::Own,
        }
    }
}

/// A disk with room for the capacity of the other members and for what btrfs keeps for itself. It
/// takes no room on the machine's disk until it is written.
const APART_MEBIBYTES: u32 = 5 << 10;

/// The network that a member is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// That of the machine.
    #[default]
    Machine,
    /// A namespace of its own, wired to the bridge of the network: it can be cut. Needs
    /// [`crate::NetworkOptions::bridge`], root and `iproute2`.
    Namespace,
}

/// The disk that a member's folder is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disk {
    /// That of the network's folder.
    #[default]
    Machine,
    /// So much memory, as a disk of its own: it can be filled. Needs root.
    Memory {
        /// Its size.
        mebibytes: u32,
    },
    /// A btrfs of its own in a file: it can be filled, and files on it can be made unreadable.
    /// Needs root and `btrfs-progs`.
    Checked {
        /// Its size: 128 or more.
        mebibytes: u32,
    },
}

/// The clock that a member reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// That of the machine.
    #[default]
    Machine,
    /// One of its own, by `libfaketime`: it can be moved. What counts seconds only is not moved.
    Own,
}
