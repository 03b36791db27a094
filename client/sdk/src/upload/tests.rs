//! A segment on its way to nodes of which some misbehave.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use neurostore_format::{cut, SegmentKey};
use neurostore_primitives::{SlotIndex, DATA_SHARDS};
use neurostore_swarm::PutRequest;

use super::{
    encode::{LeafChoice, Pass},
    fan_out::{send_shards, Failure, Sent, Target},
    spot_check::{spot_check, Distrust},
};
use crate::{
    limits::ClientLimits,
    network::memory::{Fault, Nodes, GENESIS, RESERVATION},
    progress::{Progress, ProgressSink},
    retry::RetryBudget,
    source::BytesSource,
};

/// Shards of 1 MiB: more than may wait between the encoder and a node.
fn content() -> Vec<u8> {
    (0..6_000_000u32)
        .map(|i| (i / 3 % 251).to_le_bytes()[0])
        .collect()
}

async fn send(nodes: &Nodes, slots: impl Fn(u8) -> bool, progress: ProgressSink) -> Sent {
    let bytes = content();
    let plan = cut(bytes.len() as u64).unwrap().remove(0);
    let class = plan.class();
    let targets = nodes
        .slots(|_| Default::default())
        .into_iter()
        .filter(|slot| slots(slot.slot.get()))
        .map(|slot| Target {
            request: PutRequest {
                reservation: RESERVATION,
                slot: slot.slot,
                class,
                len: class.shard_bytes(),
                owner: [0; 32],
                signature: [0; 64],
            },
            slot,
        })
        .collect();
    let pass = Pass {
        content: Arc::new(BytesSource::new(bytes)),
        leaves: LeafChoice::draw(&plan, &mut rand::thread_rng()),
        key: SegmentKey::from_bytes([5; 32]),
        plan,
    };
    let limits = ClientLimits {
        straggler_budget: Duration::from_millis(300),
        ..ClientLimits::default()
    };
    let budget = RetryBudget::new(20);
    send_shards(nodes, 0, pass, targets, &limits, &budget, &progress)
        .await
        .unwrap()
}

async fn send_all(nodes: &Nodes) -> Sent {
    send(nodes, |_| true, ProgressSink::default()).await
}

fn failures(sent: &Sent) -> BTreeMap<u8, String> {
    let failed = sent.results.iter().filter_map(|(slot, result)| {
        result
            .as_ref()
            .err()
            .map(|failure| (slot.get(), failure.to_string()))
    });
    failed.collect()
}

async fn check(nodes: &Nodes, sent: &Sent, slot: u8) -> Result<(), Distrust> {
    let index = SlotIndex::new(slot).unwrap();
    let stored = sent.results[&index].as_ref().unwrap();
    let at = nodes
        .slots(|_| Default::default())
        .remove(usize::from(slot));
    let class = cut(content().len() as u64).unwrap()[0].class();
    let kept = &sent.kept[&index];
    spot_check(nodes, &GENESIS, RESERVATION, class, &at, stored, kept)
        .await
        .map(drop)
}

#[tokio::test]
async fn fifteen_honest_nodes_store_and_prove_their_shards() {
    let nodes = Nodes::new();
    let total = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counter = Arc::clone(&total);
    let progress = ProgressSink::new(move |step| {
        if let Progress::Uploaded { bytes, .. } = step {
            counter.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        }
    });
    let sent = send(&nodes, |_| true, progress).await;
    assert!(failures(&sent).is_empty());
    for slot in 0..15 {
        check(&nodes, &sent, slot).await.unwrap();
    }
    let stored: usize = (0..15).map(|slot| nodes.shard(slot).len()).sum();
    assert_eq!(
        total.load(std::sync::atomic::Ordering::Relaxed),
        stored as u64
    );
}

#[tokio::test]
async fn nodes_that_fail_do_not_hold_up_the_others() {
    let nodes = Nodes::new();
    nodes.set(2, Fault::DiskFull);
    nodes.set(11, Fault::BreaksAfter(70_000));
    let failed = failures(&send_all(&nodes).await);
    assert_eq!(failed.keys().copied().collect::<Vec<_>>(), [2, 11]);
    assert!(failed[&2].contains("disk full"));
}

