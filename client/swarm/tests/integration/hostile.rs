//! Peers that mean harm, and what they do not achieve.

use std::{sync::atomic::Ordering, sync::Arc, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt};
use libp2p::identity::Keypair;
use neurostore_swarm::{
    message::{Answer, Request},
    Limits, Refusal, Swarm,
};
use tokio::io::AsyncReadExt as _;

use crate::{
    raw::{answer, send, Raw},
    service::{client_of, limits, node, put_request, shard, until, Memory, TCP},
};

async fn is_served(node: &Swarm, memory: &Arc<Memory>) {
    let client = client_of(node).await;
    let root = memory.hold(&shard(4, 99));
    let mut bytes = Vec::new();
    let mut body = client
        .get_range(node.peer_id(), root, 0, 16 << 10)
        .await
        .unwrap();
    body.read_to_end(&mut bytes).await.unwrap();
    assert!(bytes == shard(4, 99));
}

fn impatient() -> Limits {
    Limits {
        frame: Duration::from_millis(300),
        progress_window: Duration::from_millis(300),
        upload_window: Duration::from_millis(300),
        ..limits()
    }
}

#[tokio::test]
async fn a_peer_that_stalls_in_an_upload_loses_its_place() {
    let memory = Memory::new();
    let only_one = Limits {
        requests: 1,
        requests_per_peer: 1,
        ..impatient()
    };
    let node = node(TCP, only_one, &memory).await;
    let staller = Raw::connect(&node).await;
    let mut stream = staller.request(&Request::Put(put_request(10))).await;
    assert_eq!(answer(&mut stream).await, Some(Answer::Ready));
    stream.write_all(&[1; 10_000]).await.unwrap();
    stream.flush().await.unwrap();

    let mut second = staller.request(&Request::Put(put_request(10))).await;
    assert_eq!(
        answer(&mut second).await,
        Some(Answer::Refused(Refusal::Busy))
    );
    assert_eq!(
        answer(&mut stream).await,
        Some(Answer::Refused(Refusal::TooSlow))
    );
    until("the end of the upload", || {
        memory.aborted.load(Ordering::SeqCst) == 1
    })
    .await;
    is_served(&node, &memory).await;
}

#[tokio::test]
async fn a_trickle_of_bytes_does_not_keep_a_place() {
    let memory = Memory::new();
    let node = node(TCP, impatient(), &memory).await;
    let slow = Raw::connect(&node).await;
    let mut stream = slow.request(&Request::Put(put_request(10))).await;
    assert_eq!(answer(&mut stream).await, Some(Answer::Ready));
    let trickle = async {
        while stream.write_all(&[1]).await.is_ok() && stream.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = trickle => {}
        () = until("the end of the upload", || memory.aborted.load(Ordering::SeqCst) == 1) => {}
    }
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let memory = Memory::new();
    let node = node(TCP, impatient(), &memory).await;
    let slow = Raw::connect(&node).await;
    let mut stream = slow.open().await.unwrap();
    stream.write_all(&[9, 0]).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
}

#[tokio::test]
async fn a_reader_that_does_not_read_loses_its_place() {
    let memory = Memory::new();
    let only_one = Limits {
        requests: 1,
        ..impatient()
    };
    let node = node(TCP, only_one, &memory).await;
    let root = memory.hold(&shard(14, 1));
    let lazy = Raw::connect(&node).await;
    let stream = lazy
        .request(&Request::Get {
            root,
            offset: 0,
            len: 16 << 20,
        })
        .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    is_served(&node, &memory).await;
    drop(stream);
}

#[tokio::test]
async fn bytes_beyond_the_announced_end_spoil_the_upload() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let flooder = Raw::connect(&node).await;
    let mut stream = flooder.request(&Request::Put(put_request(0))).await;
    assert_eq!(answer(&mut stream).await, Some(Answer::Ready));
    stream.write_all(&[1; 1_025]).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(
        answer(&mut stream).await,
        Some(Answer::Refused(Refusal::Malformed))
    );
    flooder.is_disconnected().await;
    assert!(memory.shards.lock().unwrap().is_empty());
    assert_eq!(memory.aborted.load(Ordering::SeqCst), 1);
    is_served(&node, &memory).await;
}

#[tokio::test]
async fn four_gigabytes_are_refused_by_their_announcement() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let flooder = Raw::connect(&node).await;
    let mut stream = flooder.open().await.unwrap();
    stream.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(
        answer(&mut stream).await,
        Some(Answer::Refused(Refusal::Malformed))
    );
    flooder.is_disconnected().await;
    is_served(&node, &memory).await;
}

#[tokio::test]
async fn who_sends_garbage_is_disconnected_and_kept_out() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let key = Keypair::generate_ed25519();
    let garbler = Raw::connect_as(key.clone(), &node).await;
    let mut stream = garbler.open().await.unwrap();
    send(&mut stream, &[0xff_u8; 500]).await;
    // The disconnection may overtake the refusal.
    let answered = answer(&mut stream).await;
    let refused = Answer::Refused(Refusal::Malformed);
    assert!(answered.is_none_or(|answer| answer == refused));
    garbler.is_disconnected().await;

    // The other side's handshake may succeed; then the connection closes at once.
    let again = Raw::connect_as(key, &node).await;
    again.is_disconnected().await;
    is_served(&node, &memory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_substreams_ends_in_disconnection_while_others_are_served() {
    let memory = Memory::new();
    let narrow = Limits {
        requests: 8,
        requests_per_peer: 4,
        refusals: 4,
        stream_burst: 50,
        streams_per_second: 1,
        ..limits()
    };
    let node = node(TCP, narrow, &memory).await;
    let flooder = Raw::connect(&node).await;
    let mut held = Vec::new();
    for round in 0..400 {
        if !flooder.is_connected() {
            break;
        }
        match flooder.open().await {
            // Nothing is ever asked: each takes its place until its deadline.
            Some(stream) => held.push(stream),
            None => break,
        }
        if round % 20 == 0 {
            is_served(&node, &memory).await;
        }
    }
    flooder.is_disconnected().await;
    is_served(&node, &memory).await;
}

#[tokio::test]
async fn an_answer_to_nobody_costs_nothing() {
    let memory = Memory::new();
    let node = node(TCP, limits(), &memory).await;
    let root = memory.hold(&shard(12, 1));
    let raw = Raw::connect(&node).await;
    for _ in 0..50 {
        let mut stream = raw
            .request(&Request::Get {
                root,
                offset: 0,
                len: 4 << 20,
            })
            .await;
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.unwrap();
    }
    is_served(&node, &memory).await;
}
