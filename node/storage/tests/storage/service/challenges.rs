//! Answering challenges: in time, anew after a fork, and never with a wrong proof.

use neurostore_poseidon::statement;
use neurostore_primitives::{
    ChallengeInfo, CircuitId, FaultReason, HeldShardInfo, SampleInfo, SegmentId, ShardRoot,
    SlotIndex, WindowIndex, WindowOutcome,
};
use neurostore_storage::{Stage, WindowState};
use neurostore_verifier::{admit, development_key, verify};

use super::world::*;
use crate::store::setting::{bytes, class, shard_file};

const SAMPLES: u16 = 4;

/// A challenge over leaves of one shard of class 5, and its samples.
fn challenge(
    setting: &Setting,
    window: u32,
    root: ShardRoot,
    context: [u8; 31],
) -> (ChallengeInfo, Vec<SampleInfo>) {
    let samples: Vec<_> = (0..SAMPLES)
        .map(|number| SampleInfo {
            segment: SegmentId([3; 32]),
            slot: SlotIndex::new(2).unwrap(),
            class: class(5),
            root,
            leaf: (number * 7 + u16::from(context[0])) % 32,
        })
        .collect();
    let roots = vec![root; usize::from(SAMPLES)];
    let leaves: Vec<_> = samples.iter().map(|sample| sample.leaf).collect();
    let challenge = ChallengeInfo {
        node: setting.id,
        window: WindowIndex(window),
        open: true,
        opens_at: 10,
        deadline: 100_000,
        circuit: CircuitId(SAMPLES),
        samples: SAMPLES,
        statement: statement(&context, &roots, &leaves).unwrap(),
        context,
    };
    (challenge, samples)
}

fn open(setting: &Setting, window: u32, root: ShardRoot, context: [u8; 31]) {
    let (challenge, samples) = challenge(setting, window, root, context);
    let mut world = setting.chain.world();
    world.challenge = Some(challenge);
    world.samples = samples;
    drop(world);
    setting.chain.tick();
}

/// A shard whose bytes changed on the disk, in a window that asks for it; its bytes as they should
/// be, and its root.
async fn damaged_and_asked_for(setting: &Setting) -> (Vec<u8>, ShardRoot) {
    let data = bytes(class(5), 1);
    let stored = setting.store(1, class(5), &data).await;
    let file = shard_file(setting.folder.path(), &stored.root);
    std::fs::write(file, vec![1; data.len()]).unwrap();
    open(setting, 7, stored.root, [1; 31]);
    let named = || async { !setting.node.status().missing_shards.is_empty() };
    setting.blocks_until("the shard is named", named).await;
    (data, stored.root)
}

