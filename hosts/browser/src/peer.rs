//! A home that is up.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use async_channel::{Receiver, Sender, bounded};
use myrhiza_api::{
    About, Answered, Ask, Custody, Desk, Error, Fact, Journal, Notice, Request, Status,
};
use myrhiza_kernel::event::verify_all;
use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{self, Node, Parts};
use myrhiza_kernel::runtime::{Ambient, Runtime};
use myrhiza_kernel_api::TransportConfig;
use myrhiza_kernel_api::transport::TransportSecret;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::fault;
use crate::surroundings::Browser;
use crate::{author, keys, plugins};

/// How often a topic that is being folded is asked again, and how long until it is.
const TIMES: usize = 20;
const AGAIN: Duration = Duration::from_millis(250);

/// How a home is to be opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The store's name.
    store: String,
    /// URLs of relays to be reached through; with none, nobody is reached.
    relays: Vec<String>,
    /// What a new person's device is called.
    name: String,
}

/// A home that is up, with all it knows of and who it reaches.
#[wasm_bindgen]
pub struct Peer {
    node: Node,
    keys: Keys,
    about: About,
    journal: Rc<RefCell<Arc<Journal>>>,
    /// Is closed once the store is.
    ended: Receiver<()>,
}

#[wasm_bindgen]
impl Peer {
    /// Opens this browser's home, which is made the first time. `options` is
    /// `{"store", "relays", "name"}`; `hear` is called with each notice.
    ///
    /// # Errors
    /// An error as JSON.
    pub async fn open(options: String, hear: js_sys::Function) -> Result<Peer, JsValue> {
        let options = serde_json::from_str(&options).map_err(|error| fault::build(&error));
        let opened = match options {
            Ok(options) => Self::up(options).await,
            Err(error) => Err(error),
        };
        let peer = opened.map_err(|error| JsValue::from_str(&error.to_json()))?;
        peer.follow(hear);
        Ok(peer)
    }

    /// Does what a page asks: `{"method", "params"}` as text; the answer as text.
    ///
    /// # Errors
    /// An error as JSON.
    pub async fn call(&self, request: String) -> Result<String, JsValue> {
        let answered = match Request::read(request.as_bytes()) {
            Ok(request) => self.answer(request).await,
            Err(error) => Err(error),
        };
        answered.map_err(|error| JsValue::from_str(&error.to_json()))
    }

    /// The machine slept or has another network: who was not reached is tried again at once.
    pub async fn awake(&self) {
        // One that has stopped tries nobody.
        let _ = self.node.awake().await;
    }

    /// Ends it: what is under way is finished, and peers are told.
    pub async fn stop(self) {
        self.node.stop().await;
        // Nothing is ever sent.
        let _ = self.ended.recv().await;
    }
}

impl Peer {
    async fn up(options: Options) -> Result<Self, Error> {
        let registry = plugins::registry()?;
        let keys = keys::open(&options.name).await?;
        let Some(certificate) = keys.certificate().cloned() else {
            return Err(fault::key_file(&"they lack their certificate"));
        };
        // A store is of a key: where the browser has lost the one, the other is of no use.
        let folder = PathBuf::from(format!("home/{}", certificate.scope()));
        let store = plugins::store(&registry, &options.store, folder).await?;
        let runtime = Runtime::new(store, plugins::backend(&registry)?, registry.profiles());
        let about = about(&options, &runtime);
        let config = TransportConfig {
            secret: TransportSecret(keys.device().transport_seed()),
            path: None,
            listen: Vec::new(),
            relays: options.relays,
            discovery: false,
        };
        let transport = plugins::transport(&registry, config).await?;
        let mut seat = Seat { runtime, scope: keys.device().clone(), certificate };
        author::enter(&mut seat)?;
        let surroundings = Arc::new(Browser::default());
        let verify = verify_all;
        let Parts { node, kernel, verifier, network } =
            drive::assemble(drive::Config { transport, surroundings, seat, verify });
        let (open, ended): (Sender<()>, _) = bounded(1);
        spawn_local(async move {
            drop(kernel.await);
            drop(open);
        });
        spawn_local(verifier);
        spawn_local(network);
        spawn_local(author::stay_current(node.clone()));
        Ok(Self { node, keys, about, journal: Rc::default(), ended })
    }

