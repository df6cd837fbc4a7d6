use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{BackendError, BundleId, EventId, PublicKey, Snapshot, Verdict as Said};

use super::facts::{Facts, InForce, ScopeRecord};
use super::host::FoldHost;
use super::{Apps, Cuts, Ruling, Verdict, kernel_rules};
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
/// Fuel that a link of a join counts for each cut it is compared with: two reads at most.
const LINK_FUEL: u64 = 1_000;

/// How far a fold goes in one go.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// At most so many events.
    pub events: u64,
    /// Until more bytes than these are pending.
    pub bytes: usize,
    /// Until more fuel was used, checks included.
    pub fuel: u64,
}

/// How far a fold came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The last event folded.
    pub tip: Option<Place>,
    /// Events folded in this go.
    pub events: u64,
    /// Fuel their components used.
    pub fuel: u64,
    /// What comparing their joins with cuts counts, in units of fuel.
    pub checks: u64,
    /// Why it went no further.
    pub stop: Stop,
    /// The state's keys that these events wrote, as in the store, doubled or not.
    pub written: Vec<Vec<u8>>,
}

/// Why a fold went no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The log ends here.
    End,
    /// That was enough for one go, or another app is in force from here on.
    Enough,
    /// The next event needs this bundle, which the home does not have.
    Waits(BundleId),
}

