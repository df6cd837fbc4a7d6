//! The local API: HTTP on loopback, for this user's own commands and the web shell.
//!
//! A request whose `Host` is not this address, or that another web page than this node's own sent, is
//! refused whatever it carries. Every one carries the token of `node.json` in a header, but those for
//! the pages' files, which are no secret, and that for the health: whoever watches a service knows of
//! no token, and without it is told nothing beyond up or not.
//!
//! The page of a browser's own home is served under the name `localhost`, and nothing else of a node is to
//! a web page there. To a browser that is another origin than the address: what it keeps for the one page,
//! the shell's token too, the other cannot see, and what the one asks of the other is refused.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt as _, stream};
use myrhiza_api::{Error, Notice};
use myrhiza_kernel_api::limits;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::connections::{self, Busy};
use super::health::Health;
use super::metrics::{self, TopicCount};
use super::page::Page;
use super::progress::Progress;
use super::serve::{Asked, Service};
use super::shell::Wanted;

/// The header with the token.
pub(super) const TOKEN: &str = "x-myrhiza-token";
/// Longest request, in bytes: a command line with a ticket on standard input.
const REQUEST_BYTES: usize = 1 << 20;
/// Where the web shell asks.
pub(super) const SHELL: &str = "/v1/shell";
/// Longest of its requests: a bundle in hex.
const SHELL_BYTES: usize = 2 * limits::BUNDLE_BYTES + (1 << 10);
/// Most requests longer than others at once.
const LONG: usize = 2;
/// Most who are told what happens at once: a person's pages, and of connections a quarter.
const TOLD: usize = 64;
/// Where the page of a browser's own home is.
pub(super) const BROWSER: &str = "/browser/";
/// What browsers send with all they ask for, and nobody else does.
const FROM_BROWSER: &str = "sec-fetch-site";
/// How often whoever listens hears something, so that both sides know that the other is there.
const STILL: Duration = Duration::from_secs(15);
/// How long the kernel is waited for where nobody waits for what it does.
const ANSWER: Duration = Duration::from_secs(5);

/// What the handlers share.
pub(super) struct Api {
    pub(super) service: Service,
    pub(super) health: Health,
    pub(super) page: Page,
    /// The page of a browser's own home.
    pub(super) browser_page: Page,
    pub(super) token: String,
    pub(super) address: SocketAddr,
    /// Told when the node is to stop.
    pub(super) stop: Arc<Notify>,
    pub(super) room: Room,
}

/// What may be under way at once of what takes much: long requests are in memory whole, and whoever is told
/// what happens has a connection for as long.
pub(super) struct Room {
    long: Arc<Semaphore>,
    told: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self { long: Arc::new(Semaphore::new(LONG)), told: Arc::new(Semaphore::new(TOLD)) }
    }
}

/// Serves. Never done.
pub(super) async fn serve(listener: TcpListener, api: Api) -> Infallible {
    let state = Arc::new(api);
    let router = Router::new()
        .route("/v1/command", post(command))
        .route("/v1/progress", get(progress))
        .route("/v1/stop", post(stop_node))
        .route(SHELL, post(shell).layer(DefaultBodyLimit::max(SHELL_BYTES)))
        .route("/v1/events", get(events))
        .route("/metrics", get(prometheus))
        .layer(middleware::from_fn_with_state(state.clone(), knows_token))
        .route("/health", get(health))
        .route("/", get(index))
        .route("/{file}", get(page))
        .route(BROWSER, get(browser_index))
        .route(&format!("{BROWSER}{{*file}}"), get(browser_page))
        .layer(middleware::from_fn_with_state(state.clone(), is_own))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .with_state(state);
    connections::serve(listener, router).await
}

/// Lets in who knows the token.
async fn knows_token(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    match is_token(request.headers(), &api.token) {
        true => next.run(request).await,
        false => no_token(),
    }
}

/// Lets in who asked for this very address (a name that was made to lead here is a page's trick), and
/// is no web page but this node's own, with no more than they can have to say.
async fn is_own(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    // Whoever reads another one than this would see another request.
    let several = |name| headers.get_all::<HeaderName>(name).iter().nth(1).is_some();
    if several(header::HOST) || several(header::ORIGIN) {
        return refuse(StatusCode::BAD_REQUEST, "there is more than one Host or Origin header");
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = host.and_then(|host| Some((host, Named::by(host, api.address)?)));
    let Some((own, named)) = named else {
        return refuse(StatusCode::FORBIDDEN, "the Host header is not this node's address");
    };
    if request.uri().authority().is_some_and(|other| other.as_str() != own) {
        return refuse(StatusCode::FORBIDDEN, "the request is for another address than its Host");
    }
    let origin = headers.get(header::ORIGIN);
    let of_browser = request.uri().path().starts_with(BROWSER);
    if of_browser && named != Named::Localhost {
        return refuse(
            StatusCode::FORBIDDEN,
            "a browser's own home is at the name localhost alone",
        );
    }
    let from_page = origin.is_some() || headers.contains_key(FROM_BROWSER);
    if !of_browser && named == Named::Localhost && from_page {
        return elsewhere(api.address);
    }
    if origin.is_some_and(|origin| origin.as_bytes() != format!("http://{own}").as_bytes()) {
        return refuse(StatusCode::FORBIDDEN, "other web pages are not served");
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let most = if request.uri().path() == SHELL { SHELL_BYTES } else { REQUEST_BYTES };
    if length.is_some_and(|length| length > most) {
        let why = "the request is longer than any can be";
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, why);
    }
    // One that does not say how long it is may be as long as any.
    let is_long =
        request.uri().path() == SHELL && length.is_none_or(|length| length > REQUEST_BYTES);
    let room = match is_long {
        true => api.room.long.acquire().await.ok(),
        false => None,
    };
    let answer = next.run(request).await;
    drop(room);
    answer
}

/// By which of its names this node is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Address,
    Localhost,
}

