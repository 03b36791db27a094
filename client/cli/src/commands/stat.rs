//! `neuro stat`.

use neurostore_client::{Capacity, NodeClass, NodeState, ObjectStat, SegmentStat};
use serde_json::{json, Value};

use crate::{amounts::blocks, config::Settings, locators::Named, output};

/// Shows where an object is.
pub(crate) async fn stat(object: &str, settings: &Settings) -> anyhow::Result<()> {
    let named = Named::read(object, settings)?;
    let client = super::reader(settings).await?;
    let stat = client.stat(&named.locator).await?;
    let (now, _) = client.chain().best_block().await?;
    let text = describe(&super::title(&named), &stat, now);
    output::print(settings, &document(&stat, now), &text)?;
    client.shutdown().await;
    Ok(())
}

fn describe(title: &str, stat: &ObjectStat, now: u32) -> String {
    let mut lines = vec![format!("object    {title}")];
    if let Some(size) = stat.size {
        lines.push(format!("size      {}", Capacity(size)));
    }
    if let Some(mode) = stat.mode {
        lines.push(format!("mode      {}", format!("{mode:?}").to_lowercase()));
    }
    lines.push(format!("paid      {}", paid(stat.paid_until(None), now)));
    let readable = if stat.is_readable() { "yes" } else { "no" };
    lines.push(format!("readable  {readable}"));
    if let Some(reason) = &stat.unreadable {
        lines.push(format!("          {reason}"));
    }
    for segment in &stat.segments {
        lines.push(String::new());
        lines.push(describe_segment(segment, now));
    }
    lines.join("\n")
}

fn describe_segment(segment: &SegmentStat, now: u32) -> String {
    let rows: Vec<Vec<String>> = segment
        .slots
        .iter()
        .map(|slot| {
            vec![
                slot.slot.to_string(),
                slot.node.to_string(),
                slot.country
                    .map_or_else(|| "?".into(), |country| country.to_string()),
                slot.class.map_or("?", class_word).into(),
                state_words(&slot.state),
                slot.fault
                    .clone()
                    .unwrap_or_else(|| "holds its shard".into()),
            ]
        })
        .collect();
    let table = output::table(
        &["SLOT", "NODE", "COUNTRY", "CLASS", "STATE", "JUST NOW"],
        &rows,
    );
    format!(
        "segment   {}\nshards    {} of 15 reachable, 10 needed; {} each\npaid      {}\n{table}",
        segment.id,
        segment.reachable(),
        Capacity(segment.class.shard_bytes()),
        paid(segment.paid_until(None), now),
    )
}

fn paid(until: Option<u32>, now: u32) -> String {
    match until {
        Some(until) => {
            let left = blocks(u64::from(until.saturating_sub(now)));
            format!("until block {until}, in about {left}")
        }
        None => "by nobody".into(),
    }
}

pub(crate) fn class_word(class: NodeClass) -> &'static str {
    match class {
        NodeClass::Anchor => "anchor",
        NodeClass::Light => "light",
    }
}

pub(crate) fn state_words(state: &NodeState) -> String {
    match state {
        NodeState::Active => "active".into(),
        NodeState::Suspect { missed_in_a_row } => format!("suspect, missed {missed_in_a_row}"),
    }
}

fn document(stat: &ObjectStat, now: u32) -> Value {
    let segments: Vec<Value> = stat
        .segments
        .iter()
        .map(|segment| {
            let slots: Vec<Value> = segment
                .slots
                .iter()
                .map(|slot| {
                    json!({
                        "slot": slot.slot.get(),
                        "node": slot.node.0,
                        "peer": slot.peer,
                        "country": slot.country.map(|country| country.to_string()),
                        "class": slot.class.map(class_word),
                        "state": state_words(&slot.state),
                        "reachable": slot.fault.is_none(),
                        "fault": slot.fault,
                    })
                })
                .collect();
            json!({
                "id": segment.id.to_string(),
                "class": segment.class.get(),
                "ciphertext_len": segment.ciphertext_len,
                "created_at": segment.created_at,
                "paid_until": segment.paid_until(None),
                "reachable": segment.reachable(),
                "slots": slots,
            })
        })
        .collect();
    json!({
        "size": stat.size,
        "mode": stat.mode.map(|mode| format!("{mode:?}").to_lowercase()),
        "paid_until": stat.paid_until(None),
        "block": now,
        "readable": stat.is_readable(),
        "unreadable": stat.unreadable,
        "segments": segments,
    })
}