/// Folds the log onward from `after` until its end, as far as one go may, until an upgrade is in
/// force, or until a bundle is needed that is not there.
///
/// # Errors
/// [`Fault`]; the overlay is gone, nothing was decided.
pub fn advance(
    overlay: Overlay,
    topic: &Founding,
    cuts: &Cuts,
    apps: &mut dyn Apps,
    after: Option<Place>,
    stretch: Stretch,
) -> Result<(Overlay, Folded), Fault> {
    let keys = TopicKeys { topic: topic.topic() };
    let mut fold = Fold::new(&overlay, topic, cuts, apps)?;
    let (stop, written) = (Stop::Enough, Vec::new());
    let mut folded = Folded { tip: after, events: 0, fuel: 0, checks: 0, stop, written };
    // What is in an author's topic the kernel folds alone.
    if topic.author().is_none() && !fold.has(&overlay, fold.in_force.bundle)? {
        folded.stop = Stop::Waits(fold.in_force.bundle);
        return Ok((overlay, folded));
    }
    let begun = fold.in_force;
    let mut host = fold.host(overlay);
    'go: while folded.events < stretch.events {
        let left = usize::try_from(stretch.events - folded.events).unwrap_or(CHUNK).min(CHUNK);
        let chunk = read(host.overlay(), keys, folded.tip, left)?;
        if chunk.is_empty() {
            folded.stop = Stop::End;
            break;
        }
        for (place, bytes) in chunk {
            let event = Event::decode_stored(place.id, &bytes)
                .map_err(|cause| Fault::damaged(format!("event {}", place.id), cause))?;
            host.overlay().begin();
            let (back, step) = fold.one(host, event.body(), place)?;
            host = back;
            let ruling = match step {
                Step::Ruled(ruling) => ruling,
                Step::Waits(bundle) => {
                    host.overlay().rollback();
                    folded.stop = Stop::Waits(bundle);
                    break 'go;
                }
            };
            let replaced = record(host.overlay(), keys, place, &ruling)?;
            folded.written.extend(replaced.into_iter().map(|replaced| replaced.key));
            folded.tip = Some(place);
            folded.events += 1;
            folded.fuel = folded.fuel.saturating_add(ruling.fuel);
            folded.checks = folded.checks.saturating_add(std::mem::take(&mut fold.checks));
            let is_dear = folded.fuel.saturating_add(folded.checks) > stretch.fuel;
            if is_dear || host.overlay().written() > stretch.bytes || fold.in_force != begun {
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
    pub(super) topic: &'a Founding,
    cuts: &'a Cuts,
    pub(super) apps: &'a mut dyn Apps,
    /// What the next event is folded through.
    pub(super) in_force: InForce,
    /// Whose the events on a chain are, by the introduction they follow, looked up since the kernel's
    /// part of the state last changed.
    authors: BTreeMap<EventId, Option<ScopeRecord>>,
    /// By scope, the event of it that was folded last, and the introduction it follows.
    chains: BTreeMap<PublicKey, (EventId, EventId)>,
    /// What comparing joins with cuts counts that is not told of yet.
    checks: u64,
}

/// What came of folding one event.
pub(super) enum Step {
    /// It is judged.
    Ruled(Ruling),
    /// It cannot be without this bundle; nothing was written.
    Waits(BundleId),
}

impl From<Ruling> for Step {
    fn from(ruling: Ruling) -> Self {
        Self::Ruled(ruling)
    }
}

/// What a step of the fold gives back.
pub(super) type Stepped = (Box<FoldHost>, Step);

impl<'a> Fold<'a> {
    pub(super) fn new(
        reader: &dyn Snapshot,
        topic: &'a Founding,
        cuts: &'a Cuts,
        apps: &'a mut dyn Apps,
    ) -> Result<Self, Fault> {
        let in_force = InForce::of(reader, topic)?;
        let (authors, chains) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { topic, cuts, apps, in_force, authors, chains, checks: 0 })
    }

    /// Whether the home has a bundle.
    pub(super) fn has(&mut self, reader: &dyn Snapshot, bundle: BundleId) -> Result<bool, Fault> {
        Ok(self.apps.app(reader, bundle)?.is_some())
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
    ) -> Result<Stepped, Fault> {
        let header = body.header();
        match header.kind {
            Kind::App => {}
            Kind::Upgrade => return self.upgrade(host, body),
            Kind::Notice => return self.notice(host, body),
            _ => return self.kernel(host, body, place),
        }
        let author = match self.author(host.overlay(), body)? {
            Ok(author) => author,
            Err(ruling) => return Ok((host, ruling.into())),
        };
        let bundle = self.in_force.bundle;
        let Some(app) = self.apps.app(host.overlay(), bundle)? else {
            return Ok((host, Step::Waits(bundle)));
        };
        if author.kind != 0 || !app.manifest.may_author("state-propose", header.variant) {
            let variant = header.variant;
            let why = format!("the manifest lets no such author make payloads of kind {variant}");
            return Ok((host, Ruling::kernel_reject(why).into()));
        }
        if header.generation > self.in_force.generation {
            let why = "it was made for a later version of the app than is in force here";
            return Ok((host, Ruling::kernel_reject(why).into()));
        }
        host.set_event(body, place, &author);
        let returned = app.state_apply.apply(host as Box<dyn ApplyHost>);
        let mut host = own(returned.host)?;
        let called = returned.outcome?;
        let (verdict, code, reason) = match called.result {
            Ok(Said::Accept) => return Ok((host, Ruling::accept(called.fuel).into())),
            Ok(Said::Reject { code, reason }) => (Verdict::Reject, code, reason),
            Err(trap) => (Verdict::Trap, 0, trap.to_string()),
        };
        host.overlay().rollback();
        Ok((host, Ruling { verdict, code, reason, fuel: called.fuel }.into()))
    }

    /// Folds an event of a kernel kind. A scope's introduction is judged by the state first and by
    /// the cuts after: what the state rejects, no cut can change.
    fn kernel(
        &mut self,
        mut host: Box<FoldHost>,
        body: &Body,
        place: Place,
    ) -> Result<Stepped, Fault> {
        self.authors.clear();
        let ruling =
            kernel_rules::fold(host.overlay(), self.topic.topic(), self.cuts, body, place)?;
        if ruling.verdict == Verdict::Accept
            && let Ok(payload) = Payload::decode(body)
            && let Some(certificate) = payload.certificate()
        {
            if let Payload::Join(join) = &payload {
                let links = (join.chain().len() as u64).saturating_mul(LINK_FUEL);
                let compared = links.saturating_mul(self.cuts.events() as u64);
                self.checks = self.checks.saturating_add(compared);
            }
            if self.void(host.overlay(), body, certificate.person())? {
                host.overlay().rollback();
                return Ok((host, void().into()));
            }
        }
        Ok((host, ruling.into()))
    }

    /// Who made an event, or why it does not stand.
    pub(super) fn author(
        &mut self,
        overlay: &Overlay,
        body: &Body,
    ) -> Result<Result<ScopeRecord, Ruling>, Fault> {
        let Some(author) = self.whose(overlay, body)? else {
            let why = "the author is not in the topic: the event that brought it does not stand";
            return Ok(Err(Ruling::kernel_reject(why)));
        };
        let void_here = self.void(overlay, body, author.person)?;
        Ok(if void_here { Err(void()) } else { Ok(author) })
    }

    fn void(&self, overlay: &Overlay, body: &Body, person: PublicKey) -> Result<bool, Fault> {
        self.cuts.void(Graph::new(overlay, self.topic.topic()), self.topic, body, person)
    }

    /// Whose an event is, by the kernel's facts.
    fn whose(&mut self, overlay: &Overlay, body: &Body) -> Result<Option<ScopeRecord>, Fault> {
        let entry = self.entry(overlay, body)?;
        if let Some(known) = self.authors.get(&entry) {
            return Ok(known.clone());
        }
        let found = Facts::new(overlay, self.topic.topic()).author(entry)?;
        self.authors.insert(entry, found.clone());
        Ok(found)
    }

    /// The introduction an event follows: mostly that of the one before, which was folded just now.
    fn entry(&mut self, overlay: &Overlay, body: &Body) -> Result<EventId, Fault> {
        let header = body.header();
        let entry = match self.chains.get(&header.scope) {
            Some((last, entry)) if Some(*last) == header.prev => *entry,
            _ => Graph::new(overlay, self.topic.topic()).entry(body)?,
        };
        self.chains.insert(header.scope, (body.id(), entry));
        Ok(entry)
    }
}

/// The fold's host, back from a component.
pub(super) fn own(host: Box<dyn Any>) -> Result<Box<FoldHost>, Fault> {
    host.downcast::<FoldHost>().map_err(|_| {
        Fault::Backend(BackendError::Local {
            backend: "this build's",
            cause: "it gave back another host than it was given".into(),
        })
    })
}

fn void() -> Ruling {
    Ruling::kernel_reject("void: a revoke or remove does not recognise it")
}
