//! The status page as HTML: one file, no scripts, light and dark.

use std::fmt::Write;

use neurostore_primitives::{Capacity, Neuro};

use crate::status::{Stage, Status, WindowState};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .4rem}\
table{border-collapse:collapse;width:100%}\
td,th{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);\
vertical-align:top;overflow-wrap:anywhere}\
th{font-weight:500;width:13rem}\
.good{border-left:.35rem solid #2e9e5b}.wait{border-left:.35rem solid #d0902a}\
.bad{border-left:.35rem solid #d04a3a}.said{padding:.5rem 1rem;margin:1rem 0}\
progress{width:100%}code{font-size:.9em}";

/// How many windows the page shows, newest first.
const WINDOWS: usize = 12;

/// The page.
pub(super) fn render(status: &Status) -> String {
    let mut page = String::with_capacity(8 << 10);
    let (kind, headline) = match status.stage {
        _ if status.store.read_only.is_some() => ("bad", "Read-only"),
        Stage::Blocked => ("bad", "Needs its operator"),
        Stage::Serving if !status.concerns.is_empty() => ("bad", "Serving, but not all is well"),
        Stage::Serving => ("good", "Serving"),
        Stage::Starting => ("wait", "Starting"),
        Stage::WaitingForChain => ("wait", "Waiting for the chain"),
        Stage::WaitingForRegistration => ("wait", "Waiting for registration"),
    };
    let _ = write!(
        page,
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width,initial-scale=1'>\
         <meta http-equiv=refresh content=10><title>{headline} · storage node</title>\
         <style>{STYLE}</style><h1>NeuroStore storage node</h1>\
         <p class='said {kind}'><strong>{headline}.</strong> {}</p>",
        escape(&status.message)
    );
    if let Some(reason) = &status.store.read_only {
        let _ = write!(
            page,
            "<p class='said bad'>It takes no new shards, but goes on reading and proving: {}</p>",
            escape(reason)
        );
    }
    for concern in &status.concerns {
        let _ = write!(page, "<p class='said bad'>{}</p>", escape(concern));
    }
    stored(&mut page, status);
    proofs(&mut page, status);
    identity(&mut page, status);
    let _ = write!(
        page,
        "<p><small>version {} · <a href=/status>JSON</a> · <a href=/metrics>metrics</a></small>",
        status.version
    );
    page
}

fn stored(page: &mut String, status: &Status) {
    let held = &status.store.occupancy;
    let _ = write!(
        page,
        "<h2>Storage</h2><progress max={} value={}></progress><table>",
        held.capacity_bytes.max(1),
        held.stored_bytes
    );
    row(
        page,
        "Stored",
        &format!(
            "{} in {} shards, of {}",
            Capacity(held.stored_bytes),
            held.shards,
            Capacity(held.capacity_bytes)
        ),
    );
    row(
        page,
        "On its way",
        &Capacity(held.incoming_bytes).to_string(),
    );
    if let Some(free) = status.store.free_disk_bytes {
        row(page, "Free on the disk", &Capacity(free).to_string());
    }
    if held.damaged_shards > 0 {
        row(page, "Damaged shards", &held.damaged_shards.to_string());
    }
    for missing in &status.missing_shards {
        let what = format!(
            "slot {} of segment {}: {}",
            missing.slot, missing.segment, missing.reason
        );
        row(page, "Cannot be proven", &what);
    }
    if let Some((done, all)) = status.store.recovering {
        row(
            page,
            "Checking after the start",
            &format!("{done} of {all}"),
        );
    }
    let _ = write!(page, "</table>");
}

fn proofs(page: &mut String, status: &Status) {
    let _ = write!(page, "<h2>Proofs</h2><table>");
    row(
        page,
        "Since the start",
        &format!(
            "{} accepted, {} missed",
            status.proofs.accepted, status.proofs.missed
        ),
    );
    if let Some(challenge) = &status.challenge {
        let what = match challenge.open {
            true => format!(
                "window {}, until block {}",
                challenge.window, challenge.deadline
            ),
            false => format!(
                "window {} opens in block {}",
                challenge.window, challenge.opens_at
            ),
        };
        row(
            page,
            if challenge.open {
                "Open challenge"
            } else {
                "Next challenge"
            },
            &what,
        );
    }
    if let Some(earned) = &status.earned {
        let shown = |plancks: &str| {
            plancks
                .parse()
                .map_or_else(|_| plancks.to_owned(), |plancks| Neuro(plancks).to_string())
        };
        row(page, "Can be withdrawn", &shown(&earned.withdrawable));
        row(page, "Streaming out", &shown(&earned.streaming));
        row(
            page,
            "A proven window brings",
            &shown(&earned.rate_per_window),
        );
    }
    for note in status.proofs.windows.iter().rev().take(WINDOWS) {
        let took = note
            .proving_ms
            .map(|ms| format!(", proven in {ms} ms"))
            .unwrap_or_default();
        let trouble = note
            .trouble
            .as_ref()
            .filter(|_| note.state != WindowState::Accepted);
        let trouble = trouble.map(|what| format!(": {what}")).unwrap_or_default();
        row(
            page,
            &format!("Window {}", note.window),
            &format!("{}{took}{trouble}", note.state),
        );
    }
    let _ = write!(page, "</table>");
}

fn identity(page: &mut String, status: &Status) {
    let _ = write!(page, "<h2>Identity and network</h2><table>");
    let id = status
        .node
        .id
        .map_or_else(|| "not registered".into(), |id| id.to_string());
    row(page, "Node", &id);
    row(page, "Node account", &status.node.account);
    if let Some(operator) = &status.node.operator {
        row(page, "Operator", operator);
    }
    row(page, "Peer id", &status.node.peer_id);
    row(page, "Country", &status.node.country);
    row(page, "Peers", &status.swarm.peers.to_string());
    for address in &status.swarm.addresses {
        row(page, "Address", address);
    }
    let block = status
        .chain
        .best_block
        .map_or_else(|| "none yet".into(), |best| best.to_string());
    let silence = if status.chain.connected {
        ""
    } else {
        " (out of reach)"
    };
    row(
        page,
        "Chain",
        &format!("{}, block {block}{silence}", status.chain.url),
    );
    let _ = write!(page, "</table>");
}

fn row(page: &mut String, name: &str, value: &str) {
    let _ = write!(page, "<tr><th>{}<td>{}", escape(name), escape(value));
}

/// Text that cannot be taken for markup.
fn escape(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, letter| {
            match letter {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                other => safe.push(other),
            }
            safe
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(escape("<a href='x'>&"), "&lt;a href=&#39;x&#39;&gt;&amp;");
    }
}
