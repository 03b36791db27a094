//! The main job: store, prove, be paid, lose five nodes, read.

use neurostore_client::{Client, ClientLimits, ClientOptions, ProgressSink};
use neurostore_localnet::{SampleFile, Stored, Story};
use neurostore_primitives::NodeId;

use crate::{listener::Log, stage::Stage};

/// Blocks in which a node must not be asked for a proof while its shard is damaged.
const QUIET_BLOCKS: u32 = 4;

pub(crate) async fn a_file_survives_the_loss_of_five_nodes_and_not_of_a_sixth(
    stage: Stage,
) -> Option<Stage> {
    let Stage {
        mut story,
        files: stored,
        log,
    } = stage;
    for one in &stored {
        let read = story.download(one, ProgressSink::default()).await.unwrap();
        assert_eq!(read.size, one.size);
    }
    let file = &stored[0];

    one_node_serves_flipped_bytes(&mut story, file, &log).await;

    let tell = |proven: usize, all: usize| eprintln!("{proven} of {all} nodes have proven");
    let proven = story.wait_until_proven(file, &tell).await.unwrap();
    assert!(file
        .nodes()
        .iter()
        .all(|node| proven.accepted.contains_key(node)));
    let earnings = story.earnings(file).await.unwrap();
    assert_eq!(earnings.len(), file.nodes().len());
    let richest = story.richest(file).await.unwrap();
    let payment = story.withdraw(richest).await.unwrap();
    assert!(payment.amount > 0);

    let five = story.kill_five(file).await.unwrap();
    assert_eq!(five.members.len(), 5);
    for one in &stored {
        story.download(one, ProgressSink::default()).await.unwrap();
    }
    let six = story.kill_a_sixth(file, &five).await.unwrap();
    let error = six.error.clone().unwrap();
    assert!(
        error.contains("9 of 15 shards reachable, 10 needed"),
        "{error}"
    );
    let sixth = six.members[5];
    story.revive(&[sixth]).await.unwrap();
    story.download(file, ProgressSink::default()).await.unwrap();

    let processes = story.end().await.unwrap();
    assert_eq!(processes, 11, "five of sixteen were killed before the end");
    None
}

/// The file comes back right, and the log names the node.
async fn one_node_serves_flipped_bytes(story: &mut Story, file: &Stored, log: &Log) {
    // Ten shards are asked for, the data shards: a damaged one cannot be outrun by others.
    let limits = ClientLimits {
        first_reads: 10,
        ..ClientLimits::default()
    };
    let options = ClientOptions {
        limits,
        ..ClientOptions::default()
    };
    let reader = Client::connect(&story.network().chain_url(), options)
        .await
        .unwrap();
    let segment = reader
        .chain()
        .segment(&file.segments[0])
        .await
        .unwrap()
        .unwrap();
    let slot = &segment.slots[0];
    let member = story.network().number_of(slot.node).unwrap();

    wait_for_quiet(story, slot.node).await;
    story.network().corrupt_shard(member, &slot.root).unwrap();
    let path = story.folder().join("read-with-damage");
    let copy = tokio::fs::File::create(&path).await.unwrap();
    reader
        .get_to(&file.locator, copy, ProgressSink::default())
        .await
        .unwrap();
    story.network().corrupt_shard(member, &slot.root).unwrap();

    let copy = SampleFile::existing(&path).await.unwrap();
    assert_eq!(copy.digest, file.digest);
    let text = log.text();
    let named = text
        .lines()
        .any(|line| line.contains("WARN") && line.contains(&format!("node={}", slot.node)));
    assert!(named, "the log does not name node {}:\n{text}", slot.node);
    reader.shutdown().await;
}

/// Waits until a node is not about to be asked for a proof.
async fn wait_for_quiet(story: &Story, node: NodeId) {
    let chain = story.client().chain();
    loop {
        let (best, _) = chain.best_block().await.unwrap();
        let next = chain.next_challenge(node).await.unwrap();
        if next.is_none_or(|next| !next.open && next.opens_at >= best + QUIET_BLOCKS) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}
