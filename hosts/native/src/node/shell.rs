//! Answering the web shell: what every host offers (`myrhiza-api`), over this node's home.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use myrhiza_api::{
    About, Answered, Custody, Desk, Error, Fact, Host, Journal, Lent, Request, Status, respond,
};
use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::Stopped;
use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel_api::BoxFuture;
use tokio::time::sleep;

use super::relays;
use super::serve::Service;
use crate::context::{shown, with_ambient};
use crate::failure::Failure;
use crate::home::Home;

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let Failure { code, what, cause, next, .. } = failure;
        Self { code, what, cause, next }
    }
}

impl Custody for Home {
    fn keys(&mut self) -> Result<Keys, Error> {
        Ok(self.unseal()?)
    }
}

/// What the web shell asks.
pub(super) enum Wanted {
    /// What is in this home's settings.
    Relays(relays::Request),
    /// What every host offers.
    Shared(Request),
}

impl Wanted {
    /// Reads a request.
    pub(super) fn read(json: &[u8]) -> Result<Self, Error> {
        match relays::Request::read(json)? {
            Some(request) => Ok(Self::Relays(request)),
            None => Request::read(json).map(Self::Shared),
        }
    }
}

impl Service {
    /// Does what the shell asks; the answer as JSON.
    pub(super) async fn answer(&self, wanted: Wanted) -> Result<String, Error> {
        match wanted {
            Wanted::Relays(request) => self.answer_of_relays(request).await,
            Wanted::Shared(request) => respond(&self.node, self, request).await,
        }
    }
}

impl Host for Service {
    type Lent = LentHome;

    fn lend(&self) -> LentHome {
        LentHome { home: self.home.clone(), journal: self.heard.now() }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(sleep(time))
    }

    fn stopped(&self, error: Stopped) -> Error {
        let next = "start it again with the command `myrhiza up`";
        Error::new("node", "nothing was done", error.to_string(), next)
    }
}

/// The home, for one request.
pub(crate) struct LentHome {
    home: Arc<Mutex<Home>>,
    journal: Arc<Journal>,
}

impl Lent for LentHome {
    fn answer(self, seat: &mut Seat, status: &Status, request: Request) -> Result<Answered, Error> {
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        let host = about(&home, &seat.runtime);
        let (journal, host, custody) = (&*self.journal, &host, &mut *home);
        with_ambient(|ambient| {
            Ok(Desk { seat, status, journal, host, custody, ambient }.answer(request))
        })?
    }
}

fn about(home: &Home, runtime: &Runtime) -> About {
    let config = home.config();
    let of_keys = if home.is_sealed() { "sealed with a passphrase" } else { "not sealed" };
    let more = [
        ("home", shown(home.path())),
        ("keys", of_keys.into()),
        ("transport", config.transport.clone()),
        ("listen", config.listen.clone()),
        ("relays", config.relays.clone()),
    ];
    let fact = |(name, value): (&str, String)| Fact { name: name.into(), value };
    let about = About::new("node", env!("CARGO_PKG_VERSION"), &config.store, runtime);
    About { more: more.into_iter().map(fact).collect(), ..about }
}