impl Named {
    /// What a `Host` header names, if it is this node. Clients leave port 80 out.
    fn by(host: &str, address: SocketAddr) -> Option<Self> {
        let port = format!(":{}", address.port());
        let without = |host: &str| match host.strip_suffix(&port) {
            Some(name) => Some(name.to_owned()),
            None => (address.port() == 80).then(|| host.to_owned()),
        };
        let name = without(host)?;
        if name == "localhost" {
            return Some(Self::Localhost);
        }
        (Some(name) == without(&address.to_string())).then_some(Self::Address)
    }
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

/// Says to a person whom a browser led to the wrong name where the right one is. There is no token in it:
/// whatever is at that name may read this.
fn elsewhere(address: SocketAddr) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Myrhiza</title>\n<p>At the name localhost \
         is a browser's own home alone. This node's page is at <a href=\"http://{address}/\">http://{address}/</a>; \
         <code>myrhiza ui</code> prints the address that lets you in.</p>\n"
    );
    (StatusCode::FORBIDDEN, headers, page).into_response()
}

async fn command(State(api): State<Arc<Api>>, Json(asked): Json<Asked>) -> Response {
    match api.service.run(asked).await {
        Ok(answer) => Json(answer).into_response(),
        Err(cause) => (StatusCode::SERVICE_UNAVAILABLE, cause).into_response(),
    }
}

async fn progress(State(api): State<Arc<Api>>) -> Response {
    let Service { node, heard, waiting, .. } = &api.service;
    Json(Progress::of(node, heard, waiting).await).into_response()
}

/// Does what the web shell asks.
async fn shell(State(api): State<Arc<Api>>, asked: Bytes) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let refused = |status: StatusCode, error: &Error| {
        (status, json.clone(), format!("{{\"error\":{}}}", error.to_json())).into_response()
    };
    let wanted = match Wanted::read(&asked) {
        Ok(wanted) => wanted,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error),
    };
    match api.service.answer(wanted).await {
        Ok(answer) => (json, answer).into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
    }
}

/// Tells what happens from now on, a line of JSON each, and an empty one now and then. It ends where
/// the node stops or what was told is not taken in time: then all is to be read again.
async fn events(State(api): State<Arc<Api>>, Extension(busy): Extension<Busy>) -> Response {
    let Ok(told) = Arc::clone(&api.room.told).try_acquire_owned() else {
        let why = "as many pages as there may be are open; close some";
        return refuse(StatusCode::SERVICE_UNAVAILABLE, why);
    };
    let watch = api.service.node.watch();
    let first = stream::iter([Notice::Here {}.to_line()]);
    let later = stream::unfold((watch, (busy, told)), |(watch, busy)| async move {
        loop {
            match timeout(STILL, watch.recv()).await {
                Ok(Ok(told)) => {
                    if let Some(notice) = Notice::of(&told) {
                        return Some((notice.to_line(), (watch, busy)));
                    }
                }
                Ok(Err(_)) => return None,
                Err(_) => return Some(("\n".to_owned(), (watch, busy))),
            }
        }
    });
    let lines = first.chain(later).map(Ok::<_, Infallible>);
    let headers =
        [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(lines)).into_response()
}

async fn index(state: State<Arc<Api>>) -> Response {
    page(state, Path(String::new())).await
}

/// A file of the web shell.
async fn page(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Response {
    read(move || api.page.answer(&name)).await
}

async fn browser_index(state: State<Arc<Api>>) -> Response {
    browser_page(state, Path(String::new())).await
}

/// A file of the page of a browser's own home.
async fn browser_page(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Response {
    read(move || api.browser_page.answer(&name)).await
}

async fn read(answer: impl FnOnce() -> Response + Send + 'static) -> Response {
    let read = tokio::task::spawn_blocking(answer);
    read.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_named_with_its_port_which_is_left_out_where_it_is_80() {
        let by = |host, address: &str| Named::by(host, address.parse().unwrap());
        for (address, own) in [("127.0.0.1:80", "127.0.0.1"), ("[::1]:80", "[::1]")] {
            assert_eq!(by(address, address), Some(Named::Address));
            assert_eq!(by(own, address), Some(Named::Address));
            assert_eq!(by("localhost", address), Some(Named::Localhost));
            assert_eq!(by("localhost:80", address), Some(Named::Localhost));
            for other in ["", ":80", "localhost:8080", "evil.example", "127.0.0.1:80:80", "::1"] {
                assert_eq!(by(other, address), None, "{other}");
            }
        }
        assert_eq!(by("127.0.0.1:8080", "127.0.0.1:8080"), Some(Named::Address));
        assert_eq!(by("localhost:8080", "127.0.0.1:8080"), Some(Named::Localhost));
        for other in ["127.0.0.1", "localhost", "127.0.0.1:80", "127.0.0.1:808", "127.0.0.1:18080"]
        {
            assert_eq!(by(other, "127.0.0.1:8080"), None, "{other}");
        }
    }
}
