//! One person's home: the real kernel over a store in memory.

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use myrhiza_kernel::apply::{Ruling, Verdict};
use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::event::{Body, Event, Header, Kind, Ticket};
use myrhiza_kernel::identity::{Certificate, Keys, SecretKey};
use myrhiza_kernel::runtime::{Ambient, LogRange, NewTopic, Runtime, RuntimeError, Signer};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::ui::{Content, View};
use myrhiza_kernel_api::{Backend, EventId, PublicKey, TopicId};
use myrhiza_sdk::testing::{Outcome, person};
use myrhiza_store_memory::MemoryStore;

use crate::app::profiles;

/// Any time will do: nothing that is tested here depends on it.
const NOW_MS: u64 = 1_700_000_000_000;

/// A person's home.
pub(crate) struct Home {
    pub(crate) name: String,
    runtime: Runtime,
    keys: Keys,
    certificate: Certificate,
    /// Bytes of chance drawn so far.
    drawn: u64,
}

impl Home {
    /// A home with the app installed. Its keys, and with them the ids of its events, follow from
    /// its name and the seed.
    pub(crate) fn new(
        name: &str,
        seed: u64,
        backend: Arc<dyn Backend>,
        bundle: &Bundle,
    ) -> Result<Self> {
        let key = |what: &str| secret(&format!("{what} of {name} {seed}"));
        let keys = Keys::new(key("person"), key("device"), "test")?;
        let certificate = keys.certificate().context("a new person's keys are certified")?.clone();
        let store = Arc::new(MemoryStore::new(schema::ALL));
        let mut runtime = Runtime::new(store, backend, profiles()?);
        runtime.install(bundle)?;
        Ok(Self { name: name.into(), runtime, keys, certificate, drawn: 0 })
    }

    pub(crate) fn found(&mut self, bundle: &Bundle) -> Result<TopicId> {
        let new = NewTopic { bundle: bundle.id(), name: "case", admission: Admission::Invite };
        self.with(|runtime, signer, ambient| Ok(runtime.create_topic(signer, ambient, &new)?))
    }

    pub(crate) fn invite(&mut self, topic: TopicId) -> Result<Ticket> {
        let terms = Terms { uses: 1, may_invite: false, expiry: 0 };
        self.with(|runtime, signer, ambient| Ok(runtime.invite(topic, signer, ambient, terms)?))
    }

    pub(crate) fn join(&mut self, ticket: &Ticket) -> Result<TopicId> {
        self.with(|runtime, signer, ambient| Ok(runtime.join(ticket, None, signer, ambient)?))
    }

    pub(crate) fn ask(&mut self, topic: TopicId, words: &[String]) -> Result<Outcome> {
        self.with(|runtime, signer, ambient| match runtime.act(topic, signer, ambient, words) {
            Ok(authored) => Ok(outcome(authored.ruling)),
            Err(RuntimeError::NotAccepted(ruling)) => Ok(outcome(ruling)),
            Err(RuntimeError::Refused(text)) => Ok(Outcome::Refused(text)),
            Err(RuntimeError::Trapped { .. }) => Ok(Outcome::Trapped),
            Err(error) => Err(error.into()),
        })
    }

    /// Signs an event past `propose` and dry run, and folds it.
    pub(crate) fn send(&mut self, topic: TopicId, variant: u32, payload: &[u8]) -> Result<Outcome> {
        let events = self.events(topic)?;
        let scope = self.keys.device().public();
        let named = |id: EventId| {
            events.iter().any(|event| {
                event.header().parents.contains(&id) || event.header().prev == Some(id)
            })
        };
        let mut parents: Vec<_> = events.iter().map(Event::id).filter(|id| !named(*id)).collect();
        parents.sort_unstable();
        let own = events.iter().filter(|event| event.header().scope == scope);
        let last = own.max_by_key(|event| event.header().seq);
        let header = Header {
            topic,
            scope,
            seq: last.map_or(0, |last| last.header().seq + 1),
            prev: last.map(Event::id),
            parents,
            hlc: NOW_MS << 16,
            generation: 0,
            kind: Kind::App,
            variant,
        };
        let event = Event::sign(Body::new(header, payload)?, self.keys.device())?;
        self.take(topic, std::slice::from_ref(&event))?;
        let log = self.runtime.log(topic, LogRange::default())?;
        let entry = log.into_iter().find(|entry| entry.event.id() == event.id());
        Ok(outcome(entry.and_then(|entry| entry.ruling).context("the event was not folded")?))
    }

