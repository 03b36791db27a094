//! What becomes of a node's health.

use frame_support::{defensive, traits::Get};
use neurostore_primitives::{NodeHealth, NodeId, NodeState};

use crate::{Config, Event, Pallet};

impl<T: Config> Pallet<T> {
    /// Makes a node active, if it was not and its bond is whole. Without a whole bond it stays
    /// suspected, for no missed window.
    pub(crate) fn recover(id: NodeId) {
        if Self::is_trusted(id) {
            return;
        }
        let change = Self::update(id, |node| {
            let after = if node.bond < Self::bond_for(node.capacity_leaves) {
                NodeState::Suspect { missed_in_a_row: 0 }
            } else {
                NodeState::Active
            };
            (core::mem::replace(&mut node.state, after), after)
        });
        match change {
            Some((NodeState::Suspect { .. }, NodeState::Active)) => {
                Self::deposit_event(Event::NodeRecovered { node: id });
            }
            Some(_) => {}
            None => {
                defensive!("only registered nodes recover");
            }
        }
    }
}

impl<T: Config> NodeHealth for Pallet<T> {
    fn proven(id: NodeId) {
        Self::recover(id);
    }

    fn missed(id: NodeId) {
        let counted = Self::update(id, |node| {
            let missed_in_a_row = match node.state {
                NodeState::Active => 1,
                // A node that is silent for ever stays at the greatest count.
                NodeState::Suspect { missed_in_a_row } => missed_in_a_row.saturating_add(1),
            };
            node.state = NodeState::Suspect { missed_in_a_row };
            missed_in_a_row
        });
        match counted {
            Some(missed_in_a_row) => Self::deposit_event(Event::NodeSuspected {
                node: id,
                missed_in_a_row,
            }),
            None => {
                defensive!("only registered nodes have windows");
            }
        }
    }

    fn deceived(id: NodeId) {
        Self::slash(id, T::InvalidProofSlash::get());
    }

    fn is_trusted(id: NodeId) -> bool {
        Self::node(id).is_some_and(|node| {
            node.state == NodeState::Active && node.bond >= Self::bond_for(node.capacity_leaves)
        })
    }
}
