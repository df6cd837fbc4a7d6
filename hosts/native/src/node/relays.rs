//! The relays of this home's settings, as the web shell sees and changes them. A browser's own home
//! answers the same of its own (`web/worker.js`).

use std::sync::PoisonError;

use myrhiza_api::Error;
use myrhiza_kernel_api::Registry;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::serve::Service;
use crate::cli;
use crate::failure::code;
use crate::home::Home;

/// The methods, as requests name them.
const METHODS: [&str; 2] = ["relays", "set-relays"];

/// What is asked: `{"method": .., "params": {..}}`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Request {
    /// Which there are.
    Relays {},
    /// That there are these instead.
    SetRelays { relays: Vec<String> },
}

/// As far as any request is like any other.
#[derive(Deserialize)]
struct Named {
    method: String,
}

/// The relays there are.
#[derive(Serialize)]
struct Shown {
    /// Those of the settings.
    relays: Vec<String>,
    /// Those that the node runs with, which `up --relay` may have named.
    running: Vec<String>,
    /// Those that do not answer. A node does not look.
    away: [String; 0],
    /// The node runs with others, until it is started again.
    pending: bool,
}

impl Request {
    /// Reads what is asked, if it is about relays.
    pub(super) fn read(json: &[u8]) -> Result<Option<Self>, Error> {
        let named = serde_json::from_slice::<Named>(json);
        if !named.is_ok_and(|named| METHODS.contains(&&*named.method)) {
            return Ok(None);
        }
        serde_json::from_slice(json).map(Some).map_err(|error| Error::bad_request(&error))
    }
}

impl Service {
    /// Does what is asked of relays; the answer as JSON.
    pub(super) async fn answer_of_relays(&self, request: Request) -> Result<String, Error> {
        let (home, plugins, running) =
            (self.home.clone(), self.plugins.clone(), self.relays.clone());
        // A disk may take any time.
        let answered = spawn_blocking(move || -> Result<String, Error> {
            let mut home = home.lock().unwrap_or_else(PoisonError::into_inner);
            match request {
                Request::Relays {} => {
                    let relays = home.config().relay_urls();
                    let pending = relays != running;
                    let shown = Shown { relays, running, away: [], pending };
                    Ok(serde_json::to_string(&shown).unwrap_or_default())
                }
                Request::SetRelays { relays } => {
                    let registry = cli::registry(&plugins)?;
                    set(&mut home, &registry, &relays)?;
                    Ok("{}".to_owned())
                }
            }
        });
        answered.await.map_err(|error| {
            let next = "read the node's log for the fault, and start it again";
            Error::new("node", "nothing was done", error.to_string(), next)
        })?
    }
}

/// As `myrhiza config relays` does, with what somebody at a page can do about it.
fn set(home: &mut Home, registry: &Registry, relays: &[String]) -> Result<(), Error> {
    let set = home.configure(registry, "relays", &relays.join(","));
    set.map_err(|failure| match &*failure.code {
        code::BAD_CONFIG => {
            let next = "give relays by addresses that begin with https:// or http://";
            Error::new(code::BAD_CONFIG, "the relays were not changed", failure.cause, next)
        }
        _ => Error::from(failure),
    })
}
