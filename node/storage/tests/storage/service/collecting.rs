//! Garbage collection against the chain's word.

use std::time::Duration;

use neurostore_primitives::{HeldShardInfo, ReservationId, SegmentId, ShardRoot, SlotIndex};

use neurostore_storage::{ChainAccess, Stage};

use super::{chain::WINDOW_BLOCKS, world::*};
use crate::store::setting::{bytes, class};

fn held(root: ShardRoot) -> HeldShardInfo {
    HeldShardInfo {
        segment: SegmentId([5; 32]),
        slot: SlotIndex::new(0).unwrap(),
        class: class(2),
        root,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_no_segment_and_no_reservation_needs_is_deleted() {
    let setting = setting().await;
    let in_segment = setting.store(1, class(2), &bytes(class(2), 1)).await.root;
    let reserved = setting.store(2, class(2), &bytes(class(2), 2)).await.root;
    let lapsed = setting.store(3, class(2), &bytes(class(2), 3)).await.root;
    {
        let mut world = setting.chain.world();
        world.held.push(held(in_segment));
        world.reservations.remove(&ReservationId(1));
        world.reservations.remove(&ReservationId(3));
    }
    let marked = || async { setting.node.status().store.occupancy.removed_shards == 1 };
    setting
        .blocks_until("the lapsed shard is marked", marked)
        .await;
    assert!(
        setting.node.store().range(&lapsed, 0, 10).is_ok(),
        "still kept"
    );
    let deleted = || async { setting.node.store().record(&lapsed).unwrap().is_none() };
    setting
        .blocks_until("the lapsed shard is deleted", deleted)
        .await;
    for root in [in_segment, reserved] {
        assert!(setting.node.store().range(&root, 0, 10).is_ok());
    }
    assert_eq!(setting.node.status().missing_shards, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_while_the_endpoint_catches_up() {
    let setting = setting().await;
    let root = setting.store(1, class(2), &bytes(class(2), 1)).await.root;
    // As at the beginning of the chain: nobody has heard of the shard yet.
    setting.chain.world().behind = Duration::from_secs(3_600);
    setting.chain.world().reservations.clear();
    let best = || async { setting.chain.best_block().await.unwrap().0 };
    let enough = best().await + 8 * WINDOW_BLOCKS;
    let passed = || async { best().await >= enough };
    setting.blocks_until("windows went by", passed).await;
    let occupancy = setting.node.status().store.occupancy;
    assert_eq!(occupancy.removed_shards, 0);
    let told = || async { setting.node.status().stage == Stage::WaitingForChain };
    setting.blocks_until("the page says so", told).await;
    assert!(setting.node.store().range(&root, 0, 10).is_ok());
    // Its present says the same: now it counts.
    setting.chain.world().behind = Duration::ZERO;
    let marked = || async { setting.node.status().store.occupancy.removed_shards == 1 };
    setting.blocks_until("it is marked", marked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_shard_that_a_segment_holds_after_all_is_kept() {
    let setting = setting().await;
    let root = setting.store(1, class(2), &bytes(class(2), 1)).await.root;
    setting.chain.world().reservations.clear();
    let marked = || async { setting.node.status().store.occupancy.removed_shards == 1 };
    setting.blocks_until("it is marked", marked).await;
    setting.chain.world().held.push(held(root));
    let kept = || async { setting.node.status().store.occupancy.removed_shards == 0 };
    setting.blocks_until("the mark is taken off", kept).await;
    assert!(setting.node.store().range(&root, 0, 10).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_changes_while_it_is_read_is_read_anew() {
    let setting = setting().await;
    setting.chain.world().held.push(held(ShardRoot([4; 32])));
    let named = || async { !setting.node.status().missing_shards.is_empty() };
    setting.blocks_until("it is named", named).await;
    setting.chain.world().hide_held_once = true;
    let read = || async { !setting.chain.world().hide_held_once };
    setting.blocks_until("the list was read", read).await;
    let best = || async { setting.chain.best_block().await.unwrap().0 };
    let enough = best().await + 2 * WINDOW_BLOCKS;
    let passed = || async {
        let is_named = !setting.node.status().missing_shards.is_empty();
        assert!(
            is_named,
            "the reading in which it was hidden does not count alone"
        );
        best().await >= enough
    };
    setting.blocks_until("windows went by", passed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_the_chain_expects_and_that_is_not_here_is_named() {
    let setting = setting().await;
    setting.chain.world().held.push(held(ShardRoot([4; 32])));
    let named = || async { setting.node.status().missing_shards.len() == 1 };
    setting.blocks_until("it is named", named).await;
    let missing = setting.node.status().missing_shards[0].clone();
    assert_eq!(missing.root, ShardRoot([4; 32]).to_string());
    assert!(missing.reason.contains("not stored"));
}
