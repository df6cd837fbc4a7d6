//! A case's people, each in a home of their own, with one topic between them.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use myrhiza_kernel::bundle::{Bundle, pack};
use myrhiza_kernel_api::{Backend, TopicId};
use myrhiza_sdk::testing::{Case, Outcome, Stage};

use crate::App;
use crate::home::{Home, secret};

/// The stage of a case in the real kernel.
pub struct Homes {
    pub(crate) homes: Vec<Home>,
    pub(crate) topic: TopicId,
    /// The app.
    pub(crate) bundle: Bundle,
}

impl Homes {
    /// The homes of a case's people, who have joined the topic that the first founded. Another
    /// seed gives them other keys, so that ties fall otherwise.
    ///
    /// # Errors
    /// If the app cannot be installed or the topic not be shared.
    pub fn new(app: &App, case: &Case, seed: u64, backend: &Arc<dyn Backend>) -> Result<Self> {
        let bundle = bundle(app)?;
        let home = |name: &String| Home::new(name, seed, Arc::clone(backend), &bundle);
        let mut homes = case.people().iter().map(home).collect::<Result<Vec<_>>>()?;
        let (founder, others) = homes.split_first_mut().context("a case has people")?;
        let topic = founder.found(&bundle)?;
        for other in others {
            other.join(&founder.invite(topic)?)?;
        }
        let mut homes = Self { homes, topic, bundle };
        homes.share()?;
        Ok(homes)
    }

    fn share(&mut self) -> Result<()> {
        let events = self.homes.iter().map(|home| home.events(self.topic));
        let events = events.collect::<Result<Vec<_>>>()?.concat();
        self.homes.iter_mut().try_for_each(|home| home.take(self.topic, &events))
    }

    fn home(&mut self, name: &str) -> Result<&mut Home, String> {
        let home = self.homes.iter_mut().find(|home| home.name == name);
        home.ok_or_else(|| format!("there is no {name}"))
    }
}

fn bundle(app: &App) -> Result<Bundle> {
    let unsigned = pack(app.manifest()?.manifest, app.components()?)?;
    Ok(unsigned.sign(&secret("author")))
}

fn told<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{error:#}"))
}

impl Stage for Homes {
    fn ask(&mut self, name: &str, words: &[String]) -> Result<Outcome, String> {
        let topic = self.topic;
        told(self.home(name)?.ask(topic, words))
    }
    fn send(&mut self, name: &str, variant: u32, payload: &[u8]) -> Result<Outcome, String> {
        let topic = self.topic;
        told(self.home(name)?.send(topic, variant, payload))
    }
    fn sync(&mut self) -> Result<(), String> {
        told(self.share())
    }
    fn texts(&mut self, name: &str) -> Result<Vec<String>, String> {
        let topic = self.topic;
        told(self.home(name)?.texts(topic))
    }
    fn digest(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let topic = self.topic;
        told(self.home(name)?.root(topic))
    }
}
