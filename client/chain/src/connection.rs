//! The connection: one reconnecting WebSocket, questions with deadlines.

use std::{future::Future, sync::Arc, time::Duration};

use codec::{Decode, Encode, EncodeLike};
use subxt::{
    backend::LegacyBackend,
    config::RpcConfigFor,
    error::{
        BackendError, Error as SubxtError, EventsError, OnlineClientAtBlockError as AtBlockError,
        OnlineClientError, RpcError as BackendRpcError, StorageError,
    },
    rpcs::{
        client::reconnecting_rpc_client::{ExponentialBackoff, RpcClientBuilder},
        Error as RpcError, LegacyRpcMethods, RpcClient,
    },
    OnlineClient,
};

use crate::{error::ChainError, names::methods::Method, nonces::Nonces};

/// How subxt sees the chain: ordinary accounts, signatures, headers and extensions.
pub(crate) type ChainConfig = subxt::SubstrateConfig;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest pause between attempts to reconnect.
const MAX_RECONNECT_PAUSE: Duration = Duration::from_secs(10);
/// Largest answer that is read: metadata is about one MiB.
const MAX_ANSWER_BYTES: u32 = 32 << 20;
/// How often a question is asked again after the connection broke under it.
const MAX_ASKS: u32 = 4;

/// When a transaction counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inclusion {
    /// When it is in a block of the best chain: seconds, and a fork may undo it.
    #[default]
    BestBlock,
    /// When its block is final.
    Finalized,
}

/// Patience of a connection.
#[derive(Clone, Debug)]
pub struct ChainOptions {
    /// When a transaction counts as done.
    pub inclusion: Inclusion,
    /// Longest wait for the answer to one question.
    pub answer_timeout: Duration,
    /// Longest wait until a transaction is in a block.
    pub inclusion_timeout: Duration,
    /// Longest wait until the nodes of a reservation are drawn: the draw happens in the block
    /// after the reservation, unless that block is full.
    pub draw_timeout: Duration,
}

impl Default for ChainOptions {
    fn default() -> Self {
        Self {
            inclusion: Inclusion::BestBlock,
            answer_timeout: Duration::from_secs(30),
            inclusion_timeout: Duration::from_secs(120),
            draw_timeout: Duration::from_secs(120),
        }
    }
}

/// A handle on the chain; clones share one connection.
#[derive(Clone)]
pub struct Chain {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    options: ChainOptions,
    rpc: RpcClient,
    legacy: LegacyRpcMethods<RpcConfigFor<ChainConfig>>,
    client: OnlineClient<ChainConfig>,
    genesis: [u8; 32],
    nonces: Nonces,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("url", &self.inner.url)
            .finish_non_exhaustive()
    }
}

