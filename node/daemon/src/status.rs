//! Asking the running node on this machine how it stands.

use std::time::Duration;

use anyhow::{bail, Context};
use neurostore_storage::Status;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{cli::StatusArguments, format};

/// Time for the node to answer: it does so from memory.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read; a full status has a few KiB.
const MAX_ANSWER: u64 = 1 << 20;

/// Shows the status.
pub(crate) async fn show(arguments: &StatusArguments) -> anyhow::Result<()> {
    let address = arguments.status_listen;
    let asked = timeout(PATIENCE, ask(&address.to_string())).await;
    let body = asked.with_context(|| format!("no answer from {address}"))??;
    if arguments.json {
        println!("{body}");
        return Ok(());
    }
    let status: Status = serde_json::from_str(&body)
        .with_context(|| format!("what answers at {address} is no neuro-node"))?;
    print!("{}", format::status(&status));
    Ok(())
}

/// One request to the node's own page; it closes the connection after it.
async fn ask(address: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await.with_context(|| {
        format!("no node answers at {address}: is it running, and is this its --status-listen?")
    })?;
    let request = format!("GET /status HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer).context("the answer is no text")?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .with_context(|| format!("what answers at {address} speaks no HTTP"))?;
    let first = head.lines().next().unwrap_or_default();
    if first.split(' ').nth(1) != Some("200") {
        bail!("what answers at {address} is no neuro-node: {first}");
    }
    Ok(body.to_owned())
}
