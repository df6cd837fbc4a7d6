//! Starting and stopping a node.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{self, Node, Parts, Surroundings};
use myrhiza_kernel::runtime::{PART, Runtime};
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{
    BoxFuture, Kind, Registration, Transport, TransportConfig, TransportError,
};
use tokio::runtime::Runtime as Tokio;
use tokio::task::{AbortHandle, JoinHandle as Task};
use tokio::time::timeout;

use crate::console::note;
use crate::context::{Context, now_ms, with_ambient};
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::home::{self, Home};
use crate::runtime::{take_part, told, verify};

/// How long what is under way may take when the node is to end.
const ENDING: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// How a node is to reach others.
pub(crate) struct Settings {
    /// The transport's name.
    pub(crate) transport: String,
    /// Where to listen.
    pub(crate) listen: Vec<SocketAddr>,
    /// URLs of relays.
    pub(crate) relays: Vec<String>,
    /// Whether to look for nodes in the local network.
    pub(crate) discovery: bool,
}

/// A node that is up.
pub(crate) struct Running {
    pub(crate) node: Node,
    pub(crate) home: Arc<Mutex<Home>>,
    /// Where the home is.
    pub(crate) path: PathBuf,
    pub(crate) tokio: Tokio,
    /// The relays it is to be reached through.
    pub(crate) relays: Vec<String>,
    network: Task<()>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts a home's node. Its keys are at hand from here on, so a passphrase is asked for once.
pub(crate) fn start(
    cx: &Context<'_>,
    settings: impl FnOnce(&Home) -> Settings,
) -> Outcome<Running> {
    let mut home = cx.own_home()?;
    let keys = home.unseal()?;
    let runtime = home.runtime(&cx.registry)?;
    let settings = settings(&home);
    let path = home::transport_folder(home.path(), &settings.transport);
    files::ensure_private_folder(&path)?;
    let relays = settings.relays.clone();
    let config = TransportConfig {
        secret: TransportSecret(keys.device().transport_seed()),
        path: Some(path),
        listen: settings.listen,
        relays: settings.relays,
        discovery: settings.discovery,
    };
    let seat = seat(&home, &keys, runtime)?;
    home.keep(keys);
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let tokio = tokio.map_err(|error| not_started(error.to_string()))?;
    let transport = tokio.block_on(open(cx, &settings.transport, config))?;
    let surroundings = Arc::new(Host(tokio.handle().clone()));
    let Parts { node, kernel, verifier, network } =
        drive::assemble(drive::Config { transport, surroundings, seat, verify });
    let threads = vec![
        on_a_thread("kernel", &tokio, async move { drop(kernel.await) })?,
        on_a_thread("verifier", &tokio, verifier)?,
    ];
    let network = tokio.spawn(network);
    let path = home.path().to_owned();
    let home = Arc::new(Mutex::new(home));
    Ok(Running { node, home, path, tokio, relays, network, threads })
}

/// What the node acts for. This home's key comes into the topics that its person is in by another
/// home: peers serve nobody else.
fn seat(home: &Home, keys: &Keys, mut runtime: Runtime) -> Outcome<Seat> {
    let what = "the node was not started";
    let signer = home.signer(keys);
    // What takes long is the node's to go on with.
    runtime.work_in_parts(PART);
    for topic in runtime.topic_ids().map_err(told(what))? {
        if let Err(failure) =
            with_ambient(|ambient| take_part(&mut runtime, topic, signer, ambient))
        {
            tracing::warn!(%topic, cause = failure.cause, "this home does not take part");
        }
    }
    // Tried again at the next start, as is what failed above.
    if let Err(error) = runtime.follow_authors(signer, now_ms()) {
        tracing::warn!(%error, "the authors of the installed apps are not followed");
    }
    let (scope, certificate) = (keys.device().clone(), home.certificate().clone());
    Ok(Seat { runtime, scope, certificate })
}

impl Running {
    /// What makes and takes its connections.
    pub(super) fn network(&self) -> AbortHandle {
        self.network.abort_handle()
    }

    /// Ends it: what is under way is finished, peers are told, and the home is let go.
    pub(crate) fn stop(self) {
        self.stop_within(ENDING);
    }

