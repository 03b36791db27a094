//! The local status page, its JSON and its metrics.

mod html;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::State,
    http::{header, HeaderValue, StatusCode},
    response::{Html, IntoResponse, Json, Response},
    routing::get,
    Router,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{context::Context, gauges, report, status::Status};

/// Nothing is loaded from elsewhere, nothing runs, nobody frames it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
);
/// What Prometheus reads.
const METRICS_TYPE: &str = "text/plain; version=0.0.4";

/// Serves the page until the task is aborted; where.
pub(crate) async fn serve(
    context: Arc<Context>,
    listen: SocketAddr,
) -> std::io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/", get(page))
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .with_state(context);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the status page is no longer served");
        }
    });
    Ok((address, task))
}

async fn page(State(context): State<Arc<Context>>) -> Response {
    let text = html::render(&report::status(&context));
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(text)).into_response()
}

async fn status(State(context): State<Arc<Context>>) -> Json<Status> {
    Json(report::status(&context))
}

async fn metrics(State(context): State<Arc<Context>>) -> Response {
    gauges::refresh(&context);
    match context.metrics.render() {
        Ok(text) => ([(header::CONTENT_TYPE, METRICS_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
