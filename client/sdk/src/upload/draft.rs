//! A segment between its reservation and its place on the chain. Which nodes were drawn is known
//! from the best block, and a fork may replace that block: then the same reservation has other
//! nodes, and what the former ones signed is void.

use std::collections::BTreeMap;

use neurostore_chain::Reservation;
use neurostore_format::SegmentKey;
use neurostore_primitives::{NodeId, Receipt, SlotIndex};

/// What nodes signed, and which nodes.
pub(crate) type Receipts = BTreeMap<SlotIndex, (NodeId, Receipt)>;

/// The nodes of a segment, its key, and what the nodes signed so far.
pub(crate) struct Draft {
    pub(crate) reservation: Reservation,
    pub(crate) key: SegmentKey,
    pub(crate) receipts: Receipts,
}

impl Draft {
    /// The slots without a receipt.
    pub(crate) fn missing(&self) -> Vec<SlotIndex> {
        let slots = self.reservation.slots.iter().map(|at| at.slot);
        slots
            .filter(|slot| !self.receipts.contains_key(slot))
            .collect()
    }

    /// Takes the nodes over that the chain names now. Returns the slots that another node holds
    /// than before, each with the receipt that is void thereby.
    pub(crate) fn take_over(
        &mut self,
        now: Reservation,
    ) -> BTreeMap<SlotIndex, Option<(NodeId, Receipt)>> {
        let mut moved = BTreeMap::new();
        for at in &now.slots {
            if holder(&self.reservation, at.slot) != Some(at.node) {
                moved.insert(at.slot, self.receipts.remove(&at.slot));
            }
        }
        self.reservation = now;
        moved
    }
}

/// The node that was drawn for a slot.
pub(crate) fn holder(reservation: &Reservation, slot: SlotIndex) -> Option<NodeId> {
    reservation.slots.get(slot.index()).map(|at| at.node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::memory::{Nodes, RESERVATION};
    use neurostore_chain::AccountId;
    use neurostore_format::cut;
    use neurostore_primitives::ShardRoot;

    fn slot(index: u8) -> SlotIndex {
        SlotIndex::new(index).unwrap()
    }

    /// A reservation after a draw, with a receipt of every node.
    fn signed() -> Draft {
        let plan = cut(5).unwrap().remove(0);
        let reservation = Reservation {
            id: RESERVATION,
            owner: AccountId::from([1; 32]),
            class: plan.class(),
            ciphertext_len: plan.layout().ciphertext_len(),
            windows: 1,
            rent: 1,
            expires_at: 100,
            slots: Nodes::new().slots(|_| ShardRoot::default()),
        };
        let receipt = Receipt {
            root: ShardRoot([3; 32]),
            signature: [4; 64],
        };
        let receipts = reservation.slots.iter();
        Draft {
            receipts: receipts.map(|at| (at.slot, (at.node, receipt))).collect(),
            key: SegmentKey::from_bytes([5; 32]),
            reservation,
        }
    }

    #[test]
    fn the_same_nodes_keep_their_receipts() {
        let mut draft = signed();
        let now = draft.reservation.clone();
        assert!(draft.take_over(now).is_empty());
        assert!(draft.missing().is_empty());
    }

    #[test]
    fn a_fork_voids_the_receipts_of_the_nodes_that_it_replaced() {
        let mut draft = signed();
        draft.receipts.remove(&slot(9));
        let mut now = draft.reservation.clone();
        for index in [2, 9] {
            now.slots[index].node = NodeId(700);
        }
        let moved = draft.take_over(now);
        assert_eq!(
            moved.keys().copied().collect::<Vec<_>>(),
            [slot(2), slot(9)]
        );
        assert!(moved[&slot(2)].is_some() && moved[&slot(9)].is_none());
        assert_eq!(draft.missing(), [slot(2), slot(9)]);
        assert_eq!(holder(&draft.reservation, slot(2)), Some(NodeId(700)));
        assert_eq!(draft.receipts.len(), 13);
    }

    #[test]
    fn a_draw_in_another_order_voids_what_changed_places() {
        let mut draft = signed();
        let mut now = draft.reservation.clone();
        let (first, second) = (now.slots[0].node, now.slots[1].node);
        now.slots[0].node = second;
        now.slots[1].node = first;
        assert_eq!(draft.take_over(now).len(), 2);
        assert_eq!(draft.missing(), [slot(0), slot(1)]);
    }
}