fn assert_valid(statement: &[u8; 32], proof: &[u8]) {
    let key = admit(development_key(CircuitId(SAMPLES)).unwrap(), 1).unwrap();
    verify(&key, &[*statement], proof).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_challenge_is_answered_with_a_valid_proof() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    open(&setting, 7, stored.root, [1; 31]);
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
    let (window, statement, proof) = setting.chain.world().proofs[0].clone();
    assert_eq!(window, WindowIndex(7));
    assert_valid(&statement, &proof);
    let status = setting.node.status();
    assert_eq!(status.proofs.windows[0].state, WindowState::Accepted);
    assert!(status.proofs.windows[0].proving_ms.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_in_the_middle_of_a_window_still_answers_it() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    let (challenge, samples) = challenge(&setting, 3, stored.root, [1; 31]);
    let (chain, folder, id) = (setting.chain.clone(), setting.folder, setting.id);
    setting.node.shutdown().await;
    chain.world().challenge = Some(challenge);
    chain.world().samples = samples;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let setting = start(folder, chain, id).await;
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_proven_after_the_index_was_lost() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    let (challenge, samples) = challenge(&setting, 3, stored.root, [1; 31]);
    let (chain, folder, id) = (setting.chain.clone(), setting.folder, setting.id);
    setting.node.shutdown().await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    // Its claim is lost with the index: only its segment keeps it.
    chain.world().held.push(HeldShardInfo {
        segment: SegmentId([3; 32]),
        slot: SlotIndex::new(2).unwrap(),
        class: class(5),
        root: stored.root,
    });
    chain.world().challenge = Some(challenge);
    chain.world().samples = samples;
    let setting = start(folder, chain, id).await;
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
    assert_eq!(setting.node.status().missing_shards, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_with_another_challenge_is_answered_anew() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    // No proof of the first challenge arrives, however far it gets.
    setting.chain.world().lose_proofs = u32::MAX;
    open(&setting, 7, stored.root, [1; 31]);
    let lost = || async { setting.chain.world().lose_proofs < u32::MAX };
    setting.blocks_until("a proof was lost", lost).await;
    open(&setting, 7, stored.root, [2; 31]);
    setting.chain.world().lose_proofs = 0;
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
    let proofs = setting.chain.world().proofs.clone();
    let (_, statement, proof) = proofs.last().unwrap();
    assert_valid(statement, proof);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_proof_is_sent_again() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    setting.chain.world().lose_proofs = 2;
    open(&setting, 7, stored.root, [1; 31]);
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
    assert_eq!(setting.chain.world().lose_proofs, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_the_chain_would_refuse_is_not_sent() {
    let setting = setting().await;
    let stored = setting.store(1, class(5), &bytes(class(5), 1)).await;
    setting.chain.world().has_other_key = true;
    open(&setting, 7, stored.root, [1; 31]);
    let told = || async {
        let windows = setting.node.status().proofs.windows;
        let mut troubles = windows.iter().filter_map(|window| window.trouble.clone());
        troubles.any(|trouble| trouble.contains("is not the one that the chain's verifying key"))
    };
    setting.blocks_until("the page says why", told).await;
    assert!(setting.chain.world().proofs.is_empty());
    assert_eq!(setting.node.status().stage, Stage::Blocked);
    let concerns = setting.node.status().concerns;
    assert!(concerns
        .iter()
        .any(|concern| concern.contains("proving key")));
    // The proof is asked about again, and no second one is made.
    let asked = || async { setting.chain.world().checked.len() >= 3 };
    setting.blocks_until("it is asked about again", asked).await;
    let checked = setting.chain.world().checked.clone();
    assert!(checked.iter().all(|proof| *proof == checked[0]));
    // With the right key the window is still proven.
    setting.chain.world().has_other_key = false;
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
    assert_eq!(setting.node.status().stage, Stage::Serving);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_shard_is_named_and_no_proof_is_sent() {
    let setting = setting().await;
    let (_, root) = damaged_and_asked_for(&setting).await;
    let missing = setting.node.status().missing_shards[0].clone();
    assert_eq!((missing.root, missing.slot), (root.to_string(), 2));
    let trouble = || async {
        let windows = setting.node.status().proofs.windows;
        windows.first().is_some_and(|note| note.trouble.is_some())
    };
    setting.blocks_until("the trouble is shown", trouble).await;
    {
        let mut world = setting.chain.world();
        let missed = WindowOutcome::Missed {
            at: 20,
            reason: FaultReason::NoAnswer,
        };
        world.outcomes.insert(WindowIndex(7), missed);
        world.challenge = None;
    }
    let counted = || async { setting.node.status().proofs.missed == 1 };
    setting.blocks_until("the miss is counted", counted).await;
    assert_eq!(setting.chain.world().proofs, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_that_went_by_without_the_node_are_counted() {
    let setting = setting().await;
    let (mut next, _) = challenge(&setting, 7, ShardRoot::default(), [1; 31]);
    next.open = false;
    next.opens_at = 1_000;
    next.deadline = 1_008;
    setting.chain.world().challenge = Some(next);
    let heard = || async { setting.node.status().challenge.is_some() };
    setting
        .blocks_until("the challenge is heard of", heard)
        .await;
    {
        // As when the chain is reached again after a while.
        let mut world = setting.chain.world();
        let missed = WindowOutcome::Missed {
            at: 1_000,
            reason: FaultReason::NoAnswer,
        };
        world.outcomes.insert(WindowIndex(7), missed);
        world.outcomes.insert(WindowIndex(8), missed);
        next.window = WindowIndex(10);
        world.challenge = Some(next);
    }
    let counted = || async { setting.node.status().proofs.missed == 2 };
    setting
        .blocks_until("the misses are counted", counted)
        .await;
    let windows = setting.node.status().proofs.windows;
    let missed = windows
        .iter()
        .filter(|note| note.state == WindowState::Missed);
    assert_eq!(missed.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_is_repaired_in_time_is_proven_after_all() {
    let setting = setting().await;
    let (data, _) = damaged_and_asked_for(&setting).await;
    setting
        .put(setting.request(1, 0, class(5)), &data)
        .await
        .unwrap();
    let answered = || async { setting.node.status().proofs.accepted == 1 };
    setting
        .blocks_until("the proof is accepted", answered)
        .await;
}
