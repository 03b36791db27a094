//! The status as lines of text.

use std::fmt::Write;

use neurostore_primitives::{Capacity, Neuro};
use serde_json::Value;

/// Windows that are shown, newest first.
const WINDOWS: usize = 8;

/// The status in lines for a terminal.
pub(crate) fn status(status: &Value) -> String {
    let mut text = String::new();
    let at = |path: &str| status.pointer(path).unwrap_or(&Value::Null);
    line(&mut text, "state", &words(at("/message")));
    if let Some(reason) = at("/store/read_only").as_str() {
        line(&mut text, "read-only", reason);
    }
    for concern in at("/concerns").as_array().into_iter().flatten() {
        line(&mut text, "concern", &words(concern));
    }
    let id = at("/node/id")
        .as_u64()
        .map_or_else(|| "not registered".into(), |id| id.to_string());
    line(&mut text, "node", &id);
    line(&mut text, "node account", &words(at("/node/account")));
    line(&mut text, "peer id", &words(at("/node/peer_id")));
    let chain = format!(
        "{}, block {}{}",
        words(at("/chain/url")),
        words(at("/chain/best_block")),
        if at("/chain/connected") == &Value::Bool(true) {
            ""
        } else {
            " (out of reach)"
        },
    );
    line(&mut text, "chain", &chain);
    line(&mut text, "peers", &words(at("/swarm/peers")));
    for address in at("/swarm/addresses").as_array().into_iter().flatten() {
        line(&mut text, "address", &words(address));
    }
    let bytes = |path: &str| Capacity(at(path).as_u64().unwrap_or_default()).to_string();
    let stored = format!(
        "{} in {} shards, of {}",
        bytes("/store/stored_bytes"),
        words(at("/store/shards")),
        bytes("/store/capacity_bytes"),
    );
    line(&mut text, "stored", &stored);
    line(&mut text, "free on disk", &bytes("/store/free_disk_bytes"));
    for missing in at("/missing_shards").as_array().into_iter().flatten() {
        let field = |name: &str| words(missing.get(name).unwrap_or(&Value::Null));
        let what = format!(
            "slot {} of segment {}: {}",
            field("slot"),
            field("segment"),
            field("reason")
        );
        line(&mut text, "cannot be proven", &what);
    }
    let proofs = format!(
        "{} accepted, {} missed since the start",
        words(at("/proofs/accepted")),
        words(at("/proofs/missed")),
    );
    line(&mut text, "proofs", &proofs);
    for note in at("/proofs/windows")
        .as_array()
        .into_iter()
        .flatten()
        .rev()
        .take(WINDOWS)
    {
        let field = |name: &str| words(note.get(name).unwrap_or(&Value::Null));
        let mut what = format!("{} {}", field("window"), field("state"));
        if let Some(ms) = note.get("proving_ms").and_then(Value::as_u64) {
            let _ = write!(what, ", proven in {ms} ms");
        }
        if let Some(trouble) = note.get("trouble").and_then(Value::as_str) {
            let _ = write!(what, ": {trouble}");
        }
        line(&mut text, "window", &what);
    }
    if let Some(plancks) = at("/earned/withdrawable")
        .as_str()
        .and_then(|text| text.parse().ok())
    {
        line(&mut text, "can be withdrawn", &Neuro(plancks).to_string());
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<18}{value}");
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "unknown".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_missing_parts_is_still_shown() {
        let shown = status(&serde_json::json!({ "message": "serving as node 3" }));
        assert!(shown.contains("serving as node 3"));
        assert!(shown.contains("not registered"));
    }

    #[test]
    fn windows_are_shown_newest_first_with_their_trouble() {
        let shown = status(&serde_json::json!({ "proofs": { "windows": [
            { "window": 1, "state": "accepted", "proving_ms": 300 },
            { "window": 2, "state": "missed", "trouble": "1 of 4 sampled leaves cannot be read" },
        ]}}));
        let missed = shown.find("2 missed: 1 of 4").unwrap();
        let accepted = shown.find("1 accepted, proven in 300 ms").unwrap();
        assert!(missed < accepted);
    }
}
