//! The status as lines of text.

use std::fmt::Write;

use neurostore_primitives::{Capacity, Neuro};
use neurostore_storage::Status;

/// Windows that are shown, newest first.
const WINDOWS: usize = 8;

/// The status in lines for a terminal.
pub(crate) fn status(status: &Status) -> String {
    let mut text = String::new();
    line(&mut text, "state", &status.message);
    if let Some(reason) = &status.store.read_only {
        line(&mut text, "read-only", reason);
    }
    for concern in &status.concerns {
        line(&mut text, "concern", concern);
    }
    identity(&mut text, status);
    stored(&mut text, status);
    proofs(&mut text, status);
    text
}

fn identity(text: &mut String, status: &Status) {
    let node = &status.node;
    let id = node.id.map(|id| id.to_string());
    line(text, "node", id.as_deref().unwrap_or("not registered"));
    line(text, "node account", &node.account);
    line(text, "peer id", &node.peer_id);
    let chain = &status.chain;
    let block = chain.best_block.map(|block| block.to_string());
    let silence = if chain.connected {
        ""
    } else {
        " (out of reach)"
    };
    let seen = block.as_deref().unwrap_or("unknown");
    line(
        text,
        "chain",
        &format!("{}, block {seen}{silence}", chain.url),
    );
    line(text, "peers", &status.swarm.peers.to_string());
    for address in &status.swarm.addresses {
        line(text, "address", address);
    }
}

fn stored(text: &mut String, status: &Status) {
    let held = &status.store.occupancy;
    let stored = format!(
        "{} in {} shards, of {}",
        Capacity(held.stored_bytes),
        held.shards,
        Capacity(held.capacity_bytes),
    );
    line(text, "stored", &stored);
    let free = status.store.free_disk_bytes.unwrap_or_default();
    line(text, "free on disk", &Capacity(free).to_string());
    for missing in &status.missing_shards {
        let what = format!(
            "slot {} of segment {}: {}",
            missing.slot, missing.segment, missing.reason
        );
        line(text, "cannot be proven", &what);
    }
}

fn proofs(text: &mut String, status: &Status) {
    let proofs = &status.proofs;
    let counted = format!(
        "{} accepted, {} missed since the start",
        proofs.accepted, proofs.missed
    );
    line(text, "proofs", &counted);
    for note in proofs.windows.iter().rev().take(WINDOWS) {
        let mut what = format!("{} {}", note.window, note.state);
        if let Some(ms) = note.proving_ms {
            let _ = write!(what, ", proven in {ms} ms");
        }
        if let Some(trouble) = &note.trouble {
            let _ = write!(what, ": {trouble}");
        }
        line(text, "window", &what);
    }
    let earned = status.earned.as_ref();
    if let Some(plancks) = earned.and_then(|earned| earned.withdrawable.parse().ok()) {
        line(text, "can be withdrawn", &Neuro(plancks).to_string());
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<18}{value}");
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;

    fn shown(answer: Value) -> String {
        status(&serde_json::from_value(answer).unwrap())
    }

    #[test]
    fn a_status_with_missing_parts_is_still_shown() {
        let shown = shown(json!({ "message": "serving as node 3" }));
        assert!(shown.contains("serving as node 3"));
        assert!(shown.contains("not registered"));
    }

    #[test]
    fn windows_are_shown_newest_first_with_their_trouble() {
        let shown = shown(json!({ "proofs": { "windows": [
            { "window": 1, "state": "accepted", "proving_ms": 300 },
            { "window": 2, "state": "missed", "trouble": "1 of 4 sampled leaves cannot be read" },
        ]}}));
        let missed = shown.find("2 missed: 1 of 4").unwrap();
        let accepted = shown.find("1 accepted, proven in 300 ms").unwrap();
        assert!(missed < accepted);
    }
}
