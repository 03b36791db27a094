//! The exact bytes that are signed off chain. Each has its own domain and names the chain by its
//! genesis hash, so that no signature fits another message, network or reservation.

use alloc::vec::Vec;
use codec::Encode;

use crate::{
    ids::{ReservationId, ShardRoot, SlotIndex},
    node::PeerKey,
    shard::ShardClass,
};

/// What a node account signs for a stored shard: domain, genesis, reservation, slot, class, root.
pub fn receipt_payload(
    genesis: &[u8; 32],
    reservation: ReservationId,
    slot: SlotIndex,
    class: ShardClass,
    root: &ShardRoot,
) -> Vec<u8> {
    (
        b"neurostore/receipt/1",
        genesis,
        reservation,
        slot,
        class,
        root,
    )
        .encode()
}

/// What the owner of a reservation signs to upload into one of its slots, so that a stranger
/// cannot fill the slot with junk: domain, genesis, reservation, slot.
pub fn upload_payload(genesis: &[u8; 32], reservation: ReservationId, slot: SlotIndex) -> Vec<u8> {
    (b"neurostore/upload/1", genesis, reservation, slot).encode()
}

/// What the libp2p key of a node signs at registration (ed25519): domain, genesis, operator and
/// node account (32 bytes each).
pub fn peer_key_payload(
    genesis: &[u8; 32],
    operator: &[u8; 32],
    node_account: &[u8; 32],
) -> Vec<u8> {
    (b"neurostore/peer-key/1", genesis, operator, node_account).encode()
}

/// What the node account signs at registration (sr25519): domain, genesis, operator, peer key.
pub fn node_account_payload(
    genesis: &[u8; 32],
    operator: &[u8; 32],
    peer_key: &PeerKey,
) -> Vec<u8> {
    (b"neurostore/node-account/1", genesis, operator, peer_key).encode()
}
