//! What the node shows: page, JSON, metrics, RPC.

use neurostore_primitives::NodeState;
use neurostore_storage::StorageService;
use serde_json::Value;
use substrate_prometheus_endpoint::{
    prometheus::{Encoder, TextEncoder},
    Registry,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{chain::TestChain, world::*};
use crate::store::setting::{bytes, class};

async fn get(setting: &Setting, path: &str) -> (String, String) {
    let address = setting.node.status_address().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

async fn call(setting: &Setting, method: &str, params: &str) -> Value {
    let module = setting.node.rpc_module();
    let request = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    let (answer, _) = module.raw_json_request(&request, 1).await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_what_the_node_is_and_holds() {
    let setting = setting().await;
    setting.store(1, class(3), &bytes(class(3), 1)).await;
    let (head, body) = get(&setting, "/status").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let status: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status["stage"], "serving");
    assert_eq!(status["node"]["id"], setting.id.0);
    assert_eq!(
        status["node"]["peer_id"],
        setting.node.peer_id().to_string()
    );
    assert_eq!(status["chain"]["connected"], true);
    assert_eq!(status["store"]["shards"], 1);
    assert_eq!(status["store"]["stored_bytes"], 8192);
    assert_eq!(status["store"]["capacity_bytes"], 16 << 20);
    assert_eq!(status["uploads"]["receipted"], 1);
    assert_eq!(status["earned"]["withdrawable"], "36893488147419103230");
    let address = status["swarm"]["addresses"][0].as_str().unwrap();
    assert!(
        address.ends_with(&format!("/p2p/{}", setting.node.peer_id())),
        "{address}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_needs_nothing_from_elsewhere() {
    let setting = setting().await;
    let (head, body) = get(&setting, "/").await;
    assert!(
        head.contains("content-security-policy: default-src 'none'"),
        "{head}"
    );
    assert!(
        body.contains("Serving") && body.contains("16 MiB"),
        "{body}"
    );
    for loaded in ["<script", "src=", "http://", "https://", "@import", "url("] {
        let shown = body.replace("ws://test", "");
        assert!(!shown.contains(loaded), "{loaded}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_not_green_for_a_node_that_misses_windows() {
    let setting = setting().await;
    setting.chain.world().nodes[0].state = NodeState::Suspect { missed_in_a_row: 2 };
    let told = || async { !setting.node.status().concerns.is_empty() };
    until("the state is known", told).await;
    let (_, body) = get(&setting, "/").await;
    assert!(body.contains("not all is well"), "{body}");
    assert!(body.contains("missed in a row: 2"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_panics_is_named_and_begins_anew() {
    let setting = setting().await;
    setting.chain.world().panics = 1;
    let named = || async { !setting.node.status().concerns.is_empty() };
    setting.blocks_until("the worker is named", named).await;
    let said = setting.node.status().concerns.join(" ");
    assert!(said.contains("collection"), "{said}");
    assert!(said.contains("the test wants a panic"), "{said}");
    let (_, body) = get(&setting, "/metrics").await;
    let line = "neurostore_storage_worker_failures_total 1";
    assert!(body.lines().any(|found| found == line), "{body}");
    // It goes on with its work.
    let expected = neurostore_primitives::HeldShardInfo {
        segment: neurostore_primitives::SegmentId([5; 32]),
        slot: neurostore_primitives::SlotIndex::new(0).unwrap(),
        class: class(2),
        root: neurostore_primitives::ShardRoot([4; 32]),
    };
    setting.chain.world().held.push(expected);
    let alarmed = || async { !setting.node.status().missing_shards.is_empty() };
    setting.blocks_until("a pass was made", alarmed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_are_there_for_prometheus() {
    let setting = setting().await;
    setting.store(1, class(3), &bytes(class(3), 1)).await;
    let (head, body) = get(&setting, "/metrics").await;
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    for line in [
        "neurostore_storage_shards 1",
        "neurostore_storage_stored_bytes 8192",
        "neurostore_storage_capacity_bytes 16777216",
        "neurostore_storage_uploads_total 1",
        "neurostore_storage_proofs_accepted_total 0",
    ] {
        assert!(body.lines().any(|found| found == line), "{line} in\n{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gauges_are_true_where_nobody_asks_the_service_for_them() {
    // As beside a chain node, which serves them with its own.
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::new();
    let mut options = options(folder.path().to_path_buf());
    options.status_listen = None;
    options.registry = Some(registry.clone());
    let shows = |line: &str| {
        let mut text = Vec::new();
        let gathered = registry.gather();
        TextEncoder::new().encode(&gathered, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        text.lines().any(|found| found == line)
    };
    let node = StorageService::start_on(options, TestChain::new().connector())
        .await
        .unwrap();
    until("the gauges are filled", || async {
        shows("neurostore_storage_capacity_bytes 16777216") && shows("neurostore_storage_up 1")
    })
    .await;
    node.shutdown().await;
    assert!(shows("neurostore_storage_up 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rpc_lists_shards_page_by_page() {
    let setting = setting().await;
    for number in 0..5 {
        setting
            .store(number, class(1), &bytes(class(1), number))
            .await;
    }
    let first = call(&setting, "storage_shards", "[null, 3]").await;
    let shards = first["result"]["shards"].as_array().unwrap();
    assert_eq!(shards.len(), 3);
    assert_eq!(shards[0]["state"], "live");
    assert_eq!(shards[0]["len"], 2048);
    let next = first["result"]["next"].as_str().unwrap();
    let second = call(&setting, "storage_shards", &format!(r#"["{next}", 3]"#)).await;
    assert_eq!(second["result"]["shards"].as_array().unwrap().len(), 2);
    assert_eq!(second["result"]["next"], Value::Null);
    let bad = call(&setting, "storage_shards", r#"["nonsense"]"#).await;
    assert_eq!(bad["error"]["code"], -32602);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_the_rpc_answers() {
    let setting = setting().await;
    for method in [
        "storage_status",
        "storage_shards",
        "storage_challenges",
        "storage_proofs",
        "storage_peers",
        "storage_addresses",
    ] {
        let answer = call(&setting, method, "[]").await;
        assert!(answer.get("result").is_some(), "{method}: {answer}");
    }
}
