//! Failures between honest peers, and what each side is told.

use std::{
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
    time::Duration,
};

use neurostore_swarm::{Identity, Limits, Refusal, ShardError};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::service::{
    client_of, introduce, limits, node, put_request, shard, start, until, Memory, TCP,
};

#[tokio::test]
async fn refusals_travel() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let root = memory.hold(&shard(0, 1));
    for refusal in [Refusal::DiskFull, Refusal::NotReserved, Refusal::Other(201)] {
        *memory.refusal.lock().unwrap() = Some(refusal);
        let bytes = shard(0, 2);
        let put = client
            .put_shard(node.peer_id(), put_request(0), &bytes[..], |_| {})
            .await;
        let get = client.get_range(node.peer_id(), root, 0, 10).await;
        let leaves = client.get_leaves(node.peer_id(), root, &[0]).await;
        for error in [put.unwrap_err(), get.unwrap_err(), leaves.unwrap_err()] {
            assert!(
                matches!(error, ShardError::Refused(r) if r == refusal),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_shard_is_said_to_be_unknown() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let error = client
        .get_range(node.peer_id(), Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "refused: the node does not hold this shard"
    );
}

#[tokio::test]
async fn a_disk_that_fills_up_in_an_upload_is_told_to_the_uploader() {
    let memory = Memory::new();
    *memory.full_at.lock().unwrap() = Some(1 << 20);
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(14, 1);
    let error = client
        .put_shard(node.peer_id(), put_request(14), &bytes[..], |_| {})
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "refused: disk full");
    assert_eq!(memory.open_sinks.load(Ordering::SeqCst), 0);
}

/// Some bytes, and then none for ever.
struct Dries<'a>(&'a [u8]);

impl AsyncRead for Dries<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.0.is_empty() {
            Poll::Pending
        } else {
            Pin::new(&mut self.0).poll_read(cx, buffer)
        }
    }
}

#[tokio::test]
async fn an_upload_that_is_given_up_drops_the_sink() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(9, 1);
    let upload = tokio::spawn(async move {
        let body = Dries(&bytes);
        client
            .put_shard(node.peer_id(), put_request(10), body, |_| {})
            .await
    });
    until("the upload", || {
        memory.open_sinks.load(Ordering::SeqCst) == 1
    })
    .await;
    upload.abort();
    until("the end of the sink", || {
        memory.aborted.load(Ordering::SeqCst) == 1
    })
    .await;
    assert!(memory.shards.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_source_that_is_too_short_stores_nothing() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(9, 1);
    let error = client
        .put_shard(node.peer_id(), put_request(10), &bytes[..], |_| {})
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        ShardError::SourceTooShort {
            got: 524_288,
            expected: 1_048_576
        }
    ));
    until("the end of the sink", || {
        memory.aborted.load(Ordering::SeqCst) == 1
    })
    .await;
    assert!(memory.shards.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error_and_never_a_short_read() {
    let memory = Memory::new();
    memory.cut.store(1, Ordering::SeqCst);
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let root = memory.hold(&shard(10, 1));
    let mut body = client
        .get_range(node.peer_id(), root, 0, 1 << 20)
        .await
        .unwrap();
    let error = body.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert!(matches!(
        ShardError::from_io(error),
        Ok(ShardError::Truncated {
            expected: 1_048_576,
            ..
        })
    ));
}

#[tokio::test]
async fn a_node_that_dies_in_a_download_is_noticed() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    let root = memory.hold(&shard(16, 1));
    let mut body = client
        .get_range(node.peer_id(), root, 0, 64 << 20)
        .await
        .unwrap();
    body.read_exact(&mut [0; 1000]).await.unwrap();
    node.shutdown().await;
    let error = body.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert!(ShardError::from_io(error).is_ok());
}

