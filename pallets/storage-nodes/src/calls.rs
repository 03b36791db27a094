//! What the calls do.

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use neurostore_primitives::{
    node_account_payload, peer_key_payload, NodeId, NodeState, OnNodeRegistered,
};
use sp_core::{ed25519, sr25519};
use sp_runtime::traits::Zero;

use crate::{
    Config, Error, Event, NextNodeId, Node, NodeByAccount, NodeByPeerKey, Nodes, Pallet,
    Registration,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register(request: Registration<T::AccountId>) -> DispatchResult {
        let identity = &request.identity;
        ensure!(
            identity.country.is_well_formed(),
            Error::<T>::CountryMalformed
        );
        Self::ensure_capacity_in_bounds(request.capacity_leaves)?;
        ensure!(
            !NodeByAccount::<T>::contains_key(&identity.account),
            Error::<T>::AccountTaken
        );
        ensure!(
            !NodeByPeerKey::<T>::contains_key(identity.peer_key),
            Error::<T>::PeerKeyTaken
        );
        let id = NextNodeId::<T>::get();
        ensure!(id.0 < T::MaxNodes::get(), Error::<T>::TooManyNodes);
        let next = id.0.checked_add(1).ok_or(Error::<T>::TooManyNodes)?;
        // Last of the checks, because they cost the most.
        Self::ensure_proofs(&request)?;

        let Registration {
            identity,
            capacity_leaves,
            ..
        } = request;
        let (operator, account) = (identity.operator.clone(), identity.account.clone());
        let bond = Self::bond_for(capacity_leaves);
        Self::move_bond(&operator, 0, bond)?;
        NextNodeId::<T>::put(NodeId(next));
        NodeByAccount::<T>::insert(&account, id);
        NodeByPeerKey::<T>::insert(identity.peer_key, id);
        let node = Node {
            identity,
            capacity_leaves,
            used_leaves: 0,
            bond,
            state: NodeState::Active,
        };
        Self::set_weight(id, node.weight());
        Nodes::<T>::insert(id, node);
        T::OnNodeRegistered::on_node_registered(id).map_err(|_| Error::<T>::NoWindowFree)?;
        Self::deposit_event(Event::NodeRegistered {
            node: id,
            operator,
            account,
        });
        Ok(())
    }

    pub(crate) fn do_set_capacity(
        caller: T::AccountId,
        id: NodeId,
        capacity_leaves: u64,
    ) -> DispatchResult {
        Self::ensure_capacity_in_bounds(capacity_leaves)?;
        let node = Nodes::<T>::get(id).ok_or(Error::<T>::UnknownNode)?;
        ensure!(node.identity.operator == caller, Error::<T>::NotOperator);
        ensure!(
            capacity_leaves >= node.used_leaves,
            Error::<T>::CapacityBelowUse
        );

        let bond = Self::bond_for(capacity_leaves);
        Self::move_bond(&caller, node.bond, bond)?;
        Self::update(id, |node| {
            node.capacity_leaves = capacity_leaves;
            node.bond = bond;
        });
        Self::deposit_event(Event::CapacitySet {
            node: id,
            capacity_leaves,
            bond,
        });
        // Who holds nothing is asked for nothing, so no proof would ever lift the suspicion: the
        // operator's word that the node is there must do. Who missed nothing lacked only bond.
        let lacked_bond = NodeState::Suspect { missed_in_a_row: 0 };
        if node.used_leaves == 0 || node.state == lacked_bond {
            Self::recover(id);
        }
        Ok(())
    }

    fn ensure_capacity_in_bounds(capacity_leaves: u64) -> DispatchResult {
        ensure!(
            capacity_leaves >= T::MinCapacityLeaves::get(),
            Error::<T>::CapacityTooSmall
        );
        ensure!(
            capacity_leaves <= T::MaxCapacityLeaves::get(),
            Error::<T>::CapacityTooLarge
        );
        Ok(())
    }

    /// Both keys of the node must have signed for this operator on this chain.
    fn ensure_proofs(request: &Registration<T::AccountId>) -> DispatchResult {
        let genesis = Self::genesis_hash();
        let identity = &request.identity;
        let (operator, account) = (identity.operator.as_ref(), identity.account.as_ref());
        ensure!(
            sp_io::crypto::ed25519_verify(
                &ed25519::Signature::from_raw(request.peer_proof),
                &peer_key_payload(&genesis, operator, account),
                &ed25519::Public::from_raw(identity.peer_key),
            ),
            Error::<T>::BadPeerProof
        );
        ensure!(
            sp_io::crypto::sr25519_verify(
                &sr25519::Signature::from_raw(request.account_proof),
                &node_account_payload(&genesis, operator, &identity.peer_key),
                &sr25519::Public::from_raw(*account),
            ),
            Error::<T>::BadAccountProof
        );
        Ok(())
    }

    /// The name of this chain in signed payloads. frame-system never prunes it.
    fn genesis_hash() -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        // A chain whose hashes are not 32 bytes has all-zero genesis here; its clients sign the
        // same bytes, so the proofs stay checkable.
        hash.as_ref().try_into().unwrap_or_default()
    }
}
