//! A node until it is told to stop: its API, the peers it wants, what it says when it is up.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use myrhiza_kernel_api::PeerAddress;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::api::{self, Api};
use super::client::page_of;
use super::counts::Counts;
use super::health::Health;
use super::heard::Heard;
use super::page::Page;
use super::progress::Waiting;
use super::serve::Service;
use super::{NodeFile, Running};
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::told;
use crate::{signals, text};

/// How often it is looked whether the node is still whole.
const LOOK: Duration = Duration::from_secs(1);
/// How long a relay is waited for, so that tickets name it from the start.
const RELAY: Duration = Duration::from_secs(5);
/// How often it is looked whether there is to be said that there is no news.
const NEWS: Duration = Duration::from_secs(3_600);
/// Milliseconds after which an author's home says so: well before what it said is called old.
const NEWS_MS: u64 = 12 * 3_600_000;

/// What `up` prints once it is up.
#[derive(Serialize)]
struct Started {
    /// The node's key.
    id: String,
    /// How others reach it.
    addresses: Vec<String>,
    /// Where its API is.
    api: String,
    /// The web shell, with what lets one in: the part after `#` never leaves a browser.
    page: Option<String>,
    /// The page of a browser's own home.
    browser_page: Option<String>,
}

/// Serves the local API and keeps the node connected, until the process is told to end. `browser_page`
/// is the folder of the page of a browser's own home.
pub(crate) fn serve_api(
    cx: &Context<'_>,
    running: &Running,
    api: SocketAddr,
    connect: Vec<PeerAddress>,
    browser_page: Option<PathBuf>,
) -> Outcome<Exit> {
    let browser_page = Page::of_browser(browser_page, &running.path)?;
    running.tokio.block_on(async {
        let failed = |error: std::io::Error| {
            let next = "give another address with `--api`";
            let cause = format!("the local API cannot listen on {api}: {error}");
            Failure::refused("node", "the node was not started", cause, next)
        };
        let listener = TcpListener::bind(api).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let token = new_token()?;
        let file = NodeFile { api: address, token: token.clone(), pid: std::process::id() };
        let _published = file.publish(&running.path)?;
        let stop = Arc::new(Notify::new());
        let service = Service {
            node: running.node.clone(),
            home: running.home.clone(),
            plugins: cx.plugins.clone(),
            relays: running.relays.clone(),
            heard: Heard::default(),
            waiting: Waiting::default(),
            counts: Counts::default(),
        };
        let heard = tokio::spawn(service.heard.clone().follow(running.node.clone()));
        let counts = tokio::spawn(service.counts.clone().follow(running.node.clone()));
        let health = Health::new(running.node.clone(), running.network());
        let page = Page::find();
        let shell = page.is_there().then(|| page_of(address, &token));
        let browser = browser_page.is_there();
        let browser = browser.then(|| format!("http://localhost:{}{}", address.port(), api::BROWSER));
        if browser.is_some() && api.port() == 0 {
            note!(
                "what a browser keeps belongs to one port, and this node has another one next time: give \
                 one that stays, such as `--api 127.0.0.1:8650`"
            );
        }
        let (stopped_by, room) = (stop.clone(), api::Room::default());
        let api =
            Api { service, health, page, browser_page, token, address, stop: stopped_by, room };
        let server = tokio::spawn(api::serve(listener, api));
        for peer in connect {
            running.node.connect(peer).await.map_err(stopped)?;
        }
        relay_reached(running).await;
        let ended = signals::ended();
        tell(cx, running, address, [shell, browser])?;
        let fault = tokio::select! {
            () = ended => None,
            () = stop.notified() => None,
            fault = ended_by_itself(running) => Some(fault),
            () = stay_current(running) => None,
        };
        note!("stopping");
        server.abort();
        heard.abort();
        counts.abort();
        fault.map_or(Ok(Exit::Ok), Err)
    })
}

/// Waits until the node is known at a relay, if it is to be.
async fn relay_reached(running: &Running) {
    let known = async {
        while !running.node.addresses().iter().any(|address| address.kind() == "relay") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let is_relayed = !running.relays.is_empty();
    if is_relayed && tokio::time::timeout(RELAY, known).await.is_err() {
        note!("no relay was reached yet; until one is, nobody gets here through it");
    }
}

/// Is done when the kernel, or what connects it, has ended by itself, which only a fault makes it do.
async fn ended_by_itself(running: &Running) -> Failure {
    let network = running.network();
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = running.node.peers().await {
            return stopped(error);
        }
        if network.is_finished() {
            return fault("what makes its connections has stopped".into());
        }
    }
}

/// Keeps what others know of this home's person, if they are an author, from getting old. Never done.
async fn stay_current(running: &Running) {
    loop {
        let said = running.node.call(|seat, _| {
            let (runtime, signer) = seat.parts();
            with_ambient(|ambient| {
                let said = runtime.stay_current(signer, ambient, NEWS_MS);
                said.map_err(told("others were not told that there is no news")).map(|_| ())
            })
        });
        if let Ok(Err(failure)) = said.await {
            tracing::warn!(cause = failure.cause, "{}", failure.what);
        }
        tokio::time::sleep(NEWS).await;
    }
}

fn stopped(error: myrhiza_kernel::node::drive::Stopped) -> Failure {
    fault(error.to_string())
}

fn fault(cause: String) -> Failure {
    let next = "read its log for the fault, and start it again with `myrhiza up`";
    Failure::refused("node", "the node ended by itself", cause, next)
}

fn tell(
    cx: &Context<'_>,
    running: &Running,
    api: SocketAddr,
    [page, browser_page]: [Option<String>; 2],
) -> Outcome<()> {
    let node = &running.node;
    let started = Started {
        id: node.key().to_string(),
        addresses: node.addresses().iter().map(ToString::to_string).collect(),
        api: format!("http://{api}"),
        page,
        browser_page,
    };
    cx.output.print(&started, |out| {
        writeln!(out, "up    {}", text::node(&started.id, &started.addresses))?;
        writeln!(out, "api   {}", started.api)?;
        match &started.page {
            // What is no terminal may be a service's log, which others read.
            Some(page) if std::io::stdout().is_terminal() => writeln!(out, "page  {page}")?,
            Some(_) => {
                writeln!(out, "page  {}/#token=… as node.json in the home has it", started.api)?
            }
            None => {}
        }
        if let Some(page) = &started.browser_page {
            writeln!(out, "browser  {page} for a home of its own")?;
        }
        writeln!(out, "Other commands talk to it; Ctrl-C stops it.")
    })
}

/// 32 bytes nobody can guess.
fn new_token() -> Outcome<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        let next = "mend the system's source of randomness";
        Failure::refused("randomness", "the node was not started", error.to_string(), next)
    })?;
    Ok(text::hex(&bytes))
}
