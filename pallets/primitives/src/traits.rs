//! The traits through which the pallets meet: none of them names another.

use alloc::vec::Vec;

use crate::{
    draw::DrawError,
    ids::{NodeId, SegmentId, ShardRoot, SlotIndex, WindowIndex},
    node::NodeInfo,
    sampling::ClassCounts,
    shard::ShardClass,
};

/// Who the storage nodes are. Implemented by storage-nodes, used by all others.
pub trait NodeRegistry {
    /// Account id of the chain.
    type AccountId;
    /// Amounts of NEURO.
    type Balance;

    /// Everything known of a node.
    fn info(node: NodeId) -> Option<NodeInfo<Self::AccountId, Self::Balance>>;

    /// The node that signs with `account`.
    fn node_of(account: &Self::AccountId) -> Option<NodeId>;
}

/// The room of the storage nodes. Implemented by storage-nodes, used by placement.
pub trait NodeRoom {
    /// Draws `count` nodes for shards of `class` and takes the room on each. `taken` are the nodes
    /// that hold other slots of the same segment: neither they nor their operators are drawn.
    fn draw_and_allocate(
        randomness: &[u8; 32],
        class: ShardClass,
        taken: &[NodeId],
        count: usize,
    ) -> Result<Vec<NodeId>, DrawError>;

    /// Gives back room that was taken.
    fn release(node: NodeId, leaves: u64);
}

/// What is told of a node's answers. Implemented by storage-nodes.
pub trait NodeHealth {
    /// A proof of `node` was accepted.
    fn proven(node: NodeId);
    /// A window of `node` passed without one.
    fn missed(node: NodeId);
    /// A proof of `node` was taken on trust, checked later, and found invalid: costs bond. The
    /// window is told as missed besides.
    fn deceived(node: NodeId);
    /// Whether a proof of `node` may be taken before it is checked: no window was missed since
    /// its last proof, and its whole bond stands behind it.
    fn is_trusted(node: NodeId) -> bool;
}

/// Is told of every new node. Implemented by spacetime, which gives it a place in the windows.
pub trait OnNodeRegistered {
    /// Called in the call that registers `node`; an error refuses the registration.
    fn on_node_registered(node: NodeId) -> Result<(), &'static str>;
}

impl OnNodeRegistered for () {
    fn on_node_registered(_: NodeId) -> Result<(), &'static str> {
        Ok(())
    }
}

/// A shard found at a position of a node's holdings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldShard {
    /// Its segment.
    pub segment: SegmentId,
    /// Its slot.
    pub slot: SlotIndex,
    /// Its root.
    pub root: ShardRoot,
}

/// What a node holds. Implemented by placement.
pub trait Holdings {
    /// Shards of each class.
    fn counts(node: NodeId) -> ClassCounts;
    /// The shard at `position` among the node's shards of `class`.
    fn shard_at(node: NodeId, class: ShardClass, position: u32) -> Option<HeldShard>;
}

/// When windows open. Implemented by spacetime.
pub trait WindowClock {
    /// Blocks of a window.
    fn window_blocks() -> u32;
    /// How often a window of `node` opens in the blocks `from..until`.
    fn openings_between(node: NodeId, from: u32, until: u32) -> u32;
}

/// Rent that owners pay ahead. Implemented by payments, used by placement.
pub trait RentLedger {
    /// Account id of the chain.
    type AccountId;
    /// Amounts of NEURO.
    type Balance;
    /// The error of the chain's calls.
    type Error;

    /// Rent of one slot of `class` for one window at today's price.
    fn rate_per_slot(class: ShardClass) -> Result<Self::Balance, Self::Error>;
    /// Holds `rent` on the owner's account.
    fn hold(owner: &Self::AccountId, rent: Self::Balance) -> Result<(), Self::Error>;
    /// Frees `rent` held before.
    fn unhold(owner: &Self::AccountId, rent: Self::Balance) -> Result<(), Self::Error>;
    /// Moves `rent` held before into the pot.
    fn collect_held(owner: &Self::AccountId, rent: Self::Balance) -> Result<(), Self::Error>;
    /// Moves `rent` from the owner's free balance into the pot.
    fn collect(owner: &Self::AccountId, rent: Self::Balance) -> Result<(), Self::Error>;
    /// From now on `node` earns `rate` more in each window.
    fn slot_begins(node: NodeId, rate: Self::Balance);
    /// From now on `node` earns `rate` less in each window.
    fn slot_ends(node: NodeId, rate: Self::Balance);
    /// Ends an agreement early: `refund` of its unspent rent goes back to the owner, `forfeit` to
    /// the repair fund.
    fn settle_early(
        owner: &Self::AccountId,
        refund: Self::Balance,
        forfeit: Self::Balance,
    ) -> Result<(), Self::Error>;
}

/// Money's side of a window. Implemented by payments, used by spacetime.
pub trait WindowLedger {
    /// The window of `node` opened: what its shards bring now is what this window can earn.
    fn opened(node: NodeId, window: WindowIndex);
    /// It was proven: the rent becomes a credit that streams out over `stream_blocks`.
    fn proven(node: NodeId, window: WindowIndex, stream_blocks: u32);
    /// It was missed: the rent goes to the repair fund.
    fn missed(node: NodeId, window: WindowIndex);
}
