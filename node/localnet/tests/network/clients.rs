//! Two clients that know nothing but the chain's metadata store a segment each: one with
//! polkadot.js, one with subxt.

use neurostore_chain::{verify_sr25519, AccountId, Call, Signer, SpacetimeError};
use neurostore_client::{Client, ClientOptions};
use neurostore_primitives::{
    receipt_payload, segment_id, upload_payload, PeerKey, Receipt, ReservationId, ShardClass,
    ShardRoot, SlotIndex, WindowIndex, PROOF_BYTES, TOTAL_SHARDS,
};
use neurostore_swarm::{peer_id_from_key, PutRequest};

use crate::{polkadot_js, stage::Stage};

/// Windows that a segment is paid for.
const WINDOWS: u32 = 5;

pub(crate) async fn polkadot_js_and_subxt_store_a_segment_without_custom_types(
    stage: Stage,
) -> Option<Stage> {
    polkadot_js::install().await;
    let network = stage.story.network();
    let url = network.chain_url();
    let client = Client::connect(&url, ClientOptions::default())
        .await
        .unwrap();

    subxt_stores_a_segment(&client).await;
    an_answer_that_does_not_count_is_refused_by_name(&client).await;
    polkadot_js::stores_a_segment(&url, &client).await;
    polkadot_js::looks_around(&url, network.members().len()).await;

    client.shutdown().await;
    Some(stage)
}

/// The pool refuses it with a number, before it takes the room of others' answers.
async fn an_answer_that_does_not_count_is_refused_by_name(client: &Client) {
    let nobodys = Signer::development("Dave").unwrap();
    let answer = Call::submit_proof(WindowIndex(1), [1; 32], &[0; PROOF_BYTES]);
    let error = client.chain().submit(&nobodys, answer).await.unwrap_err();
    assert!(error.is_refusal(SpacetimeError::UnknownNode), "{error}");
}

async fn subxt_stores_a_segment(client: &Client) {
    let chain = client.chain();
    let owner = Signer::development("Dave").unwrap();
    let class = ShardClass::default();
    let quote = chain.quote(class, WINDOWS).await.unwrap().unwrap();
    assert!(quote.rent > 0);
    let id = chain
        .reserve(&owner, class, class.segment_bytes(), WINDOWS)
        .await
        .unwrap();
    let drawn = chain.wait_drawn(id).await.unwrap();
    assert_eq!(drawn.slots.len(), TOTAL_SHARDS);
    assert_eq!(drawn.rent, quote.rent);

    let mut receipts = Vec::new();
    for slot in &drawn.slots {
        let place = Place {
            reservation: id,
            slot: slot.slot,
            peer: slot.peer_key,
        };
        receipts.push(upload(client, &owner, place, &slot.account).await);
    }
    let segment = chain.commit(&owner, id, receipts.clone()).await.unwrap();

    let roots: Vec<ShardRoot> = receipts.iter().map(|receipt| receipt.root).collect();
    let roots: [ShardRoot; TOTAL_SHARDS] = roots.try_into().unwrap();
    assert_eq!(segment, segment_id(class, class.segment_bytes(), &roots));
    let found = chain.segment(&segment).await.unwrap().unwrap();
    assert!(found
        .slots
        .iter()
        .zip(&drawn.slots)
        .all(|(is, was)| is.node == was.node));
    let owners: Vec<AccountId> = found.agreements.iter().map(|a| a.owner).collect();
    assert_eq!(owners, [owner.account_id()]);
    let challenge = chain
        .next_challenge(found.slots[0].node)
        .await
        .unwrap()
        .unwrap();
    assert!(challenge.deadline > challenge.opens_at);
}

/// Where a shard goes.
pub(crate) struct Place {
    pub(crate) reservation: ReservationId,
    pub(crate) slot: SlotIndex,
    pub(crate) peer: PeerKey,
}

/// Uploads a shard of one leaf and checks the receipt.
pub(crate) async fn upload(
    client: &Client,
    owner: &Signer,
    place: Place,
    account: &AccountId,
) -> Receipt {
    let Place {
        reservation,
        slot,
        peer,
    } = place;
    let class = ShardClass::default();
    let genesis = client.chain().genesis();
    let request = PutRequest {
        reservation,
        slot,
        class,
        len: class.shard_bytes(),
        owner: owner.account_id().0,
        signature: owner.sign(&upload_payload(&genesis, reservation, slot)),
    };
    // What the shards hold is nobody's business but the owner's: any bytes will do.
    let body = vec![slot.get() ^ reservation.0.to_le_bytes()[0]; 1024];
    let peer = peer_id_from_key(&peer).unwrap();
    let stored = client
        .swarm()
        .put_shard(peer, request, body.as_slice(), |_| {})
        .await
        .unwrap();
    let payload = receipt_payload(&genesis, reservation, slot, class, &stored.root);
    assert!(verify_sr25519(&account.0, &payload, &stored.signature));
    Receipt {
        root: stored.root,
        signature: stored.signature,
    }
}
