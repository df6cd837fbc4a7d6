//! Answering the web shell: what every host offers (`myrhiza-api`), over this node's home.

use std::sync::PoisonError;
use std::time::Duration;

use myrhiza_api::{About, Answered, Ask, Custody, Desk, Error, Fact, Request};
use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::runtime::Runtime;
use tokio::time::{Instant, sleep};

use super::Status;
use super::serve::Service;
use crate::context::{shown, with_ambient};
use crate::failure::Failure;
use crate::home::Home;

/// How long a topic that is being folded is waited for, and how long until it is asked again.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(250);

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

impl Service {
    /// Does what the shell asks; the answer as JSON. Where its topic is being folded, it waits for that,
    /// but not long: then how far it is is the answer.
    pub(super) async fn answer(&self, request: Request) -> Result<String, Error> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.answer_once(request.clone()).await {
                Err(error) if error.code == Error::BUSY && Instant::now() < end => {
                    sleep(AGAIN).await;
                }
                answered => return answered,
            }
        }
    }

    async fn answer_once(&self, request: Request) -> Result<String, Error> {
        let peers = self.node.peers().await.map_err(stopped)?;
        let denied = self.node.denied().await.map_err(stopped)?;
        let (key, addresses) = (self.node.key(), self.node.addresses());
        let status = Status { key, addresses, peers, denied };
        let (home, journal) = (self.home.clone(), self.heard.now());
        let answered = self.node.call(move |seat, _| {
            let mut home = home.lock().unwrap_or_else(PoisonError::into_inner);
            let host = about(&home, &seat.runtime);
            let (journal, custody) = (&*journal, &mut *home);
            with_ambient(|ambient| {
                let status = &status;
                let mut desk = Desk { seat, status, journal, host: &host, custody, ambient };
                Ok(desk.answer(request))
            })
        });
        let answered: Answered = answered.await.map_err(stopped)???;
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

fn stopped(error: myrhiza_kernel::node::drive::Stopped) -> Error {
    let next = "start it again with the command `myrhiza up`";
    Error::new("node", "nothing was done", error.to_string(), next)
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
