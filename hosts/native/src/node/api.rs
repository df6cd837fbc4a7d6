//! The local API: HTTP on loopback, for this user's own commands.
//!
//! Every request but the health check carries the token of `node.json` in a header; one whose
//! `Host` is not this address, or that a web page sent, is refused whatever it carries.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::metrics::{self, TopicCount};
use super::serve::{Asked, Service};

/// The header with the token.
pub(super) const TOKEN: &str = "x-myrhiza-token";
/// Longest request, in bytes: a command line with a ticket on standard input.
const REQUEST_BYTES: usize = 1 << 20;

/// What the handlers share.
pub(super) struct Api {
    pub(super) service: Service,
    pub(super) token: String,
    pub(super) address: SocketAddr,
    /// Told when the node is to stop.
    pub(super) stop: Arc<Notify>,
}

/// Serves until `stop` is told.
pub(super) async fn serve(listener: TcpListener, api: Api) -> std::io::Result<()> {
    let stop = api.stop.clone();
    let state = Arc::new(api);
    let router = Router::new()
        .route("/v1/command", post(command))
        .route("/v1/progress", get(progress))
        .route("/v1/stop", post(stop_node))
        .route("/metrics", get(prometheus))
        .layer(middleware::from_fn_with_state(state.clone(), guard))
        .route("/health", get(health))
        .layer(middleware::from_fn_with_state(state.clone(), own_host))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .with_state(state);
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.notified().await }).await
}

/// Lets in who knows the token and is no web page.
async fn guard(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) {
        return refuse(StatusCode::FORBIDDEN, "web pages are not served");
    }
    if !is_token(headers, &api.token) {
        let why = "the token of node.json in the home has to be in the header x-myrhiza-token";
        return refuse(StatusCode::UNAUTHORIZED, why);
    }
    next.run(request).await
}

/// Lets in who asked for this very address (a name that was made to lead here is a web page's trick),
/// and no more than a command line.
async fn own_host(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let local = format!("localhost:{}", api.address.port());
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > REQUEST_BYTES) {
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the request is longer than any command line",
        );
    }
    match host {
        Some(host) if host == api.address.to_string() || host == local => next.run(request).await,
        _ => refuse(StatusCode::FORBIDDEN, "the Host header is not this node's address"),
    }
}

/// Compares in a time that says nothing of where they differ.
fn is_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(TOKEN).map(|value| value.as_bytes()).unwrap_or_default();
    let differs = given.iter().zip(token.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == token.len() && differs == 0
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, format!("{why}\n")).into_response()
}

async fn command(State(api): State<Arc<Api>>, Json(asked): Json<Asked>) -> Response {
    match api.service.run(asked).await {
        Ok(answer) => Json(answer).into_response(),
        Err(cause) => (StatusCode::SERVICE_UNAVAILABLE, cause).into_response(),
    }
}

async fn progress(State(api): State<Arc<Api>>) -> Response {
    Json(api.service.fetches.progress(&api.service.node).await).into_response()
}

async fn stop_node(State(api): State<Arc<Api>>) -> StatusCode {
    api.stop.notify_waiters();
    api.stop.notify_one();
    StatusCode::ACCEPTED
}

/// Whether the kernel answers.
async fn health(State(api): State<Arc<Api>>) -> Response {
    match api.service.node.peers().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn prometheus(State(api): State<Arc<Api>>) -> Response {
    let node = &api.service.node;
    let topics = node.call(|seat, _| {
        let topics = seat.runtime.topics()?;
        Ok::<_, myrhiza_kernel::runtime::RuntimeError>(
            topics
                .into_iter()
                .map(|topic| TopicCount {
                    id: topic.id.to_string(),
                    events: topic.record.events,
                    folded: topic.record.settled(),
                })
                .collect::<Vec<_>>(),
        )
    });
    let (topics, peers) = match (topics.await, node.peers().await) {
        (Ok(Ok(topics)), Ok(peers)) => (topics, peers),
        (Ok(Err(error)), _) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
        }
        (Err(error), _) | (_, Err(error)) => {
            return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
        }
    };
    let status = metrics::Status { key: node.key(), addresses: node.addresses(), peers };
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, metrics::text(&status, &topics)).into_response()
}
