//! Finding peers through others.

use std::sync::Arc;

use neurostore_swarm::{FindError, Identity, Multiaddr, ShardError, Swarm};

use crate::service::{limits, shard, start, until, Memory, QUIC, TCP};

async fn bootnode() -> Swarm {
    start(Identity::generate(), &[TCP], vec![], limits(), None).await
}

/// A node that serves what `memory` holds.
async fn holder(bootnodes: Vec<Multiaddr>, memory: &Arc<Memory>) -> Swarm {
    start(
        Identity::generate(),
        &[TCP],
        bootnodes,
        limits(),
        Some(memory),
    )
    .await
}

async fn is_connected(swarm: &Swarm, peer: &Swarm) {
    let peer = peer.peer_id();
    until("the connection", || swarm.connected_peers().contains(&peer)).await;
}

/// The lookup repeated until it succeeds: the bootnode learns of newcomers a moment after they
/// connected.
async fn find(swarm: &Swarm, peer: &Swarm) -> Vec<Multiaddr> {
    for _ in 0..200 {
        match swarm.find(peer.peer_id()).await {
            Ok(addresses) => return addresses,
            Err(FindError::NotFound(_)) => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("{} was never found", peer.peer_id());
}

#[tokio::test]
async fn a_client_finds_a_node_through_a_bootnode() {
    let boot = bootnode().await;
    let memory = Memory::new();
    let root = memory.hold(&shard(0, 1));
    let node = start(
        Identity::generate(),
        &[TCP, QUIC],
        boot.listen_addresses(),
        limits(),
        Some(&memory),
    )
    .await;
    is_connected(&node, &boot).await;
    let client = start(
        Identity::generate(),
        &[],
        boot.listen_addresses(),
        limits(),
        None,
    )
    .await;
    is_connected(&client, &boot).await;

    let found = find(&client, &node).await;
    let of_node: Vec<Multiaddr> = node
        .listen_addresses()
        .into_iter()
        .map(|mut address| {
            address.pop();
            address
        })
        .collect();
    assert!(of_node.contains(&found[0]), "{found:?}");
    client.get_range(node.peer_id(), root, 0, 10).await.unwrap();
}

#[tokio::test]
async fn a_request_looks_the_node_up_by_itself() {
    let boot = bootnode().await;
    let memory = Memory::new();
    let root = memory.hold(&shard(0, 1));
    let bootnodes = boot.listen_addresses();
    let node = holder(bootnodes.clone(), &memory).await;
    let watcher = start(Identity::generate(), &[], bootnodes.clone(), limits(), None).await;
    find(&watcher, &node).await;
    let client = start(Identity::generate(), &[], bootnodes, limits(), None).await;
    is_connected(&client, &boot).await;
    client.get_range(node.peer_id(), root, 0, 10).await.unwrap();
}

#[tokio::test]
async fn a_client_is_not_advertised() {
    let boot = bootnode().await;
    let bootnodes = boot.listen_addresses();
    let silent = start(Identity::generate(), &[], bootnodes.clone(), limits(), None).await;
    is_connected(&silent, &boot).await;
    let client = start(Identity::generate(), &[], bootnodes, limits(), None).await;
    is_connected(&client, &boot).await;
    let error = client.find(silent.peer_id()).await.unwrap_err();
    assert!(matches!(error, FindError::NotFound(_)));
    let error = client
        .get_range(silent.peer_id(), Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, ShardError::NoAddress(_)), "{error}");
}

#[tokio::test]
async fn the_swarm_heals_after_its_bootnode_restarts() {
    let key = Identity::generate();
    let boot = start(key.clone(), &[TCP], vec![], limits(), None).await;
    let bootnodes = boot.listen_addresses();
    let memory = Memory::new();
    let node = holder(bootnodes.clone(), &memory).await;
    is_connected(&node, &boot).await;
    boot.shutdown().await;
    until("the loss", || node.connected_peers().is_empty()).await;

    let mut same_port = bootnodes[0].clone();
    same_port.pop();
    let boot = start(key, &[&same_port.to_string()], vec![], limits(), None).await;
    is_connected(&node, &boot).await;
    let client = start(Identity::generate(), &[], bootnodes, limits(), None).await;
    is_connected(&client, &boot).await;
    find(&client, &node).await;
}

#[tokio::test]
async fn a_kept_peer_is_dialled_without_being_asked() {
    let peer = bootnode().await;
    let swarm = start(Identity::generate(), &[], vec![], limits(), None).await;
    swarm
        .add_address(peer.peer_id(), peer.listen_addresses().remove(0))
        .await
        .unwrap();
    swarm.keep_connected(peer.peer_id()).await;
    is_connected(&swarm, &peer).await;
}

#[tokio::test]
async fn unspecified_addresses_are_neither_taken_nor_published() {
    let swarm = start(
        Identity::generate(),
        &["/ip4/0.0.0.0/tcp/0"],
        vec![],
        limits(),
        None,
    )
    .await;
    let published = swarm.listen_addresses();
    assert!(!published.is_empty());
    assert!(published
        .iter()
        .all(|address| !address.to_string().contains("/0.0.0.0/")));
    let outcome = swarm
        .add_address(
            Identity::generate().peer_id(),
            "/ip4/0.0.0.0/tcp/1".parse().unwrap(),
        )
        .await;
    assert!(outcome.is_err());
}
