//! Honest transfers.

use std::sync::atomic::Ordering;

use neurostore_swarm::{Refusal, ShardError, Swarm};
use tokio::{io::AsyncReadExt, task::JoinSet};

use crate::service::{
    client_of, introduce, limits, node, put_request, root_of, shard, signature_of, start, Memory,
    QUIC, TCP,
};

async fn read(
    client: &Swarm,
    node: &Swarm,
    root: neurostore_primitives::ShardRoot,
    range: std::ops::Range<u64>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let len = range.end - range.start;
    client
        .get_range(node.peer_id(), root, range.start, len)
        .await
        .unwrap()
        .read_to_end(&mut bytes)
        .await
        .unwrap();
    bytes
}

async fn put_and_get(listen: &str) {
    let memory = Memory::new();
    let node = node(listen, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(10, 1);

    let mut steps = Vec::new();
    let stored = client
        .put_shard(node.peer_id(), put_request(10), &bytes[..], |sent| {
            steps.push(sent);
        })
        .await
        .unwrap();
    assert_eq!(stored.root, root_of(&bytes));
    assert_eq!(stored.signature, signature_of(&stored.root));
    assert!(steps.is_sorted());
    assert_eq!(steps.last(), Some(&(bytes.len() as u64)));
    assert_eq!(memory.open_sinks.load(Ordering::SeqCst), 0);
    assert_eq!(memory.aborted.load(Ordering::SeqCst), 0);

    let got = read(&client, &node, stored.root, 0..bytes.len() as u64).await;
    assert!(got == bytes);
}

#[tokio::test]
async fn what_is_put_over_tcp_is_what_is_got() {
    put_and_get(TCP).await;
}

#[tokio::test]
async fn what_is_put_over_quic_is_what_is_got() {
    put_and_get(QUIC).await;
}

#[tokio::test]
async fn the_smallest_and_a_large_shard_travel() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    for class in [0, 14] {
        let bytes = shard(class, 2);
        let stored = client
            .put_shard(node.peer_id(), put_request(class), &bytes[..], |_| {})
            .await
            .unwrap();
        let got = read(&client, &node, stored.root, 0..bytes.len() as u64).await;
        assert!(got == bytes);
    }
}

#[tokio::test]
async fn ranges_give_exactly_their_bytes() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(10, 3);
    let root = memory.hold(&bytes);
    for range in [0..1, 5..6, 1_000..700_001, 1_048_575..1_048_576] {
        let expected = &bytes[range.start as usize..range.end as usize];
        assert!(read(&client, &node, root, range).await == expected);
    }
}

#[tokio::test]
async fn leaves_come_in_the_order_asked() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(6, 4);
    let root = memory.hold(&bytes);
    let indices = [63, 0, 17];
    let leaves = client
        .get_leaves(node.peer_id(), root, &indices)
        .await
        .unwrap();
    for (answer, index) in leaves.iter().zip(indices) {
        let start = usize::from(index) * 1024;
        assert_eq!(answer.leaf[..], bytes[start..start + 1024]);
        assert_eq!(u16::from(answer.path[0]), index);
    }
}

#[tokio::test]
async fn senseless_requests_are_not_even_sent() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let (peer, root) = (node.peer_id(), memory.hold(&shard(0, 5)));
    let refused = |error: ShardError| match error {
        ShardError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    let error = client.get_range(peer, root, u64::MAX, 2).await.unwrap_err();
    assert_eq!(refused(error), Refusal::OutOfRange);
    let error = client.get_leaves(peer, root, &[0; 17]).await.unwrap_err();
    assert_eq!(refused(error), Refusal::OutOfRange);
    let mut request = put_request(3);
    request.len -= 1;
    let error = client
        .put_shard(peer, request, &[][..], |_| {})
        .await
        .unwrap_err();
    assert_eq!(refused(error), Refusal::WrongLength);
}

/// Streams that push in both directions over one Yamux connection once stopped each other for
/// good by their window updates.
async fn many_transfers(listen: &'static str) {
    let (left_memory, right_memory) = (Memory::new(), Memory::new());
    let left = node(listen, limits(), &left_memory).await;
    let right = node(listen, limits(), &right_memory).await;
    introduce(&left, &right).await;
    introduce(&right, &left).await;
    let mut tasks = JoinSet::new();
    for seed in 0..48 {
        let (from, to) = if seed % 2 == 0 {
            (left.clone(), right.clone())
        } else {
            (right.clone(), left.clone())
        };
        tasks.spawn(async move {
            let bytes = shard(11, seed);
            let stored = from
                .put_shard(to.peer_id(), put_request(11), &bytes[..], |_| {})
                .await
                .unwrap();
            let got = read(&from, &to, stored.root, 0..bytes.len() as u64).await;
            assert!(got == bytes);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    for memory in [left_memory, right_memory] {
        assert_eq!(memory.shards.lock().unwrap().len(), 24);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_transfers_in_both_directions_over_one_tcp_connection_end() {
    many_transfers(TCP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_transfers_in_both_directions_over_quic_end() {
    many_transfers(QUIC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_small_requests_at_once_all_succeed() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = start(
        neurostore_swarm::Identity::generate(),
        &[],
        vec![],
        limits(),
        None,
    )
    .await;
    introduce(&client, &node).await;
    let roots: Vec<_> = (0..400).map(|seed| memory.hold(&shard(0, seed))).collect();
    let mut tasks = JoinSet::new();
    for (seed, root) in roots.into_iter().enumerate() {
        let (client, node) = (client.clone(), node.clone());
        tasks.spawn(async move {
            assert!(read(&client, &node, root, 0..1024).await == shard(0, seed as u64));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}