    /// Tells the page what happens, and notes it for who looks later.
    fn follow(&self, hear: js_sys::Function) {
        let (node, journal) = (self.node.clone(), Rc::clone(&self.journal));
        let tell = move |notice: &Notice| {
            // What the page does with it is its own affair.
            let _ = hear.call1(&JsValue::NULL, &JsValue::from_str(notice.to_line().trim_end()));
        };
        spawn_local(async move {
            loop {
                let watch = node.watch();
                tell(&Notice::Here {});
                while let Ok(told) = watch.recv().await {
                    let now_ms = js_sys::Date::now() as u64;
                    Arc::make_mut(&mut journal.borrow_mut()).note(&told, now_ms);
                    if let Some(notice) = Notice::of(&told) {
                        tell(&notice);
                    }
                }
                // It has stopped, or something was missed.
                Arc::make_mut(&mut journal.borrow_mut()).missed();
                if node.peers().await.is_err() {
                    return;
                }
            }
        });
    }

    /// Does what the page asks. Where its topic is being folded, it waits for that, but not long: then how
    /// far it is is the answer.
    async fn answer(&self, request: Request) -> Result<String, Error> {
        for _ in 0..TIMES {
            match self.answer_once(request.clone()).await {
                Err(error) if error.code == Error::BUSY => n0_future::time::sleep(AGAIN).await,
                answered => return answered,
            }
        }
        self.answer_once(request).await
    }

    async fn answer_once(&self, request: Request) -> Result<String, Error> {
        let stopped = |error: drive::Stopped| fault::stopped(&error);
        let peers = self.node.peers().await.map_err(stopped)?;
        let denied = self.node.denied().await.map_err(stopped)?;
        let status =
            Status { key: self.node.key(), addresses: self.node.addresses(), peers, denied };
        let journal = Arc::clone(&self.journal.borrow());
        let (mut custody, about) = (Lent(self.keys.clone()), self.about.clone());
        let answered = self.node.call(move |seat, _| {
            with_ambient(|ambient| {
                let (status, journal, host) = (&status, &*journal, &about);
                let custody = &mut custody;
                Desk { seat, status, journal, host, custody, ambient }.answer(request)
            })
        });
        let answered: Answered = answered.await.map_err(stopped)??;
        match &answered.ask {
            Some(Ask::Connect(peer)) => self.node.connect(peer.clone()).await.map_err(stopped)?,
            Some(Ask::Compare(topic)) => {
                self.node.compare(*topic).await.map_err(stopped)?;
            }
            None => {}
        }
        Ok(answered.to_json())
    }
}

/// The keys, which are at hand for as long as a home is up.
struct Lent(Keys);

impl Custody for Lent {
    fn keys(&mut self) -> Result<Keys, Error> {
        Ok(self.0.clone())
    }
}

fn about(options: &Options, runtime: &Runtime) -> About {
    let relays = match &options.relays[..] {
        [] => "none: nobody is reached".into(),
        relays => relays.join(", "),
    };
    let facts = [("keys", "sealed by this browser".into()), ("relays", relays)];
    let fact = |(name, value): (&str, String)| Fact { name: name.into(), value };
    let about = About::new("browser", env!("CARGO_PKG_VERSION"), &options.store, runtime);
    About { more: facts.into_iter().map(fact).collect(), ..about }
}

/// Calls `act` with the time and a source of randomness seeded by the browser.
pub(crate) fn with_ambient<T>(
    act: impl FnOnce(&mut Ambient<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| fault::chance(&error))?;
    let mut source = ChaCha20Rng::from_seed(seed);
    let now_ms = js_sys::Date::now() as u64;
    act(&mut Ambient { now_ms, random: &mut |bytes| source.fill_bytes(bytes) })
}
