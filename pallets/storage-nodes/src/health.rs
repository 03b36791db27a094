//! What becomes of a node's health.

use frame_support::defensive;
use neurostore_primitives::{NodeHealth, NodeId, NodeState};

use crate::{Config, Event, Pallet};

impl<T: Config> Pallet<T> {
    /// Makes a node active, if it was not.
    pub(crate) fn recover(id: NodeId) {
        let before = Self::update(id, |node| {
            core::mem::replace(&mut node.state, NodeState::Active)
        });
        match before {
            Some(NodeState::Active) => {}
            Some(NodeState::Suspect { .. }) => {
                Self::deposit_event(Event::NodeRecovered { node: id });
            }
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
}