    /// A second event with the number of its last one, which says what the one before said.
    pub(crate) fn twin(&self, topic: TopicId) -> Result<Event> {
        let own = self.own(topic)?;
        let [.., before, last] = own.as_slice() else {
            bail!("{} has not made two events to fork", self.name);
        };
        let (hlc, variant) = (last.header().hlc + 1, before.header().variant);
        let header = Header { hlc, variant, ..last.header().clone() };
        Ok(Event::sign(Body::new(header, before.body().payload())?, self.keys.device())?)
    }

    /// Says once more what it said last.
    pub(crate) fn go_on(&mut self, topic: TopicId) -> Result<Outcome> {
        let own = self.own(topic)?;
        let last = own.last().with_context(|| format!("{} has made no event", self.name))?;
        self.send(topic, last.header().variant, last.body().payload())
    }

    /// Ends somebody's membership.
    pub(crate) fn remove(&mut self, topic: TopicId, person: PublicKey) -> Result<()> {
        self.with(|runtime, signer, ambient| {
            runtime.remove_person(topic, person, signer, ambient)?;
            Ok(())
        })
    }

    pub(crate) fn person(&self) -> PublicKey {
        self.certificate.person()
    }

    /// The topic as a file.
    pub(crate) fn export(&self, topic: TopicId) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let sink = |bytes: &[u8]| {
            file.extend_from_slice(bytes);
            Ok::<(), Infallible>(())
        };
        self.runtime.export(topic, false)?.write(sink)??;
        Ok(file)
    }

    /// The app's events it made, in order.
    fn own(&self, topic: TopicId) -> Result<Vec<Event>> {
        let scope = self.keys.device().public();
        let mut own = self.events(topic)?;
        own.retain(|event| event.header().scope == scope && event.header().kind == Kind::App);
        Ok(own)
    }

    pub(crate) fn events(&self, topic: TopicId) -> Result<Vec<Event>> {
        let log = self.runtime.log(topic, LogRange::default())?;
        Ok(log.into_iter().map(|entry| entry.event).collect())
    }

    pub(crate) fn take(&mut self, topic: TopicId, events: &[Event]) -> Result<()> {
        let report = self.runtime.ingest(topic, events, 0)?;
        ensure!(report.refused.is_empty() && report.pending == 0, "{}: {report:?}", self.name);
        Ok(())
    }

    /// The root of the state.
    pub(crate) fn root(&self, topic: TopicId) -> Result<Vec<u8>> {
        let root = self.runtime.root(topic)?.state.context("the topic is not folded")?;
        Ok(root.0.to_vec())
    }

    pub(crate) fn texts(&mut self, topic: TopicId) -> Result<Vec<String>> {
        let viewer = self.person();
        let view = self.with(|runtime, _, ambient| Ok(runtime.view(topic, viewer, ambient)?))?;
        Ok(texts(view))
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut Runtime, Signer<'_>, &mut Ambient<'_>) -> Result<T>,
    ) -> Result<T> {
        let (keys, drawn) = (&self.keys, &mut self.drawn);
        let mut random = |bytes: &mut [u8]| {
            let public = keys.device().public();
            for byte in bytes {
                *byte = (*drawn as u8) ^ public.0[*drawn as usize % 32];
                *drawn += 1;
            }
        };
        let mut ambient = Ambient { now_ms: NOW_MS, random: &mut random };
        let signer = Signer { scope: keys.device(), certificate: &self.certificate };
        act(&mut self.runtime, signer, &mut ambient)
    }
}

/// A key that follows from a text.
pub(crate) fn secret(text: &str) -> SecretKey {
    SecretKey::from_seed(&person(text).0)
}

fn outcome(ruling: Ruling) -> Outcome {
    match ruling.verdict {
        Verdict::Accept => Outcome::Accepted,
        Verdict::Reject => Outcome::Rejected(ruling.code, ruling.reason),
        Verdict::Trap => Outcome::Trapped,
    }
}

/// The texts of a view, as [`myrhiza_sdk::testing::Topic::texts`] gives them.
fn texts(view: View) -> Vec<String> {
    let mut texts = Vec::new();
    for node in view.nodes {
        match node.content {
            Content::Panel(text) | Content::Menu(text) | Content::Dialog(text) => texts.push(text),
            Content::Message(styled) | Content::Text(styled) => texts.push(styled.text),
            Content::Form(action) | Content::Button(action) => texts.push(action.label),
            Content::Input(input) => texts.push(input.label),
            Content::Table(table) => {
                texts.push(table.columns.join(" | "));
                texts.extend(table.rows.iter().map(|row| row.join(" | ")));
            }
            _ => {}
        }
    }
    texts
}
