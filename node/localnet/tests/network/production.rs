//! Nodes that prove with the production circuit.

use neurostore_primitives::SAMPLES_PRODUCTION;

use crate::stage::Stage;

pub(crate) async fn every_node_proves_with_the_production_circuit(stage: Stage) -> Option<Stage> {
    let story = &stage.story;
    // Stored when the network began: its nodes have proven since, while others used the network.
    let stored = &stage.files[0];

    let chain = story.client().chain();
    for node in stored.nodes() {
        let challenge = chain.next_challenge(node).await.unwrap().unwrap();
        assert_eq!(challenge.samples, SAMPLES_PRODUCTION);
    }
    let tell = |proven: usize, all: usize| eprintln!("{proven} of {all} nodes have proven");
    let proven = story.wait_until_proven(stored, &tell).await.unwrap();
    for node in stored.nodes() {
        assert!(proven.accepted.contains_key(&node), "{node}");
    }
    // On a network with other files, who else proved holds one of those.
    for node in proven.accepted.keys() {
        let holdings = chain.holdings(*node).await.unwrap();
        assert!(holdings.total_shards() > 0, "{node}");
    }
    assert_eq!(proven.missed, 0);
    story.earnings(stored).await.unwrap();
    Some(stage)
}