#[tokio::test]
async fn nobody_knows_where_a_stranger_is() {
    let client = start(Identity::generate(), &[], vec![], limits(), None).await;
    let stranger = Identity::generate().peer_id();
    let error = client
        .get_range(stranger, Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("peer {stranger} is not reachable: no address known")
    );
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_named() {
    let client = start(Identity::generate(), &[], vec![], limits(), None).await;
    let gone = Identity::generate().peer_id();
    client
        .add_address(gone, "/ip4/127.0.0.1/tcp/1".parse().unwrap())
        .await
        .unwrap();
    let error = client
        .get_range(gone, Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, ShardError::Unreachable { .. }));
    assert!(
        error.to_string().contains("/ip4/127.0.0.1/tcp/1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_peer_without_storage_says_so() {
    let plain = start(Identity::generate(), &[TCP], vec![], limits(), None).await;
    let client = client_of(&plain).await;
    let error = client
        .get_range(plain.peer_id(), Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, ShardError::Unsupported(_)), "{error}");
}

#[tokio::test]
async fn after_a_shutdown_everything_says_so() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let client = client_of(&node).await;
    client.shutdown().await;
    let error = client
        .get_range(node.peer_id(), Default::default(), 0, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, ShardError::ShutDown), "{error}");
    assert!(client.connected_peers().is_empty());
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_at_the_start() {
    let first = start(Identity::generate(), &[TCP], vec![], limits(), None).await;
    let mut taken = first.listen_addresses().remove(0);
    taken.pop();
    let outcome = neurostore_swarm::Swarm::start(
        neurostore_swarm::SwarmOptions {
            identity: Identity::generate(),
            listen: vec![taken],
            bootnodes: vec![],
            limits: limits(),
        },
        None,
    )
    .await;
    let error = outcome.unwrap_err().to_string();
    assert!(
        error.contains("cannot listen on /ip4/127.0.0.1/tcp/"),
        "{error}"
    );
}

#[tokio::test]
async fn a_node_that_came_back_is_used_again() {
    let memory = Memory::new();
    let root = memory.hold(&shard(0, 1));
    let identity = Identity::generate();
    let first = start(identity.clone(), &[TCP], vec![], limits(), Some(&memory)).await;
    let client = client_of(&first).await;
    let peer = first.peer_id();
    client.get_range(peer, root, 0, 1).await.unwrap();
    first.shutdown().await;
    until("the loss", || client.connected_peers().is_empty()).await;

    let second = start(identity, &[TCP], vec![], limits(), Some(&memory)).await;
    introduce(&client, &second).await;
    client.get_range(peer, root, 0, 1).await.unwrap();
}

#[tokio::test]
async fn a_service_that_panics_fails_one_request_and_frees_its_place() {
    let memory = Memory::new();
    let only_one = Limits {
        requests: 1,
        ..limits()
    };
    let node = node(TCP, only_one, &memory).await;
    let client = client_of(&node).await;
    let root = memory.hold(&shard(0, 1));
    memory.panics.store(true, Ordering::SeqCst);
    let error = client
        .get_range(node.peer_id(), root, 0, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, ShardError::Broken { .. }), "{error}");
    memory.panics.store(false, Ordering::SeqCst);
    client.get_range(node.peer_id(), root, 0, 1).await.unwrap();
}

#[tokio::test]
async fn a_service_that_hangs_is_reported_as_busy() {
    let memory = Memory::new();
    let impatient = Limits {
        service: Duration::from_millis(200),
        ..limits()
    };
    let node = node(TCP, impatient, &memory).await;
    let client = client_of(&node).await;
    let root = memory.hold(&shard(0, 1));
    memory.hangs.store(true, Ordering::SeqCst);
    let error = client
        .get_leaves(node.peer_id(), root, &[0])
        .await
        .unwrap_err();
    assert!(
        matches!(error, ShardError::Refused(Refusal::Busy)),
        "{error}"
    );
}

#[tokio::test]
async fn an_uploader_whose_source_dries_up_is_told_by_the_node() {
    let memory = Memory::new();
    let impatient = Limits {
        progress_window: Duration::from_millis(300),
        upload_window: Duration::from_millis(300),
        ..limits()
    };
    let node = node(TCP, impatient, &memory).await;
    let client = client_of(&node).await;
    let bytes = shard(9, 1);
    let error = client
        .put_shard(node.peer_id(), put_request(10), Dries(&bytes), |_| {})
        .await
        .unwrap_err();
    assert!(
        matches!(error, ShardError::Refused(Refusal::TooSlow)),
        "{error}"
    );
}

#[tokio::test]
async fn a_node_that_sends_nothing_is_given_up() {
    // A node with a patience of its own holds the request; the client's runs out first.
    let memory = Memory::new();
    memory.hangs.store(true, Ordering::SeqCst);
    let node = node(TCP, limits(), &memory).await;
    let impatient = Limits {
        answer: Duration::from_millis(200),
        ..limits()
    };
    let client = start(Identity::generate(), &[], vec![], impatient, None).await;
    introduce(&client, &node).await;
    let root = memory.hold(&shard(0, 1));
    let error = client
        .get_leaves(node.peer_id(), root, &[0])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("took too long: waiting for the answer"),
        "{error}"
    );
}