    /// The same, if it is done in time. What is not ends with the process: the store keeps what was
    /// acknowledged, and nothing by halves.
    fn stop_within(self, time: Duration) {
        let Self { node, home, tokio, network, threads, .. } = self;
        let end = Instant::now() + time;
        let ended = tokio.block_on(async {
            let done = async {
                node.stop().await;
                // A task that panicked has said so already.
                let _ = network.await;
            };
            timeout(time, done).await
        });
        while ended.is_ok() && !threads.iter().all(JoinHandle::is_finished) && Instant::now() < end
        {
            thread::sleep(PAUSE);
        }
        if !threads.iter().all(JoinHandle::is_finished) {
            note!(
                "what the node was doing was not done within {} s: it is broken off",
                time.as_secs()
            );
        }
        tokio.shutdown_timeout(Duration::from_secs(1));
        drop(home);
    }
}

fn not_started(cause: String) -> Failure {
    Failure::refused("node", "the node was not started", cause, "mend the cause and run it again")
}

fn on_a_thread(
    name: &str,
    tokio: &Tokio,
    work: impl Future<Output = ()> + Send + 'static,
) -> Outcome<JoinHandle<()>> {
    let handle = tokio.handle().clone();
    let builder = thread::Builder::new().name(name.into());
    builder.spawn(move || handle.block_on(work)).map_err(|error| not_started(error.to_string()))
}

async fn open(
    cx: &Context<'_>,
    name: &str,
    config: TransportConfig,
) -> Outcome<Arc<dyn Transport>> {
    let listen: Vec<_> = config.listen.iter().map(ToString::to_string).collect();
    match cx.registry.get(Kind::Transport, name) {
        Ok(Registration::Transport { open, .. }) => open(config).await.map_err(|error| {
            let what = "the node was not started";
            if matches!(error, TransportError::Config { .. }) {
                let next = "mend that with `--relay` or `--listen`, or for good with `myrhiza config \
                            relays` or `listen`; `myrhiza config` shows what it is told to use";
                return Failure::refused("transport", what, error.to_string(), next);
            }
            let to = match &listen[..] {
                [] => String::new(),
                listen => format!("; it was to listen on {}", listen.join(", ")),
            };
            Failure::refused(
                "transport",
                what,
                format!("{error}{to}"),
                "choose where it listens with `--listen` or `myrhiza config listen`; `myrhiza config` \
                 shows what it is told to use",
            )
        }),
        Ok(_) => Err(not_started(format!("`{name}` is no transport"))),
        Err(error) => Err(Failure::usage(
            "transport",
            "the node was not started",
            error.to_string(),
            "choose one of those with `myrhiza config transport NAME`",
        )),
    }
}

/// This machine's time and chance.
struct Host(tokio::runtime::Handle);

impl Surroundings for Host {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let _within = self.0.enter();
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }

    fn random(&self, bytes: &mut [u8]) {
        // Without it nothing safe can be done; it does not fail on any system this runs on once
        // it has not failed when the node started.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the system gives no randomness; the process ends");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::output::Output;
    use crate::plugins;

    #[test]
    fn a_node_ends_in_time_although_its_kernel_is_at_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        let cx = Context {
            output: Output { json: false },
            registry: myrhiza_kernel_api::Registry::collect(plugins::EXPECTED).unwrap(),
            plugins: plugins::EXPECTED.to_vec(),
            home: Some(path.clone()),
            command: "myrhiza up".into(),
            lent: None,
        };
        let config = cx.default_config();
        let new = home::NewHome {
            config,
            scope_name: "laptop",
            passphrase: None,
            keyring: false,
            device: false,
        };
        home::create(&path, new, &cx.registry).unwrap();
        let settings = |home: &Home| Settings {
            transport: home.config().transport.clone(),
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            relays: Vec::new(),
            discovery: false,
        };
        let running = start(&cx, settings).unwrap();
        let (node, (begun, has_begun)) = (running.node.clone(), mpsc::channel());
        let (_held, until) = mpsc::channel::<()>();
        running.tokio.spawn(async move {
            let busy = node.call(move |_, _| {
                begun.send(()).unwrap();
                let _ = until.recv();
            });
            let _ = busy.await;
        });
        has_begun.recv().unwrap();
        let start = Instant::now();
        running.stop_within(Duration::from_secs(1));
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
