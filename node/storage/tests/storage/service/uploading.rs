//! Uploads and reads over a real swarm.

use neurostore_chain::{verify_sr25519, Signer};
use neurostore_poseidon::{shard_root, verify_path, Path};
use neurostore_primitives::{receipt_payload, upload_payload, ReservationId, ShardRoot, SlotIndex};
use neurostore_swarm::{PutRequest, Refusal, ShardError, StoredShard};
use tokio::io::AsyncReadExt;

use super::{chain::GENESIS, world::*};
use crate::store::setting::{bytes, class};

fn refusal(answer: Result<StoredShard, ShardError>) -> Refusal {
    match answer {
        Err(ShardError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_shard_is_receipted_by_the_node_account_and_read_back() {
    let setting = setting().await;
    let data = bytes(class(9), 1);
    let stored = setting.store(4, class(9), &data).await;
    let (root, _) = shard_root(class(9), &data).unwrap();
    assert_eq!(stored.root, root);
    let slot = SlotIndex::new(0).unwrap();
    let payload = receipt_payload(&GENESIS, ReservationId(4), slot, class(9), &root);
    assert!(verify_sr25519(
        &setting.node.account().0,
        &payload,
        &stored.signature
    ));

    let peer = setting.node.peer_id();
    let mut read = Vec::new();
    let mut body = setting
        .client()
        .get_range(peer, root, 1000, 300_000)
        .await
        .unwrap();
    body.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, data[1000..301_000]);

    let leaves = setting
        .client()
        .get_leaves(peer, root, &[0, 511, 77])
        .await
        .unwrap();
    for (index, answer) in [0u16, 511, 77].into_iter().zip(leaves) {
        let path: Path = codec::Decode::decode(&mut &answer.path[..]).unwrap();
        assert!(verify_path(&root, &answer.leaf, index, &path));
        let at = usize::from(index) * 1024;
        assert_eq!(answer.leaf[..], data[at..at + 1024]);
    }
    let status = setting.node.status();
    assert_eq!((status.uploads.receipted, status.uploads.running), (1, 0));
    assert_eq!(status.store.occupancy.stored_bytes, 512 << 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploading_again_gives_the_receipt_again() {
    let setting = setting().await;
    let data = bytes(class(2), 1);
    let first = setting.store(4, class(2), &data).await;
    let again = setting
        .put(setting.request(4, 0, class(2)), &data)
        .await
        .unwrap();
    assert_eq!(again.root, first.root);
    assert_eq!(setting.node.status().store.occupancy.shards, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_for_a_receipted_slot_is_refused() {
    let setting = setting().await;
    setting.store(4, class(2), &bytes(class(2), 1)).await;
    let other = setting
        .put(setting.request(4, 0, class(2)), &bytes(class(2), 2))
        .await;
    assert_eq!(refusal(other), Refusal::NotReserved);
    assert_eq!(setting.node.status().store.occupancy.shards, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_did_not_draw_is_refused_before_a_byte_flows() {
    let setting = setting().await;
    setting
        .chain
        .reserve(4, &setting.owner, class(2), setting.id);
    let good = setting.request(4, 0, class(2));
    let stranger = Signer::generate().unwrap();
    let slot = SlotIndex::new(0).unwrap();
    let strangers = PutRequest {
        owner: stranger.account_id().0,
        signature: stranger.sign(&upload_payload(&GENESIS, ReservationId(4), slot)),
        ..good.clone()
    };
    let other_chain = PutRequest {
        signature: setting
            .owner
            .sign(&upload_payload(&[8; 32], ReservationId(4), slot)),
        ..good.clone()
    };
    let cases = [
        (strangers, Refusal::BadSignature),
        (other_chain, Refusal::BadSignature),
        (setting.request(4, 0, class(3)), Refusal::WrongClass),
        (setting.request(4, 14, class(2)), Refusal::WrongSlot),
        (setting.request(5, 0, class(2)), Refusal::NotReserved),
    ];
    for (request, expected) in cases {
        let blocks = tokio::spawn({
            let chain = setting.chain.clone();
            async move {
                // The node waits for a block where the reservation may only be late.
                loop {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    chain.tick();
                }
            }
        });
        let data = bytes(request.class, 1);
        assert_eq!(refusal(setting.put(request, &data).await), expected);
        blocks.abort();
    }
    assert_eq!(setting.node.status().store.occupancy.shards, 0);
    assert_eq!(setting.node.status().store.occupancy.incoming_bytes, 0);
    assert_eq!(setting.node.status().uploads.refused["WrongSlot"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_the_own_endpoint_hears_of_late_is_waited_for() {
    let setting = setting().await;
    let data = bytes(class(2), 1);
    let upload = setting.put(setting.request(4, 0, class(2)), &data);
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        setting
            .chain
            .reserve(4, &setting.owner, class(2), setting.id);
        setting.chain.tick();
    };
    let (stored, ()) = tokio::join!(upload, late);
    assert!(stored.is_ok(), "{stored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_wait_for_a_reservation_are_few_and_block_no_others() {
    let setting = setting().await;
    let setting = &setting;
    let data = bytes(class(2), 1);
    let data = &data;
    let late =
        (1..=3u64).map(|number| Box::pin(setting.put(setting.request(number, 0, class(2)), data)));
    // No block comes: who may not wait is refused now, and takes nobody's place.
    let (refused, _, still_waiting) = futures::future::select_all(late).await;
    assert_eq!(refusal(refused), Refusal::NotReserved);
    setting.store(4, class(2), data).await;
    drop(still_waiting);
    assert_eq!(setting.node.status().store.occupancy.shards, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_chain_nothing_is_taken_but_everything_is_served() {
    let setting = setting().await;
    let data = bytes(class(2), 1);
    let stored = setting.store(4, class(2), &data).await;
    setting.chain.world().silent = true;
    let answer = setting.put(setting.request(4, 1, class(2)), &data).await;
    assert_eq!(refusal(answer), Refusal::ChainUnreachable);
    let peer = setting.node.peer_id();
    assert!(setting
        .client()
        .get_range(peer, stored.root, 0, 10)
        .await
        .is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_damaged_shards_are_told_apart() {
    let setting = setting().await;
    let data = bytes(class(2), 1);
    let stored = setting.store(4, class(2), &data).await;
    let peer = setting.node.peer_id();
    let unknown = setting
        .client()
        .get_leaves(peer, ShardRoot([1; 32]), &[0])
        .await;
    assert!(
        matches!(unknown, Err(ShardError::Refused(Refusal::UnknownShard))),
        "{unknown:?}"
    );
    let beyond = setting.client().get_leaves(peer, stored.root, &[4]).await;
    assert!(
        matches!(beyond, Err(ShardError::Refused(Refusal::OutOfRange))),
        "{beyond:?}"
    );
    let file = crate::store::setting::shard_file(setting.folder.path(), &stored.root);
    std::fs::write(file, vec![0; 4096]).unwrap();
    let damaged = setting.client().get_leaves(peer, stored.root, &[0]).await;
    assert!(
        matches!(damaged, Err(ShardError::Refused(Refusal::Damaged))),
        "{damaged:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_uploads_at_once_are_all_stored() {
    let setting = setting().await;
    let setting = &setting;
    let uploads = (0..12u64).map(|seed| async move {
        let data = bytes(class(7), seed);
        let root = shard_root(class(7), &data).unwrap().0;
        assert_eq!(setting.store(seed, class(7), &data).await.root, root);
    });
    futures::future::join_all(uploads).await;
    assert_eq!(setting.node.status().store.occupancy.shards, 12);
}
