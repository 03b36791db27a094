//! A network whose nodes prove with the production circuit.

use neurostore_client::ProgressSink;
use neurostore_localnet::{NetworkOptions, SampleFile, Story};
use neurostore_primitives::SAMPLES_PRODUCTION;

use crate::start;

const FILE_BYTES: u64 = (3 << 20) + 77;

#[tokio::test(flavor = "multi_thread")]
async fn every_node_proves_with_the_production_circuit() {
    let network = start(NetworkOptions {
        production_circuit: true,
        ..NetworkOptions::default()
    })
    .await;
    let mut story = Story::begin(network).await.unwrap();
    let path = story.folder().join("file");
    let file = SampleFile::random(&path, FILE_BYTES, 1).await.unwrap();
    let stored = story.store(&file, ProgressSink::default()).await.unwrap();

    let chain = story.client().chain();
    for node in stored.nodes() {
        let challenge = chain.next_challenge(node).await.unwrap().unwrap();
        assert_eq!(challenge.samples, SAMPLES_PRODUCTION);
    }
    let tell = |proven: usize, all: usize| eprintln!("{proven} of {all} nodes have proven");
    let proven = story.wait_until_proven(&stored, &tell).await.unwrap();
    assert_eq!(proven.accepted.len(), stored.nodes().len());
    assert_eq!(proven.missed, 0);
    story.earnings(&stored).await.unwrap();
    story.end().await.unwrap();
}
