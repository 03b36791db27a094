//! What is said of a node when it is registered.

use neurostore_primitives::{CountryCode, NodeClass, PeerKey};

use crate::AccountId;

/// What an operator tells the chain of a new node.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The account that signs the node's receipts and proofs.
    pub node_account: AccountId,
    /// The ed25519 key behind its peer id.
    pub peer_key: PeerKey,
    /// Anchor or light.
    pub class: NodeClass,
    /// Where it stands.
    pub country: CountryCode,
    /// Leaves of 1 KiB that it offers.
    pub capacity_leaves: u64,
    /// The peer key's signature over [`neurostore_primitives::peer_key_payload`].
    pub peer_proof: [u8; 64],
    /// The node account's signature over [`neurostore_primitives::node_account_payload`].
    pub account_proof: [u8; 64],
}