#[tokio::test]
async fn only_the_missing_shard_is_sent_again_and_it_is_the_same() {
    let nodes = Nodes::new();
    send_all(&nodes).await;
    let before = nodes.shard(12);
    let sent = send(&nodes, |slot| slot == 12, ProgressSink::default()).await;
    assert_eq!(sent.results.len(), 1);
    assert_eq!(nodes.shard(12), before);
    assert_eq!((nodes.asked(12), nodes.asked(3)), (2, 1));
}

#[tokio::test]
async fn a_node_that_has_not_seen_the_reservation_yet_is_asked_again() {
    let nodes = Nodes::new();
    nodes.set(0, Fault::Behind(2));
    nodes.set(1, Fault::Busy(1));
    let sent = send(&nodes, |slot| slot < 2, ProgressSink::default()).await;
    assert!(failures(&sent).is_empty());
    assert_eq!((nodes.asked(0), nodes.asked(1)), (3, 2));
}

#[tokio::test]
async fn a_node_that_does_not_own_the_slot_is_asked_once() {
    let nodes = Nodes::new();
    nodes.set(3, Fault::NotMine);
    let failed = failures(&send_all(&nodes).await);
    assert_eq!(failed.keys().copied().collect::<Vec<_>>(), [3]);
    assert!(failed[&3].contains("belongs to another node"), "{failed:?}");
    assert_eq!(nodes.asked(3), 1);
}

#[tokio::test]
async fn nodes_that_give_up_while_another_holds_them_up_did_not_fail() {
    let nodes = Nodes::new();
    nodes.set(6, Fault::Slow(Duration::from_secs(3600)));
    nodes.set(1, Fault::Impatient(Duration::from_millis(100)));
    let sent = send_all(&nodes).await;
    let failed: BTreeMap<u8, &Failure> = sent
        .results
        .iter()
        .filter_map(|(slot, result)| Some((slot.get(), result.as_ref().err()?)))
        .collect();
    assert!(matches!(failed[&1], Failure::Starved), "{failed:?}");
    assert!(matches!(failed[&6], Failure::Straggler(_)), "{failed:?}");
}

#[tokio::test]
async fn a_node_that_everybody_waits_for_is_left_behind() {
    let nodes = Nodes::new();
    nodes.set(6, Fault::Slow(Duration::from_secs(3600)));
    // Its task would sleep on: the upload of the others must not wait for it.
    let sent = tokio::time::timeout(Duration::from_secs(60), send_all(&nodes))
        .await
        .unwrap();
    let failed = failures(&sent);
    assert_eq!(failed.len(), 1);
    assert!(failed[&6].contains("too slow"), "{failed:?}");
}

#[tokio::test]
async fn a_node_that_stores_other_bytes_is_found_out() {
    let nodes = Nodes::new();
    nodes.set(9, Fault::Corrupts);
    let sent = send_all(&nodes).await;
    assert!(matches!(
        check(&nodes, &sent, 9).await,
        Err(Distrust::Leaf(_))
    ));
    assert!(check(&nodes, &sent, 8).await.is_ok());
}

#[tokio::test]
async fn a_receipt_of_another_key_is_no_receipt() {
    let nodes = Nodes::new();
    let mut sent = send_all(&nodes).await;
    let foreign = sent.results[&SlotIndex::new(1).unwrap()]
        .as_ref()
        .unwrap()
        .signature;
    if let Some(Ok(stored)) = sent.results.get_mut(&SlotIndex::new(0).unwrap()) {
        stored.signature = foreign;
    }
    assert!(matches!(
        check(&nodes, &sent, 0).await,
        Err(Distrust::Signature)
    ));
}

#[tokio::test]
async fn when_every_node_fails_the_upload_ends() {
    let nodes = Nodes::new();
    (0..15).for_each(|slot| nodes.set(slot, Fault::DiskFull));
    let sent = send_all(&nodes).await;
    assert_eq!(failures(&sent).len(), 15);
    assert!(sent.kept.len() <= DATA_SHARDS + 5);
}
