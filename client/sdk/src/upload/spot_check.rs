//! After the upload: does the node have what it signed for, and did it sign for what we sent?

use neurostore_chain::{verify_sr25519, Slot};
use neurostore_poseidon::{verify_path, Path};
use neurostore_primitives::{receipt_payload, Receipt, ReservationId, ShardClass};
use neurostore_swarm::StoredShard;

use super::encode::KeptLeaf;
use crate::network::{NodeError, ShardNetwork};

/// Why a node's word is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Distrust {
    /// The signature is not the node's.
    #[error("the receipt is not signed by the node")]
    Signature,
    /// It could not be asked.
    #[error("the spot check failed: {0}")]
    Asking(#[from] NodeError),
    /// A leaf is missing or another than was sent.
    #[error("the node answered leaf {0} with other bytes than were sent")]
    Leaf(u16),
    /// The leaf does not lie under the root that was signed.
    #[error("the node signed a root that leaf {0} does not belong to")]
    Root(u16),
}

/// Checks a receipt's signature and a few leaves of the shard behind it.
pub(crate) async fn spot_check<N: ShardNetwork>(
    network: &N,
    genesis: &[u8; 32],
    reservation: ReservationId,
    class: ShardClass,
    slot: &Slot,
    stored: &StoredShard,
    kept: &[KeptLeaf],
) -> Result<Receipt, Distrust> {
    let payload = receipt_payload(genesis, reservation, slot.slot, class, &stored.root);
    if !verify_sr25519(&slot.account.0, &payload, &stored.signature) {
        return Err(Distrust::Signature);
    }
    let indices: Vec<u16> = kept.iter().map(|(leaf, _)| *leaf).collect();
    let answers = network.leaves(slot.peer_key, stored.root, &indices).await?;
    let mut answers = answers.into_iter();
    for (leaf, sent) in kept {
        let answer = answers.next().ok_or(Distrust::Leaf(*leaf))?;
        if answer.leaf != *sent {
            return Err(Distrust::Leaf(*leaf));
        }
        let path: Path = codec::DecodeAll::decode_all(&mut answer.path.as_slice())
            .map_err(|_| Distrust::Root(*leaf))?;
        if !verify_path(&stored.root, &answer.leaf, *leaf, &path) {
            return Err(Distrust::Root(*leaf));
        }
    }
    Ok(Receipt {
        root: stored.root,
        signature: stored.signature,
    })
}
