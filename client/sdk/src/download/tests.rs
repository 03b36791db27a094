//! A segment read from nodes of which some misbehave.

use std::{ops::Range, sync::Arc, time::Duration};

use neurostore_format::{cut, Mode, SegmentEncoder, SegmentKey};
use neurostore_primitives::{SlotIndex, TOTAL_SHARDS};
use tokio::sync::mpsc;

use super::{
    reader::{read_segment, Output, Stop},
    Layout, OpenSegment, Place,
};
use crate::{
    error::GetError,
    limits::ClientLimits,
    network::memory::{Fault, Nodes},
    progress::ProgressSink,
    retry::RetryBudget,
};

const SIZE: usize = 3_000_000;

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i / 7 % 253).to_le_bytes()[0]).collect()
}

/// Nodes that hold an object of this size, and its opened segment.
fn stored(size: usize) -> (Nodes, OpenSegment) {
    let (nodes, key) = (Nodes::new(), SegmentKey::from_bytes([6; 32]));
    let plan = cut(size as u64).unwrap().remove(0);
    let mut encoder = SegmentEncoder::new(&key, &plan, Mode::Private).unwrap();
    let mut shards = vec![Vec::new(); TOTAL_SHARDS];
    let mut keep = |stripe: neurostore_format::Stripe| {
        SlotIndex::all().for_each(|slot| shards[slot.index()].extend_from_slice(stripe.unit(slot)));
    };
    let bytes = content(size);
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        encoder.write(&mut rest).unwrap().map(&mut keep);
    }
    while let Some(stripe) = encoder.finish().unwrap() {
        keep(stripe);
    }
    let layout = plan.layout();
    let record = nodes.fill(plan.class(), layout.ciphertext_len(), shards);
    let layout = Layout::from_chain(record.class, record.ciphertext_len).unwrap();
    let open = OpenSegment::new(record, layout, &key, Place::Root).unwrap();
    (nodes, open)
}

async fn read(nodes: &Nodes, open: OpenSegment, range: Range<u64>) -> Result<Vec<u8>, GetError> {
    let limits = ClientLimits {
        hedge_after: Duration::from_millis(50),
        ..ClientLimits::default()
    };
    let (sender, mut pieces) = mpsc::channel(1);
    let output = Output {
        sender,
        progress: ProgressSink::default(),
    };
    let budget = RetryBudget::new(limits.retries);
    let open = Arc::new(open);
    let reading = async {
        let outcome = read_segment(&open, range, nodes, &limits, &budget, &output).await;
        drop(output);
        outcome
    };
    let collecting = async {
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        bytes
    };
    match tokio::join!(reading, collecting) {
        (Ok(()), bytes) => Ok(bytes),
        (Err(Stop::Failed(error)), _) => Err(error),
        (Err(Stop::NobodyListens), _) => panic!("somebody listens"),
    }
}

async fn read_whole(nodes: &Nodes, open: OpenSegment) -> Result<Vec<u8>, GetError> {
    read(nodes, open, 0..SIZE as u64).await
}