impl Chain {
    /// Connects to the WebSocket RPC of a node of the chain.
    ///
    /// # Errors
    /// [`ChainError::Unreachable`] where nobody answers there.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        Self::connect_with(url, ChainOptions::default()).await
    }

    /// Connects with other patience than the default.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn connect_with(url: &str, options: ChainOptions) -> Result<Self, ChainError> {
        // One attempt that fails at once and says why; only then the client that retries for ever.
        probe(url).await?;
        let unreachable = |reason: String| ChainError::Unreachable {
            url: url.to_owned(),
            reason,
        };
        let retry = ExponentialBackoff::from_millis(100).max_delay(MAX_RECONNECT_PAUSE);
        let connecting = RpcClientBuilder::new()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(options.answer_timeout)
            .max_response_size(MAX_ANSWER_BYTES)
            .retry_policy(retry)
            .build(url);
        let socket = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| unreachable("no answer to the WebSocket handshake".into()))?
            .map_err(|error| unreachable(root_cause(&error)))?;
        let rpc = RpcClient::new(socket);
        let backend = LegacyBackend::builder().build(rpc.clone());
        let client = OnlineClient::from_backend_with_config(ChainConfig::new(), Arc::new(backend));
        let client = tokio::time::timeout(options.answer_timeout, client)
            .await
            .map_err(|_| ChainError::NoAnswer {
                url: url.to_owned(),
                what: "genesis hash".into(),
                seconds: options.answer_timeout.as_secs(),
            })?
            .map_err(|error| of_subxt(url, "genesis hash", error.into()))?;
        let genesis = client.genesis_hash().0;
        let legacy = LegacyRpcMethods::new(rpc.clone());
        let inner = Inner {
            url: url.to_owned(),
            options,
            rpc,
            legacy,
            client,
            genesis,
            nonces: Nonces::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The endpoint.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// The genesis hash: signed payloads name the chain by it.
    pub fn genesis(&self) -> [u8; 32] {
        self.inner.genesis
    }

    /// The patience of this connection.
    pub fn options(&self) -> &ChainOptions {
        &self.inner.options
    }

    /// Full multiaddresses of the storage node that runs beside this endpoint, and of the peers
    /// it recommends: where a client enters the swarm. Empty where the endpoint serves none.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn storage_bootnodes(&self) -> Result<Vec<String>, ChainError> {
        let what = "storage_addresses";
        let asked = self.within(what, || self.rpc_json(what)).await;
        match asked {
            Ok(value) => serde_json::from_value(value).map_err(|error| ChainError::Undecodable {
                what: what.into(),
                reason: error.to_string(),
            }),
            Err(ChainError::NotSupported { .. }) => Ok(Vec::new()),
            Err(other) => Err(other),
        }
    }

    /// Asks a runtime API at `at` (the best block if `None`) and decodes the whole answer.
    pub(crate) async fn ask<A: Encode, T: Decode>(
        &self,
        method: Method<A, T>,
        arguments: impl EncodeLike<A>,
        at: Option<[u8; 32]>,
    ) -> Result<T, ChainError> {
        let method = method.title();
        let arguments = arguments.encode();
        let at = at.map(Into::into);
        let answer = self
            .within(&method, || {
                self.legacy().state_call(&method, Some(&arguments), at)
            })
            .await?;
        let mut rest = answer.as_slice();
        match T::decode(&mut rest) {
            Ok(value) if rest.is_empty() => Ok(value),
            Ok(_) => Err(undecodable(
                &method,
                format!("{} bytes too many", rest.len()),
            )),
            Err(error) => Err(undecodable(&method, error.to_string())),
        }
    }

    /// What the state of a block keeps under a key.
    pub(crate) async fn stored(
        &self,
        what: &str,
        key: &[u8],
        at: [u8; 32],
    ) -> Result<Option<Vec<u8>>, ChainError> {
        self.within(what, || {
            self.legacy().state_get_storage(key, Some(at.into()))
        })
        .await
    }

    /// Sends a request until it is answered: within the deadline, again after a reconnect.
    pub(crate) async fn within<T, F, Fut>(&self, what: &str, request: F) -> Result<T, ChainError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, RpcError>>,
    {
        let asking = async {
            let mut asks = 1;
            loop {
                match request().await {
                    Err(RpcError::DisconnectedWillReconnect(_)) if asks < MAX_ASKS => asks += 1,
                    answer => return answer,
                }
            }
        };
        self.in_time(what, asking)
            .await?
            .map_err(|error| self.rpc_error(what, error))
    }

    /// Waits for an answer, whatever it says, until the deadline.
    pub(crate) async fn in_time<T>(
        &self,
        what: &str,
        asking: impl Future<Output = T>,
    ) -> Result<T, ChainError> {
        let patience = self.inner.options.answer_timeout;
        match tokio::time::timeout(patience, asking).await {
            Ok(answer) => Ok(answer),
            // Either the node is slow or it is gone: a fresh connection tells which.
            Err(_) => {
                probe(&self.inner.url).await?;
                Err(ChainError::NoAnswer {
                    url: self.inner.url.clone(),
                    what: what.into(),
                    seconds: patience.as_secs(),
                })
            }
        }
    }

    pub(crate) async fn rpc_json(&self, method: &str) -> Result<serde_json::Value, RpcError> {
        self.inner
            .rpc
            .request(method, subxt::rpcs::rpc_params![])
            .await
    }

    pub(crate) fn legacy(&self) -> &LegacyRpcMethods<RpcConfigFor<ChainConfig>> {
        &self.inner.legacy
    }

    pub(crate) fn client(&self) -> &OnlineClient<ChainConfig> {
        &self.inner.client
    }

    pub(crate) fn nonces(&self) -> &Nonces {
        &self.inner.nonces
    }

    pub(crate) fn rpc_error(&self, what: &str, error: RpcError) -> ChainError {
        of_rpc(&self.inner.url, what, error)
    }

    /// What an error of subxt's means: the connection, a refusal, or an answer that cannot be read.
    pub(crate) fn subxt_error(&self, what: &str, error: impl Into<SubxtError>) -> ChainError {
        of_subxt(&self.inner.url, what, error.into())
    }
}

fn of_rpc(url: &str, what: &str, error: RpcError) -> ChainError {
    let unreachable = |reason: String| ChainError::Unreachable {
        url: url.to_owned(),
        reason,
    };
    match error {
        RpcError::User(user) if is_unknown(user.code, &user.message) => ChainError::NotSupported {
            what: what.into(),
            reason: user.message,
        },
        RpcError::User(user) => {
            let detail = user
                .data
                .map(|data| format!(": {}", data.get()))
                .unwrap_or_default();
            ChainError::Rpc {
                what: what.into(),
                reason: format!("{}{detail}", user.message),
            }
        }
        RpcError::Deserialization(error) => undecodable(what, error.to_string()),
        RpcError::Decode(error) => undecodable(what, error.to_string()),
        RpcError::Client(error) => unreachable(root_cause(error.as_ref())),
        RpcError::DisconnectedWillReconnect(reason) => {
            unreachable(format!("the connection was lost ({reason})"))
        }
        other => unreachable(other.to_string()),
    }
}

