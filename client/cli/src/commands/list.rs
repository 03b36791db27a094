//! `neuro ls`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use neurostore_client::Capacity;
use serde_json::{json, Value};

use crate::{
    catalogue::{Catalogue, Entry},
    config::Settings,
    output,
};

/// Characters of an object's id in the list: enough to name it in other commands.
const SHOWN_ID: usize = 12;

/// Lists the catalogue, without keys.
pub(crate) fn ls(settings: &Settings) -> anyhow::Result<()> {
    let entries = Catalogue::at(&settings.folder).entries()?;
    let documents: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "name": entry.name,
                "id": public(entry),
                "size": entry.size,
                "segments": entry.segments,
                "stored_at": entry.stored_at,
                "chain": entry.chain,
            })
        })
        .collect();
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let id = public(entry).trim_start_matches("neuro:").to_owned();
            vec![
                entry.name.clone(),
                Capacity(entry.size).to_string(),
                entry.segments.len().to_string(),
                age(entry.stored_at),
                id.chars().take(SHOWN_ID).collect(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "nothing was stored from here yet; `neuro put FILE` does it".to_owned()
    } else {
        output::table(&["NAME", "SIZE", "SEGMENTS", "STORED", "ID"], &rows)
    };
    output::print(settings, &Value::Array(documents), &text)?;
    Ok(())
}

fn public(entry: &Entry) -> String {
    entry
        .locator
        .split('#')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn age(stored_at: u64) -> String {
    let then = UNIX_EPOCH + Duration::from_secs(stored_at);
    let age = SystemTime::now().duration_since(then).unwrap_or_default();
    format!("{} ago", indicatif::HumanDuration(age))
}