#[tokio::test]
async fn an_object_comes_back_and_twelve_nodes_are_asked() {
    let (nodes, open) = stored(SIZE);
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
    let asked = (0..15).filter(|slot| nodes.asked(*slot) > 0).count();
    assert!(asked <= 12, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn five_lost_shards_do_no_harm() {
    let (nodes, open) = stored(SIZE);
    for slot in [0, 3, 9, 11, 14] {
        nodes.set(slot, Fault::DiskFull);
    }
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
}

#[tokio::test(start_paused = true)]
async fn six_lost_shards_are_counted_and_named() {
    let (nodes, open) = stored(SIZE);
    for slot in [0, 3, 9, 11, 13, 14] {
        nodes.set(slot, Fault::DiskFull);
    }
    let text = read_whole(&nodes, open).await.unwrap_err().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "9 of 15 shards reachable, 10 needed");
    assert!(
        lines[1].starts_with("  slot 0: node 100 (12D3KooW"),
        "{text}"
    );
    assert!(lines[1].ends_with("refused: disk full"), "{text}");
    assert_eq!(lines.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn nodes_that_are_busy_for_a_moment_are_asked_again() {
    let (nodes, open) = stored(SIZE);
    (0..15).for_each(|slot| nodes.set(slot, Fault::Busy(2)));
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
}

#[tokio::test]
async fn damaged_units_are_replaced_from_parity() {
    let (nodes, open) = stored(SIZE);
    for slot in [1, 4, 10] {
        nodes.set(slot, Fault::Corrupts);
    }
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_breaks_in_the_middle_goes_on_elsewhere() {
    let (nodes, open) = stored(SIZE);
    for slot in [0, 1, 2, 3, 4] {
        nodes.set(slot, Fault::BreaksAfter(100_000));
    }
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
}

#[tokio::test(start_paused = true)]
async fn slow_nodes_are_overtaken() {
    let (nodes, open) = stored(SIZE);
    for slot in [0, 1, 2, 3, 4] {
        nodes.set(slot, Fault::Slow(Duration::from_secs(600)));
    }
    let begun = tokio::time::Instant::now();
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_small_range_asks_only_the_node_that_holds_it() {
    let (nodes, open) = stored(SIZE);
    let bytes = read(&nodes, open, 70_000..70_100).await.unwrap();
    assert_eq!(bytes, content(SIZE)[70_000..70_100]);
    let asked: Vec<u8> = (0..15).filter(|slot| nodes.asked(*slot) > 0).collect();
    assert_eq!(asked, [1]);
}

#[tokio::test(start_paused = true)]
async fn a_small_range_is_rebuilt_where_its_node_is_gone() {
    let (nodes, open) = stored(SIZE);
    for slot in [1, 5, 12, 13, 14] {
        nodes.set(slot, Fault::DiskFull);
    }
    let bytes = read(&nodes, open, 70_000..70_100).await.unwrap();
    assert_eq!(bytes, content(SIZE)[70_000..70_100]);
}

#[tokio::test]
async fn the_head_is_read_from_any_units() {
    let (nodes, mut open) = stored(SIZE);
    nodes.set(0, Fault::DiskFull);
    nodes.set(2, Fault::Corrupts);
    let (limits, budget) = (ClientLimits::default(), RetryBudget::new(10));
    let head = open.open_head(&nodes, &limits, &budget).await.unwrap();
    assert_eq!(head.content_len, SIZE as u64);
    assert_eq!(read_whole(&nodes, open).await.unwrap(), content(SIZE));
}

#[tokio::test]
async fn another_key_is_told_from_damage() {
    let (nodes, open) = stored(SIZE);
    let other = SegmentKey::from_bytes([9; 32]);
    let mut open = OpenSegment::new(open.record, open.layout, &other, Place::Root).unwrap();
    let (limits, budget) = (ClientLimits::default(), RetryBudget::new(10));
    let error = open.open_head(&nodes, &limits, &budget).await.unwrap_err();
    assert!(matches!(error, GetError::WrongKey(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_tiny_object_needs_only_the_shards_that_hold_something() {
    let (nodes, open) = stored(5);
    for slot in 1..14 {
        nodes.set(slot, Fault::DiskFull);
    }
    assert_eq!(read(&nodes, open, 0..5).await.unwrap(), content(5));
}

#[tokio::test(start_paused = true)]
async fn shards_that_hold_nothing_are_never_asked() {
    let (nodes, open) = stored(5);
    for slot in [0, 10, 11, 12, 13] {
        nodes.set(slot, Fault::DiskFull);
    }
    assert_eq!(read(&nodes, open, 0..5).await.unwrap(), content(5));
    let asked: Vec<u8> = (1..10).filter(|slot| nodes.asked(*slot) > 0).collect();
    assert!(asked.is_empty(), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn shards_that_hold_nothing_do_not_stand_in_for_lost_ones() {
    let (nodes, open) = stored(5);
    for slot in [0, 10, 11, 12, 13, 14] {
        nodes.set(slot, Fault::DiskFull);
    }
    let text = read(&nodes, open, 0..5).await.unwrap_err().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "9 of 15 shards reachable, 10 needed");
    assert_eq!(lines.len(), 7, "{text}");
}
