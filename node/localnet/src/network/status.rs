//! What a member's storage service says of itself on its status page.

use std::time::Duration;

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Network;
use crate::error::NetworkError;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer that is read: a status has a few KiB.
const MAX_ANSWER: u64 = 1 << 20;

/// How a member's storage service stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStatus {
    /// Whether it takes, serves and proves shards.
    pub is_serving: bool,
    /// What it does, in a sentence.
    pub message: String,
    /// Number of the best block that it has seen.
    pub best_block: Option<u32>,
    /// Storage nodes it is connected with.
    pub peers: u64,
    /// Windows proven since its start.
    pub proofs_accepted: u64,
    /// Windows missed since its start.
    pub proofs_missed: u64,
}

#[derive(Deserialize)]
struct Answer {
    stage: String,
    message: String,
    chain: AnswerChain,
    swarm: AnswerSwarm,
    proofs: AnswerProofs,
}

#[derive(Deserialize)]
struct AnswerChain {
    best_block: Option<u32>,
}

#[derive(Deserialize)]
struct AnswerSwarm {
    peers: u64,
}

#[derive(Deserialize)]
struct AnswerProofs {
    accepted: u64,
    missed: u64,
}

impl Network {
    /// What a member's storage service says of itself.
    pub async fn status(&self, number: usize) -> Result<MemberStatus, NetworkError> {
        read(&self.member(number)?.status_url()).await
    }
}

/// Reads `<page>status`.
pub(super) async fn read(page: &str) -> Result<MemberStatus, NetworkError> {
    let failed = |reason: String| NetworkError::Status {
        url: page.to_owned(),
        reason,
    };
    let answer = tokio::time::timeout(PATIENCE, get(page, "/status"))
        .await
        .map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    let (head, body) = split(&answer).ok_or_else(|| failed("that is no HTTP".into()))?;
    let is_ok = head
        .lines()
        .next()
        .is_some_and(|line| line.contains(" 200 "));
    if !is_ok {
        return Err(failed(head.lines().next().unwrap_or_default().to_owned()));
    }
    let answer: Answer = serde_json::from_str(body).map_err(|error| failed(error.to_string()))?;
    Ok(MemberStatus {
        is_serving: answer.stage == "serving",
        message: answer.message,
        best_block: answer.chain.best_block,
        peers: answer.swarm.peers,
        proofs_accepted: answer.proofs.accepted,
        proofs_missed: answer.proofs.missed,
    })
}

/// One HTTP/1.0 exchange: the server closes the connection behind its answer.
async fn get(page: &str, path: &str) -> std::io::Result<String> {
    let host = page.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).await?;
    stream
        .write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}

fn split(answer: &str) -> Option<(&str, &str)> {
    answer.split_once("\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn serve(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        format!("http://{address}/")
    }

    #[tokio::test]
    async fn a_status_is_read_from_its_page() {
        let url = serve(
            "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"stage\":\"serving\",\
             \"message\":\"all well\",\"chain\":{\"best_block\":7},\"swarm\":{\"peers\":3,\"addresses\":[]},\
             \"proofs\":{\"accepted\":2,\"missed\":0,\"windows\":[]}}",
        )
        .await;
        let status = read(&url).await.unwrap();
        assert!(status.is_serving);
        assert_eq!(status.best_block, Some(7));
        assert_eq!(
            (status.peers, status.proofs_accepted, status.proofs_missed),
            (3, 2, 0)
        );
    }

    #[tokio::test]
    async fn a_page_that_fails_is_named_with_its_answer() {
        let url = serve("HTTP/1.0 503 Service Unavailable\r\n\r\n").await;
        let error = read(&url).await.unwrap_err().to_string();
        assert!(error.contains(&url) && error.contains("503"), "{error}");
    }
}
