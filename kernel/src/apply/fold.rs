use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{BackendError, PublicKey, Snapshot, StateApply, Verdict as Said};

use super::facts::{Facts, ScopeRecord};
use super::host::FoldHost;
use super::{Cuts, Ruling, Verdict, kernel_rules};
use crate::bundle::Manifest;
use crate::dag::Graph;
use crate::event::payload::Payload;
use crate::event::{Body, Event, Founding, Kind};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::{Overlay, Replaced, undo};

/// Events read in one go.
const CHUNK: usize = 256;
/// Bytes of events read in one go, one event aside.
const CHUNK_BYTES: usize = 4 << 20;

/// The app a topic is folded through.
pub struct App<'a> {
    /// Its `state-apply` component, compiled.
    pub state_apply: &'a mut (dyn StateApply + 'static),
    /// Its manifest, for the author policy.
    pub manifest: &'a Manifest,
}

/// How far a fold goes in one go.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// At most so many events.
    pub events: u64,
    /// Until more bytes than these are pending.
    pub bytes: usize,
}

/// How far a fold came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The last event folded.
    pub tip: Option<Place>,
    /// Events folded in this go.
    pub events: u64,
    /// False if it stopped because that was enough for one go.
    pub done: bool,
    /// The state's keys that these events wrote, as in the store, doubled or not.
    pub written: Vec<Vec<u8>>,
}

/// Folds the log onward from `after` until its end, or as far as one go may.
///
/// # Errors
/// [`Fault`]; the overlay is gone, nothing was decided.
pub fn advance(
    overlay: Overlay,
    topic: &Founding,
    cuts: &Cuts,
    app: App<'_>,
    after: Option<Place>,
    stretch: Stretch,
) -> Result<(Overlay, Folded), Fault> {
    let keys = TopicKeys { topic: topic.topic() };
    let mut fold = Fold::new(topic, cuts, app);
    let mut host = fold.host(overlay);
    let mut folded = Folded { tip: after, events: 0, done: false, written: Vec::new() };
    'go: while folded.events < stretch.events {
        let left = usize::try_from(stretch.events - folded.events).unwrap_or(CHUNK).min(CHUNK);
        let chunk = read(host.overlay(), keys, folded.tip, left)?;
        if chunk.is_empty() {
            folded.done = true;
            break;
        }
        for (place, bytes) in chunk {
            let event = Event::decode_stored(place.id, &bytes)
                .map_err(|cause| Fault::damaged(format!("event {}", place.id), cause))?;
            host.overlay().begin();
            let (back, ruling) = fold.one(host, event.body(), place)?;
            host = back;
            let replaced = record(host.overlay(), keys, place, &ruling)?;
            folded.written.extend(replaced.into_iter().map(|replaced| replaced.key));
            folded.tip = Some(place);
            folded.events += 1;
            if host.overlay().written() > stretch.bytes {
                break 'go;
            }
        }
    }
    Ok((host.into_overlay(), folded))
}

