//! A home that is up.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use async_channel::{Receiver, Sender, bounded};
use myrhiza_api::{About, Error, Fact, Notice, Request, respond};
use myrhiza_kernel::event::verify_all;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{self, Node, Parts};
use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel_api::TransportConfig;
use myrhiza_kernel_api::transport::TransportSecret;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::fault;
use crate::host::Home;
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
        let home = Home { keys, about, journal: Rc::default() };
        Ok(Self { node, home, ended })
    }

    /// Tells the page what happens, and notes it for who looks later.
    fn follow(&self, hear: js_sys::Function) {
        let (node, journal) = (self.node.clone(), Rc::clone(&self.home.journal));
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