fn of_subxt(url: &str, what: &str, error: SubxtError) -> ChainError {
    match backend_cause(error) {
        Ok(BackendError::Rpc(BackendRpcError::ClientError(error))) => of_rpc(url, what, error),
        Ok(other) => ChainError::Rpc {
            what: what.into(),
            reason: other.to_string(),
        },
        Err(reason) => undecodable(what, reason),
    }
}

/// The failed question behind an error of what we ask through subxt; its words where there was an
/// answer.
fn backend_cause(error: SubxtError) -> Result<BackendError, String> {
    match error {
        SubxtError::BackendError(cause)
        | SubxtError::OnlineClientError(OnlineClientError::CannotGetGenesisHash(cause))
        | SubxtError::EventsError(EventsError::CannotFetchEventBytes(cause))
        | SubxtError::StorageError(StorageError::CannotFetchValue(cause))
        | SubxtError::OnlineClientAtBlockError(
            AtBlockError::CannotGetCurrentBlock { reason: cause }
            | AtBlockError::CannotGetBlockHash { reason: cause, .. }
            | AtBlockError::CannotGetBlockHeader { reason: cause, .. }
            | AtBlockError::CannotGetSpecVersion { reason: cause, .. },
        ) => Ok(cause),
        other => Err(other.to_string()),
    }
}

/// JSON-RPC's "method not found", or a runtime without the asked API.
fn is_unknown(code: i32, message: &str) -> bool {
    code == -32601 || (message.contains("Exported method") && message.contains("is not found"))
}

pub(crate) fn undecodable(what: &str, reason: String) -> ChainError {
    ChainError::Undecodable {
        what: what.into(),
        reason,
    }
}

/// Opens a connection once, to learn in words why it does not work.
async fn probe(url: &str) -> Result<(), ChainError> {
    let unreachable = |reason: String| ChainError::Unreachable {
        url: url.to_owned(),
        reason,
    };
    if !(url.starts_with("ws://") || url.starts_with("wss://")) {
        return Err(unreachable(
            "the address must begin with ws:// or wss://".into(),
        ));
    }
    let once = RpcClientBuilder::new()
        .connection_timeout(CONNECT_TIMEOUT)
        .retry_policy(std::iter::empty::<Duration>())
        .build(url);
    tokio::time::timeout(CONNECT_TIMEOUT, once)
        .await
        .map_err(|_| unreachable("no answer to the WebSocket handshake".into()))?
        .map_err(|error| unreachable(root_cause(&error)))?;
    Ok(())
}

/// The innermost cause of an error: `Connection refused` rather than the layers around it.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_port_is_reported_at_once_with_its_address() {
        // Bound and dropped: nobody listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let url = format!("ws://127.0.0.1:{port}");
        let error = Chain::connect(&url).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, ChainError::Unreachable { .. }), "{text}");
        assert!(
            text.contains(&url) && text.to_lowercase().contains("refused"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn an_address_that_is_no_websocket_is_named() {
        let error = Chain::connect("http://127.0.0.1:9944").await.unwrap_err();
        assert!(
            error.to_string().contains("must begin with ws://"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_websocket_is_unreachable() {
        use tokio::io::AsyncWriteExt;
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = server.accept().await {
                let _ = socket.write_all(b"SSH-2.0-OpenSSH\r\n").await;
            }
        });
        let error = Chain::connect(&format!("ws://127.0.0.1:{port}"))
            .await
            .unwrap_err();
        assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
    }

    #[test]
    fn a_lost_connection_is_told_from_an_answer_that_cannot_be_read() {
        let lost = || {
            let error = RpcError::DisconnectedWillReconnect("closed by the peer".into());
            BackendError::Rpc(BackendRpcError::ClientError(error))
        };
        let errors: [SubxtError; 4] = [
            lost().into(),
            EventsError::CannotFetchEventBytes(lost()).into(),
            StorageError::CannotFetchValue(lost()).into(),
            AtBlockError::CannotGetCurrentBlock { reason: lost() }.into(),
        ];
        for error in errors {
            let error = of_subxt("ws://x:1", "events", error);
            let text = error.to_string();
            assert!(matches!(error, ChainError::Unreachable { .. }), "{text}");
            assert!(
                text.contains("ws://x:1: the connection was lost (closed by the peer)"),
                "{text}"
            );
            assert!(error.is_transient());
        }
        let unread = EventsError::CannotFindPalletWithIndex(9);
        let error = of_subxt("ws://x:1", "events", unread.into());
        assert!(matches!(error, ChainError::Undecodable { .. }), "{error}");
    }

    #[test]
    fn a_runtime_without_the_api_is_told_from_a_failing_call() {
        assert!(is_unknown(
            4003,
            "Client error: Exported method PlacementApi_quote is not found"
        ));
        assert!(is_unknown(-32601, "Method not found"));
        assert!(!is_unknown(4003, "Client error: wasm trap"));
    }
}