/// The next events of the log, `limit` of them at most, with their bytes.
fn read(
    overlay: &Overlay,
    keys: TopicKeys,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<(Place, Vec<u8>)>, Fault> {
    let (from, to) = keys.places_after(after);
    let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
    let (mut chunk, mut size) = (Vec::with_capacity(limit), 0);
    overlay.scan(schema::LOG, range, false, &mut |key, bytes| {
        chunk.push((keys.read_place(key), bytes.to_vec()));
        size += bytes.len();
        let more = chunk.len() < limit && size < CHUNK_BYTES;
        if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let damaged = || Fault::damaged("a key of the log", "bad layout");
    chunk.into_iter().map(|(place, bytes)| Ok((place.ok_or_else(damaged)?, bytes))).collect()
}

/// Keeps what an event's fold did: undo record and verdict. Returns what it replaced.
fn record(
    overlay: &mut Overlay,
    keys: TopicKeys,
    place: Place,
    ruling: &Ruling,
) -> Result<Vec<Replaced>, Fault> {
    let replaced = overlay.keep()?;
    let key = keys.place(place);
    undo::record(overlay, &key, &replaced);
    overlay.put(schema::VERDICTS, key, ruling.to_bytes());
    Ok(replaced)
}

/// The rules of one go of the fold. The host, which owns the overlay, goes from hand to hand, since
/// it is away while a component runs.
pub(super) struct Fold<'a> {
    topic: &'a Founding,
    cuts: &'a Cuts,
    app: App<'a>,
    /// Scopes looked up since the kernel's part of the state last changed.
    scopes: BTreeMap<PublicKey, Option<ScopeRecord>>,
}

/// What a step of the fold gives back.
type Ruled = (Box<FoldHost>, Ruling);

impl<'a> Fold<'a> {
    pub(super) fn new(topic: &'a Founding, cuts: &'a Cuts, app: App<'a>) -> Self {
        Self { topic, cuts, app, scopes: BTreeMap::new() }
    }

    /// A host over an overlay, for all events of this go.
    pub(super) fn host(&self, overlay: Overlay) -> Box<FoldHost> {
        Box::new(FoldHost::new(overlay, self.topic))
    }

    /// Folds one event: its writes are in the overlay's journal if it is accepted, else there are
    /// none.
    pub(super) fn one(
        &mut self,
        mut host: Box<FoldHost>,
        body: &Body,
        place: Place,
    ) -> Result<Ruled, Fault> {
        let header = body.header();
        if header.kind != Kind::App {
            return self.kernel(host, body, place);
        }
        let Some(author) = self.author(host.overlay(), header.scope)? else {
            let why = "the author is not in the topic: the event that brought it does not stand";
            return Ok((host, Ruling::kernel_reject(why)));
        };
        if self.void(host.overlay(), body, author.person)? {
            return Ok((host, void()));
        }
        if author.kind != 0 || !self.app.manifest.may_author("state-propose", header.variant) {
            let variant = header.variant;
            let why = format!("the manifest lets no such author make payloads of kind {variant}");
            return Ok((host, Ruling::kernel_reject(why)));
        }
        host.set_event(body, place, &author);
        self.call(host)
    }

    /// Folds an event of a kernel kind. A scope's introduction is judged by the state first and by
    /// the cuts after: what the state rejects, no cut can change.
    fn kernel(
        &mut self,
        mut host: Box<FoldHost>,
        body: &Body,
        place: Place,
    ) -> Result<Ruled, Fault> {
        self.scopes.clear();
        let ruling =
            kernel_rules::fold(host.overlay(), self.topic.topic(), self.cuts, body, place)?;
        if ruling.verdict == Verdict::Accept
            && let Ok(payload) = Payload::decode(body)
            && let Some(certificate) = payload.certificate()
            && self.void(host.overlay(), body, certificate.person())?
        {
            host.overlay().rollback();
            return Ok((host, void()));
        }
        Ok((host, ruling))
    }

    fn void(&self, overlay: &Overlay, body: &Body, person: PublicKey) -> Result<bool, Fault> {
        self.cuts.void(Graph::new(overlay, self.topic.topic()), self.topic, body, person)
    }

    /// Whose a scope is, by the kernel's facts.
    fn author(
        &mut self,
        overlay: &Overlay,
        scope: PublicKey,
    ) -> Result<Option<ScopeRecord>, Fault> {
        if let Some(known) = self.scopes.get(&scope) {
            return Ok(known.clone());
        }
        let found = Facts::new(overlay, self.topic.topic()).scope(scope)?;
        self.scopes.insert(scope, found.clone());
        Ok(found)
    }

    fn call(&mut self, host: Box<FoldHost>) -> Result<Ruled, Fault> {
        let returned = self.app.state_apply.apply(host as Box<dyn ApplyHost>);
        let Ok(mut host) = (returned.host as Box<dyn Any>).downcast::<FoldHost>() else {
            return Err(Fault::Backend(BackendError::Local {
                backend: "this build's",
                cause: "it gave back another host than it was given".into(),
            }));
        };
        let called = returned.outcome?;
        let (verdict, code, reason) = match called.result {
            Ok(Said::Accept) => return Ok((host, Ruling::accept(called.fuel))),
            Ok(Said::Reject { code, reason }) => (Verdict::Reject, code, reason),
            Err(trap) => (Verdict::Trap, 0, trap.to_string()),
        };
        host.overlay().rollback();
        Ok((host, Ruling { verdict, code, reason, fuel: called.fuel }))
    }
}

fn void() -> Ruling {
    Ruling::kernel_reject("void: a revoke or remove does not recognise it")
}
