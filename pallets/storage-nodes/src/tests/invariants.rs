//! Each invariant finds what breaks it.

use neurostore_primitives::{NodeId, PeerKey};

use crate::{mock::*, NextNodeId, Node, NodeByAccount, NodeByPeerKey, Nodes, TreePages};

const NODE: NodeId = NodeId(0);

/// Breaks the state of two good nodes, and undoes it for the check at the end of the test.
fn found_after(expected: &'static str, damage: impl FnOnce()) {
    run(|| {
        register_all(2, MIN_CAPACITY);
        let _: Result<(), ()> = frame_support::storage::with_transaction_unchecked(|| {
            damage();
            assert_eq!(StorageNodes::do_try_state(), Err(expected.into()));
            sp_runtime::TransactionOutcome::Rollback(Ok(()))
        });
    });
}

fn change(id: NodeId, change: impl FnOnce(&mut Node<sp_runtime::AccountId32>)) {
    Nodes::<Test>::mutate(id, |node| change(node.as_mut().unwrap()));
}

#[test]
fn a_number_that_was_never_given_is_found() {
    found_after("a node has a number that was never given", || {
        NextNodeId::<Test>::put(NodeId(1));
    });
}

#[test]
fn more_nodes_than_allowed_are_found() {
    found_after("more nodes than there may ever be", || {
        NextNodeId::<Test>::put(NodeId(MaxNodes::get() + 1));
    });
}

#[test]
fn an_overfull_node_is_found() {
    found_after("a node is fuller than it is large", || {
        change(NODE, |node| node.used_leaves = MIN_CAPACITY + 1);
    });
}

#[test]
fn a_malformed_country_is_found() {
    found_after("a node's country is malformed", || {
        change(NODE, |node| node.identity.country.0 = [0; 2]);
    });
}

#[test]
fn an_account_of_no_node_is_found() {
    found_after("accounts and nodes differ in number", || {
        NodeByAccount::<Test>::insert(operator(9), NODE);
    });
}

#[test]
fn a_peer_key_of_no_node_is_found() {
    found_after("peer keys and nodes differ in number", || {
        NodeByPeerKey::<Test>::insert(PeerKey::default(), NODE);
    });
}

#[test]
fn an_account_of_another_node_is_found() {
    found_after("a node's account names another node", || {
        NodeByAccount::<Test>::insert(draft(0).account_id(), NodeId(1));
    });
}

#[test]
fn a_peer_key_of_another_node_is_found() {
    found_after("a node's peer key names another node", || {
        let node = Nodes::<Test>::get(NODE).unwrap();
        NodeByPeerKey::<Test>::insert(node.identity.peer_key, NodeId(1));
    });
}

#[test]
fn a_weight_that_does_not_follow_its_node_is_found() {
    found_after("the tree has another weight than the node", || {
        change(NODE, |node| node.used_leaves = 1);
    });
}

#[test]
fn a_wrong_sum_is_found() {
    run(|| {
        StorageNodes::set_weight(NodeId(40), 0);
        TreePages::<Test>::mutate((1, 0), |page| page[1] = 1);
        assert_eq!(
            StorageNodes::do_try_state(),
            Err("a page of the tree has another sum than its parent says".into())
        );
        TreePages::<Test>::mutate((1, 0), |page| page[1] = 0);
    });
}

#[test]
fn a_bond_that_is_not_held_is_found() {
    found_after("an operator's hold is not the sum of his bonds", || {
        change(NODE, |node| node.bond += 1);
    });
}
