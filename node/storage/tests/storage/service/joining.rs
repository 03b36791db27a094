//! Starting, registering, and what stands in the way.

use neurostore_chain::Signer;
use neurostore_storage::{Stage, StartError, StorageService};

use super::{
    chain::{TestChain, GENESIS},
    world::*,
};

/// A file with a fresh operator's secret and plenty of NEURO for it.
fn operator(chain: &TestChain, folder: &std::path::Path) -> std::path::PathBuf {
    let file = folder.join("operator.key");
    let signer = Signer::generate_to_file(&file).unwrap();
    chain
        .world()
        .balances
        .insert(signer.account_id().0, 1 << 60);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_its_operators_key_registers_itself_and_gets_fees() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    let mut options = options(folder.path().join("node"));
    options.operator_key_file = Some(operator(&chain, folder.path()));
    let node = StorageService::start_on(options, chain.connector())
        .await
        .unwrap();
    until("it serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
    assert_eq!(node.status().node.id, node.node_id().map(|id| id.0));
    assert_eq!(node.status().node.capacity_leaves, Some(16 << 10));
    assert_eq!(chain.world().balances[&node.account().0], 1_000_000_000_000);
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_it_says_what_to_do_and_serves_once_it_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    let options = options(folder.path().to_path_buf());
    let node = StorageService::start_on(options, chain.connector())
        .await
        .unwrap();
    let waits = || async { node.status().stage == Stage::WaitingForRegistration };
    until("it waits", waits).await;
    let said = node.status().message;
    assert!(said.contains("--operator-key-file"), "{said}");
    assert!(said.contains(&node.account().to_string()), "{said}");
    let keys = neurostore_storage::NodeKeys::load(folder.path()).unwrap();
    chain.enrol(keys.account.account_id(), keys.identity.peer_key(), 1);
    until("it serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_out_of_reach_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    chain.world().silent = true;
    let mut options = options(folder.path().join("node"));
    options.operator_key_file = Some(operator(&chain, folder.path()));
    let node = StorageService::start_on(options, chain.connector())
        .await
        .unwrap();
    let waits = || async { node.status().message.contains("cannot reach the chain") };
    until("it waits", waits).await;
    assert_eq!(node.status().stage, Stage::WaitingForChain);
    chain.world().silent = false;
    until("it serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_another_chain_is_left_alone() {
    let setting = setting().await;
    let (chain, folder) = (setting.chain.clone(), setting.folder);
    setting.node.shutdown().await;
    chain.world().genesis = [66; 32];
    let options = options(folder.path().to_path_buf());
    let node = restart(options, &chain).await;
    until("it stops", || async {
        node.status().stage == Stage::Blocked
    })
    .await;
    let said = node.status().message;
    assert!(said.contains("another chain"), "{said}");
    for genesis in [GENESIS, [66; 32]] {
        let digits: String = genesis.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(said.contains(&digits), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_does_not_know_the_node_does_not_bind_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    chain.world().genesis = [66; 32];
    let options = options(folder.path().to_path_buf());
    let node = StorageService::start_on(options.clone(), chain.connector())
        .await
        .unwrap();
    let waits = || async { node.status().stage == Stage::WaitingForRegistration };
    until("it waits", waits).await;
    node.shutdown().await;
    // The right chain, at last.
    chain.world().genesis = GENESIS;
    let keys = neurostore_storage::NodeKeys::load(folder.path()).unwrap();
    let account = keys.account.account_id();
    chain.world().balances.insert(account.0, 1 << 60);
    chain.enrol(account, keys.identity.peer_key(), 1);
    let node = restart(options, &chain).await;
    until("it serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_not_the_one_to_serve_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    let mut options = options(folder.path().to_path_buf());
    options.genesis = Some([66; 32]);
    let node = StorageService::start_on(options, chain.connector())
        .await
        .unwrap();
    let told = || async { node.status().message.contains("is not this node's own") };
    until("it says so", told).await;
    assert_eq!(node.status().stage, Stage::WaitingForChain);
    chain.world().genesis = [66; 32];
    let goes_on = || async { node.status().stage == Stage::WaitingForRegistration };
    until("it goes on", goes_on).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_cannot_use_the_folder() {
    let setting = setting().await;
    let options = options(setting.folder.path().to_path_buf());
    let second = StorageService::start_on(options, setting.chain.connector()).await;
    assert!(matches!(second, Err(StartError::Store(_))), "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_capacity_reaches_the_chain_where_the_operator_signs() {
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::new();
    let mut options = options(folder.path().join("node"));
    options.operator_key_file = Some(operator(&chain, folder.path()));
    let node = StorageService::start_on(options.clone(), chain.connector())
        .await
        .unwrap();
    until("it serves", || async {
        node.status().stage == Stage::Serving
    })
    .await;
    node.shutdown().await;
    options.capacity = neurostore_storage::Capacity(32 << 20);
    let _node = restart(options, &chain).await;
    let followed = || async { chain.world().nodes[0].capacity_leaves == 32 << 10 };
    until("the capacity follows", followed).await;
}

/// Tasks of the last run give the folder's lock back a moment after it ended.
async fn restart(
    options: neurostore_storage::StorageOptions,
    chain: &TestChain,
) -> neurostore_storage::StorageHandle {
    for _ in 0..100 {
        match StorageService::start_on(options.clone(), chain.connector()).await {
            Err(StartError::Store(_)) => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            other => return other.unwrap(),
        }
    }
    panic!("the folder stays locked");
}
