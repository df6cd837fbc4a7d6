//! A home that is up.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use async_channel::{Receiver, Sender, bounded};
use myrhiza_api::{About, Error, Fact, Notice, Request, respond};
use myrhiza_kernel::event::verify_all;
use myrhiza_kernel::identity::{Certificate, Keys};
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{self, Node, Parts};
use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{Registry, TransportConfig};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::fault;
use crate::host::Home;
use crate::opening::{self, Before};
use crate::surroundings::Browser;
use crate::{author, keys, plugins};

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
    home: Home,
    /// Is closed once the store is.
    ended: Receiver<()>,
    /// What it had was gone, and it is on a new device.
    is_lost: bool,
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
            Ok(request) => respond(&self.node, &self.home, request).await,
            Err(error) => Err(error),
        };
        answered.map_err(|error| JsValue::from_str(&error.to_json()))
    }

    /// The machine slept or has another network: who was not reached is tried again at once.
    pub async fn awake(&self, slept: bool) {
        // One that has stopped tries nobody.
        let _ = self.node.awake(slept).await;
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
        let mut keys = keys::open(&options.name).await?;
        let before = opening::before(&folder(&keys)?).await?;
        if before == Before::Gone {
            keys = keys::renew(&keys, &options.name).await?;
        }
        opening::begin().await?;
        let files = folder(&keys)?;
        let opened = Self::open_with(&registry, options, keys, before).await;
        if opened.is_err() {
            // Whoever tries next may be another tab.
            plugins::let_go(&files);
        }
        opened
    }

    /// Opens the store of these keys, and the network. Where that fails, nothing of it is open any more.
    async fn open_with(
        registry: &Registry,
        options: Options,
        keys: Keys,
        before: Before,
    ) -> Result<Self, Error> {
        let seated = take_seat(registry, &options.store, &keys).await;
        // What is in memory is never missed.
        let kept = seated.is_ok() && options.store == plugins::OPFS;
        opening::end(if kept { Some(folder(&keys)?) } else { None }).await?;
        let seat = seated?;
        let about = about(&options, &seat.runtime);
        let config = TransportConfig {
            secret: TransportSecret(keys.device().transport_seed()),
            path: None,
            listen: Vec::new(),
            relays: options.relays,
            discovery: false,
        };
        let transport = plugins::transport(registry, config).await?;
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
        let home = Home { keys, about, journal: Rc::default() };
        Ok(Self { node, home, ended, is_lost: before != Before::Well })
    }

    /// Tells the page what happens, and notes it for who looks later.
    fn follow(&self, hear: js_sys::Function) {
        let (node, journal) = (self.node.clone(), Rc::clone(&self.home.journal));
        let tell = move |notice: &Notice| {
            // What the page does with it is its own affair.
            let _ = hear.call1(&JsValue::NULL, &JsValue::from_str(notice.to_line().trim_end()));
        };
        let is_lost = self.is_lost;
        spawn_local(async move {
            if is_lost {
                tell(&opening::lost());
            }
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
}

fn certificate(keys: &Keys) -> Result<&Certificate, Error> {
    keys.certificate().ok_or_else(|| fault::key_file(&"they lack their certificate"))
}

/// A store is of a key: where the browser has lost the one, the other is of no use.
fn folder(keys: &Keys) -> Result<String, Error> {
    Ok(format!("home/{}", certificate(keys)?.scope()))
}

/// Opens the store and what is in it.
async fn take_seat(registry: &Registry, store: &str, keys: &Keys) -> Result<Seat, Error> {
    let store = plugins::store(registry, store, PathBuf::from(folder(keys)?)).await?;
    let runtime = Runtime::new(store, plugins::backend(registry)?, registry.profiles());
    let (scope, certificate) = (keys.device().clone(), certificate(keys)?.clone());
    let mut seat = Seat { runtime, scope, certificate };
    author::enter(&mut seat)?;
    Ok(seat)
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
