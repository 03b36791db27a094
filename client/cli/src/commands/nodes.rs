//! `neuro node`.

use neurostore_client::{
    Capacity, Chain, ChainError, ChallengeInfo, ClassCounts, Earnings, Neuro, NodeId, LEAF_BYTES,
};
use serde_json::{json, Value};

use super::stat::{class_word, state_words};
use crate::{amounts::blocks, args::Node, config::Settings, output};

type Info = neurostore_client::Node;

pub(crate) async fn run(command: Node, settings: &Settings) -> anyhow::Result<()> {
    let chain = super::chain(settings).await?;
    match command {
        Node::List => list(&chain, settings).await,
        Node::Show { id } => show(&chain, NodeId(id), settings).await,
    }
}

async fn list(chain: &Chain, settings: &Settings) -> anyhow::Result<()> {
    let nodes = chain.nodes().await?;
    let rows: Vec<Vec<String>> = nodes
        .iter()
        .map(|node| {
            vec![
                node.id.to_string(),
                class_word(node.class).into(),
                node.country.to_string(),
                state_words(&node.state),
                leaves(node.used_leaves),
                leaves(node.capacity_leaves),
                node.operator.to_string(),
            ]
        })
        .collect();
    let heading = [
        "NODE", "CLASS", "COUNTRY", "STATE", "USED", "OFFERED", "OPERATOR",
    ];
    let text = if rows.is_empty() {
        "no storage node is registered".to_owned()
    } else {
        output::table(&heading, &rows)
    };
    let documents: Vec<Value> = nodes.iter().map(document).collect();
    output::print(settings, &Value::Array(documents), &text)?;
    Ok(())
}

async fn show(chain: &Chain, id: NodeId, settings: &Settings) -> anyhow::Result<()> {
    let node = chain.node(id).await?.ok_or(ChainError::NoNode(id))?;
    let earnings = chain.earnings(id).await?;
    let holdings = chain.holdings(id).await?;
    let challenge = chain.next_challenge(id).await?;
    let (now, _) = chain.best_block().await?;
    let mut document = document(&node);
    if let Value::Object(fields) = &mut document {
        fields.insert("shards".into(), json!(holdings.total_shards()));
        fields.insert("earnings".into(), earnings_document(&earnings));
        fields.insert("challenge".into(), json!(challenge));
        fields.insert("block".into(), json!(now));
    }
    let text = describe(&node, &earnings, &holdings, challenge.as_ref(), now);
    output::print(settings, &document, &text)?;
    Ok(())
}

fn describe(
    node: &Info,
    earnings: &Earnings,
    holdings: &ClassCounts,
    challenge: Option<&ChallengeInfo>,
    now: u32,
) -> String {
    let challenge = match challenge {
        None => "none: it holds nothing yet".to_owned(),
        Some(next) if next.open => format!(
            "window {} is open, an answer counts until block {} (about {})",
            next.window,
            next.deadline,
            blocks(u64::from(next.deadline.saturating_sub(now)))
        ),
        Some(next) => format!(
            "window {} opens at block {} (in about {})",
            next.window,
            next.opens_at,
            blocks(u64::from(next.opens_at.saturating_sub(now)))
        ),
    };
    format!(
        "node      {} ({}, {}, {})\noperator  {}\naccount   {}\noffers    {}, {} used by {} shards\n\
         bond      {}\nearned    {} to withdraw, {} streaming, {} in a proven window\nchallenge {}",
        node.id,
        class_word(node.class),
        node.country,
        state_words(&node.state),
        node.operator,
        node.account,
        leaves(node.capacity_leaves),
        leaves(node.used_leaves),
        holdings.total_shards(),
        Neuro(node.bond),
        Neuro(earnings.withdrawable),
        Neuro(earnings.streaming),
        Neuro(earnings.rate_per_window),
        challenge,
    )
}

fn leaves(count: u64) -> String {
    Capacity(count.saturating_mul(LEAF_BYTES as u64)).to_string()
}

fn document(node: &Info) -> Value {
    json!({
        "id": node.id.0,
        "operator": node.operator.to_string(),
        "account": node.account.to_string(),
        "class": class_word(node.class),
        "country": node.country.to_string(),
        "state": state_words(&node.state),
        "capacity_leaves": node.capacity_leaves,
        "used_leaves": node.used_leaves,
        "bond": node.bond.to_string(),
    })
}

fn earnings_document(earnings: &Earnings) -> Value {
    json!({
        "withdrawable": earnings.withdrawable.to_string(),
        "streaming": earnings.streaming.to_string(),
        "rate_per_window": earnings.rate_per_window.to_string(),
        "credited_total": earnings.credited_total.to_string(),
        "withdrawn_total": earnings.withdrawn_total.to_string(),
    })
}
