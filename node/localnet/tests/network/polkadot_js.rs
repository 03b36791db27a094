//! Runs the scripts in `tests/polkadot-js` with Node.js.

use std::{env, fs, path::PathBuf, process::Stdio, time::SystemTime};

use neurostore_chain::{AccountId, Signer};
use neurostore_client::Client;
use neurostore_primitives::{ReservationId, SlotIndex, TOTAL_SHARDS};
use serde_json::{json, Value};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{ChildStdout, Command},
};

use crate::clients::{upload, Place};

/// The account that the script signs with; the uploads need its signature too.
const OWNER: &str = "Ferdie";

fn folder() -> PathBuf {
    // Asked at run time: checkouts share what is built.
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("tests/polkadot-js")
}

/// `npm ci`, unless what the lock file names is installed already.
pub(crate) async fn install() {
    let modified = |name: &str| -> Option<SystemTime> {
        fs::metadata(folder().join(name)).ok()?.modified().ok()
    };
    // npm writes this file at the end of an installation.
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return;
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(folder())
        .kill_on_drop(true)
        .status()
        .await
        .expect("npm is missing: make setup installs it");
    assert!(status.success(), "npm ci failed");
}

fn script(name: &str, url: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(name)
        .arg(url)
        .arg(OWNER)
        .current_dir(folder())
        .kill_on_drop(true);
    command
}

/// The script reserves, this process uploads, the script commits and reads it all back.
pub(crate) async fn stores_a_segment(url: &str, client: &Client) {
    let mut child = script("store.js", url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is missing: make setup installs it");
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    let drawn = next(&mut lines, "drawn").await;
    let reservation = ReservationId(drawn["reservation"].as_u64().unwrap());
    let slots = drawn["slots"].as_array().unwrap();
    assert_eq!(slots.len(), TOTAL_SHARDS);
    let owner = Signer::development(OWNER).unwrap();
    let mut receipts = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        let account = AccountId::from(bytes32(&slot["account"]));
        let index = SlotIndex::new(u8::try_from(index).unwrap()).unwrap();
        assert_eq!(slot["slot"].as_u64(), Some(u64::from(index.get())));
        let place = Place {
            reservation,
            slot: index,
            peer: bytes32(&slot["peerKey"]),
        };
        let receipt = upload(client, &owner, place, &account).await;
        receipts.push(json!({
            "root": format!("0x{}", receipt.root),
            "signature": format!("0x{}", hex::encode(receipt.signature)),
        }));
    }
    input
        .write_all(format!("{}\n", json!(receipts)).as_bytes())
        .await
        .unwrap();
    // An open pipe would keep the script from ending.
    drop(input);

    let active = next(&mut lines, "active").await;
    let read = active["slots"].as_array().unwrap();
    assert_eq!(read.len(), TOTAL_SHARDS);
    for ((read, drawn), receipt) in read.iter().zip(slots).zip(&receipts) {
        assert_eq!(read["node"], drawn["node"]);
        assert_eq!(read["root"], receipt["root"]);
    }
    let segment = active["segment"]
        .as_str()
        .unwrap()
        .trim_start_matches("0x")
        .to_owned();
    let challenge = next(&mut lines, "challenge").await;
    assert_eq!(challenge["node"], slots[0]["node"]);
    assert!(challenge["deadline"].as_u64() > challenge["opensAt"].as_u64());
    assert!(child.wait().await.unwrap().success());

    // The chain says the same to subxt.
    let id = neurostore_primitives::SegmentId(bytes32(&Value::String(segment)));
    let found = client.chain().segment(&id).await.unwrap().unwrap();
    assert_eq!(found.agreements[0].owner, owner.account_id());
}

/// The script that `make up` recommends prints every node and its next challenge.
pub(crate) async fn looks_around(url: &str, nodes: usize) {
    let output = script("look.js", url).output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("node "))
            .count(),
        nodes
    );
}

/// The next line, which must be of this step.
async fn next(lines: &mut Lines<BufReader<ChildStdout>>, step: &str) -> Value {
    let line = lines.next_line().await.unwrap();
    let line = line.unwrap_or_else(|| panic!("the script ended before its step '{step}'"));
    eprintln!("polkadot.js: {line}");
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["step"], step);
    value
}

fn bytes32(value: &Value) -> [u8; 32] {
    let text = value.as_str().unwrap().trim_start_matches("0x");
    hex::decode(text).unwrap().try_into().unwrap()
}
