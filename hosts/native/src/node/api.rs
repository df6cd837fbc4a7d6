//! The local API: HTTP on loopback, for this user's own commands.
//!
//! A request whose `Host` is not this address, or that a web page sent, is refused whatever it
//! carries. Every one but that for the health carries the token of `node.json` in a header: whoever
//! watches a service knows of no token, and without it is told nothing beyond up or not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::health::Health;
use super::metrics::{self, TopicCount};
use super::serve::{Asked, Service};

/// The header with the token.
pub(super) const TOKEN: &str = "x-myrhiza-token";
/// Longest request, in bytes: a command line with a ticket on standard input.
const REQUEST_BYTES: usize = 1 << 20;
/// How long the kernel is waited for where nobody waits for what it does.
const ANSWER: Duration = Duration::from_secs(5);

/// What the handlers share.
pub(super) struct Api {
    pub(super) service: Service,
    pub(super) health: Health,
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
        .layer(middleware::from_fn_with_state(state.clone(), knows_token))
        .route("/health", get(health))
        .layer(middleware::from_fn_with_state(state.clone(), is_own))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .with_state(state);
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.notified().await }).await
}

/// Lets in who knows the token.
async fn knows_token(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    match is_token(request.headers(), &api.token) {
        true => next.run(request).await,
        false => no_token(),
    }
}

/// Lets in who is no web page and asked for this very address (a name that was made to lead here is a
/// page's trick), with no more than a command line.
async fn is_own(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) {
        return refuse(StatusCode::FORBIDDEN, "web pages are not served");
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let local = format!("localhost:{}", api.address.port());
    if host.is_none_or(|host| host != api.address.to_string() && host != local) {
        return refuse(StatusCode::FORBIDDEN, "the Host header is not this node's address");
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > REQUEST_BYTES) {
        let why = "the request is longer than any command line";
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, why);
    }
    next.run(request).await
}

/// Compares in a time that says nothing of where they differ.
fn is_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(TOKEN).map(|value| value.as_bytes()).unwrap_or_default();
    let differs = given.iter().zip(token.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == token.len() && differs == 0
}

fn no_token() -> Response {
    let why = "the token of node.json in the home has to be in the header x-myrhiza-token";
    refuse(StatusCode::UNAUTHORIZED, why)
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
    let Service { node, fetches, waiting, .. } = &api.service;
    Json(fetches.progress(node, waiting).await).into_response()
}

async fn stop_node(State(api): State<Arc<Api>>) -> StatusCode {
    api.stop.notify_waiters();
    api.stop.notify_one();
    StatusCode::ACCEPTED
}

/// Whether the node works; to who knows the token, also what of it does not.
async fn health(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let knows = headers.contains_key(TOKEN);
    if knows && !is_token(&headers, &api.token) {
        return no_token();
    }
    let found = api.health.look().await;
    let status = if found.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match knows {
        true => (status, Json(found)).into_response(),
        false => (status, if found.ok { "ok\n" } else { "not ok\n" }).into_response(),
    }
}

async fn prometheus(State(api): State<Arc<Api>>) -> Response {
    let health = api.health.look().await;
    let Service { node, counts, .. } = &api.service;
    let asked = async {
        let topics = node.call(|seat, _| TopicCount::all(&seat.runtime)).await;
        let topics = topics.map_err(|error| error.to_string())?;
        let topics = topics.map_err(|error| error.to_string())?;
        let peers = node.peers().await.map_err(|error| error.to_string())?;
        let status = node.status().await.map_err(|error| error.to_string())?;
        let told = metrics::Told { peers: &peers, topics: &topics, status, health, counts };
        Ok::<_, String>(metrics::text(&told))
    };
    let late = || Err(format!("the kernel did not answer within {} s", ANSWER.as_secs()));
    match tokio::time::timeout(ANSWER, asked).await.unwrap_or_else(|_| late()) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(cause) => (StatusCode::SERVICE_UNAVAILABLE, format!("{cause}\n")).into_response(),
    }
}
