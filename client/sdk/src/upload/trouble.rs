//! What went wrong with a slot or with the chain, and what follows from it.

use std::collections::BTreeMap;

use neurostore_chain::{ChainError, PalletError, PlacementError, Reservation};
use neurostore_primitives::SlotIndex;
use neurostore_swarm::{Refusal, ShardError};

use super::fan_out::Failure;
use crate::{
    error::{MissingShard, PutError},
    network::{peer_name, NodeError},
};

/// What became of a slot in one round.
pub(super) enum Trouble {
    /// The same node may well take it next time.
    Again(String),
    /// This node should not be asked again.
    Replace(String),
    /// Not the node's failure: a fork gave the slot to another, or we were too slow ourselves.
    Blameless(String),
}

/// The slots that have no receipt after a round.
pub(super) type Troubles = BTreeMap<SlotIndex, Trouble>;

impl Trouble {
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Again(reason) | Self::Replace(reason) | Self::Blameless(reason) => reason,
        }
    }
}

/// What a failure says of the node.
pub(super) fn judge(failure: Failure) -> Result<Trouble, PutError> {
    let reason = failure.to_string();
    match failure {
        Failure::Starved => Ok(Trouble::Blameless(reason)),
        Failure::Node(NodeError::Shard(ShardError::Refused(Refusal::WrongSlot))) => {
            Ok(Trouble::Blameless(reason))
        }
        Failure::Node(error) if error.is_ours() => Err(PutError::Local(reason)),
        Failure::Node(error) if error.is_temporary() => Ok(Trouble::Again(reason)),
        Failure::Node(_) | Failure::Straggler(_) => Ok(Trouble::Replace(reason)),
    }
}

pub(super) fn nodes_failed(
    reservation: &Reservation,
    rounds: u32,
    troubles: &Troubles,
) -> PutError {
    let failed = troubles
        .iter()
        .map(|(slot, trouble)| describe(reservation, *slot, trouble.reason().to_owned()));
    PutError::NodesFailed {
        rounds,
        failed: failed.collect(),
    }
}

fn describe(reservation: &Reservation, slot: SlotIndex, reason: String) -> MissingShard {
    let at = reservation.slots.get(slot.index());
    MissingShard {
        slot,
        node: at.map(|at| at.node).unwrap_or_default(),
        peer: at.map(|at| peer_name(&at.peer_key)).unwrap_or_default(),
        reason,
    }
}

/// Refusals that the next block may not repeat.
pub(super) fn passes(error: &ChainError) -> bool {
    error.is_transient()
        || matches!(error, ChainError::NoReservation(_))
        || matches!(
            error.refusal(),
            Some(PalletError::Placement(
                PlacementError::DrawQueueFull
                    | PlacementError::LapsesFull
                    | PlacementError::EndingsFull
                    | PlacementError::NotDrawn
            ))
        )
}

/// Failures that another fork would not give.
pub(super) fn may_be_a_fork(error: &ChainError) -> bool {
    is_bad_receipt(error)
        || matches!(error, ChainError::NoBlock(_))
        || matches!(
            error.refusal(),
            Some(PalletError::Placement(
                PlacementError::UnknownReservation
                    | PlacementError::NotOwner
                    | PlacementError::NotDrawn
            ))
        )
}

/// A receipt is not signed by the node that the chain names.
pub(super) fn is_bad_receipt(error: &ChainError) -> bool {
    error.is_refusal(PlacementError::BadReceipt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(refusal: Refusal) -> Failure {
        Failure::Node(ShardError::Refused(refusal).into())
    }

    fn refused_by_chain(error: PlacementError) -> ChainError {
        ChainError::Refused {
            error: error.into(),
            docs: String::new(),
        }
    }

    #[test]
    fn a_slot_of_another_node_is_nobodys_failure() {
        let trouble = judge(refused(Refusal::WrongSlot)).unwrap();
        assert!(matches!(trouble, Trouble::Blameless(_)));
        let trouble = judge(refused(Refusal::DiskFull)).unwrap();
        assert!(matches!(trouble, Trouble::Replace(_)));
        let trouble = judge(refused(Refusal::Busy)).unwrap();
        assert!(matches!(trouble, Trouble::Again(_)));
    }

    #[test]
    fn bytes_that_we_did_not_have_are_not_the_nodes_failure() {
        let trouble = judge(Failure::Starved).unwrap();
        assert!(matches!(trouble, Trouble::Blameless(_)));
        let trouble = judge(refused(Refusal::TooSlow)).unwrap();
        assert!(matches!(trouble, Trouble::Again(_)));
    }

    #[test]
    fn only_refusals_that_a_fork_explains_lead_to_another_look() {
        for error in [
            PlacementError::BadReceipt,
            PlacementError::UnknownReservation,
            PlacementError::NotOwner,
            PlacementError::NotDrawn,
        ] {
            assert!(may_be_a_fork(&refused_by_chain(error)), "{error:?}");
        }
        assert!(may_be_a_fork(&ChainError::NoBlock(7)));
        assert!(!may_be_a_fork(&refused_by_chain(
            PlacementError::ReceiptCount
        )));
        assert!(is_bad_receipt(&refused_by_chain(
            PlacementError::BadReceipt
        )));
        assert!(!is_bad_receipt(&refused_by_chain(PlacementError::NotDrawn)));
    }

    #[test]
    fn only_refusals_that_a_block_may_lift_are_tried_again() {
        for error in [
            PlacementError::DrawQueueFull,
            PlacementError::LapsesFull,
            PlacementError::EndingsFull,
            PlacementError::NotDrawn,
        ] {
            assert!(passes(&refused_by_chain(error)), "{error:?}");
        }
        assert!(!passes(&refused_by_chain(PlacementError::SegmentExists)));
    }
}
