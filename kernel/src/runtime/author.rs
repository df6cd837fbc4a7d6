use std::sync::Arc;

use myrhiza_kernel_api::{EventId, Returned, TopicId, limits};

use super::open::Opened;
use super::{Ambient, Runtime, RuntimeError, Signer, Subject, TopicRecord};
use crate::apply::{Facts, Free, InForce, Ruling, Verdict, ViewHost, dry_run};
use crate::clock;
use crate::dag::{Graph, IngestReport};
use crate::event::{Body, Event, Founding, Header, Kind};
use crate::order::Place;
use crate::state::Overlay;

/// An event this home made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// It, signed and committed.
    pub event: Event,
    /// What the fold said of it.
    pub ruling: Ruling,
}

/// What an event of this home is to say.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) variant: u32,
    pub(super) payload: Vec<u8>,
    /// Named as parents beside the heads.
    pub(super) parents: Vec<EventId>,
}

impl Runtime {
    /// Proposes, dry-runs, signs and commits: the event of an intent, if it is accepted.
    ///
    /// # Errors
    /// [`RuntimeError::Refused`] by the component, [`RuntimeError::NotAccepted`] by the dry run,
    /// [`RuntimeError::Trapped`] in either.
    pub fn act(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        intent: &[String],
    ) -> Result<Authored, RuntimeError> {
        let opened = self.open(topic)?;
        let bundle = opened.ready()?.bundle;
        let Opened { overlay, record, topic } = &opened;
        let free = Free {
            now: clock::tick(record.hlc, ambient.now_ms),
            random: ambient.fork(),
            viewer: signer.person(),
        };
        let host = ViewHost::new(self.read()?, topic.topic(), topic.founder(), free);
        let propose = self.loaded.propose(overlay, bundle)?;
        let Returned { outcome, .. } = propose.propose(Box::new(host), intent);
        let candidate = match outcome.map_err(crate::fault::Fault::from)?.result {
            Ok(Ok(candidate)) => candidate,
            Ok(Err(refusal)) => return Err(RuntimeError::Refused(refusal)),
            Err(trap) => {
                return Err(self.loaded.trapped(bundle, "state-propose", trap.to_string()));
            }
        };
        let (variant, payload) = (candidate.variant, candidate.payload);
        let draft = Draft { kind: Kind::App, variant, payload, parents: Vec::new() };
        match self.author(opened, signer, ambient, draft) {
            // No answer of the app's, and told as where it fails elsewhere.
            Err(RuntimeError::NotAccepted(Ruling { verdict: Verdict::Trap, reason, .. })) => {
                Err(self.loaded.trapped(bundle, "state-apply", reason))
            }
            made => made,
        }
    }

    /// The same with a payload made elsewhere, for apps without `state-propose`.
    ///
    /// # Errors
    /// [`RuntimeError::NotAccepted`] by the dry run.
    pub fn submit(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        variant: u32,
        payload: Vec<u8>,
    ) -> Result<Authored, RuntimeError> {
        let opened = self.open(topic)?;
        let bundle = opened.ready()?.bundle;
        self.loaded.refuse_raw_payloads(&opened.overlay, bundle)?;
        let draft = Draft { kind: Kind::App, variant, payload, parents: Vec::new() };
        self.author(opened, signer, ambient, draft)
    }

    /// Makes, tries, signs and commits an event. Only what the dry run accepts is signed.
    pub(super) fn author(
        &mut self,
        opened: Opened,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        draft: Draft,
    ) -> Result<Authored, RuntimeError> {
        let opened = self.caught_up(opened, ambient.now_ms)?;
        let in_force = opened.ready()?;
        let Opened { mut overlay, record, topic } = opened;
        let scope = signer.scope.public();
        let facts = Facts::new(&overlay, topic.topic());
        let enters = matches!(draft.kind, Kind::Join | Kind::Delegate);
        if !enters && !facts.is_of(scope, signer.person())? {
            return Err(RuntimeError::NotAMember { topic: topic.topic() });
        }
        let (body, place) =
            draft_body(&overlay, &topic, &record, in_force, signer, ambient, draft)?;
        let cuts = match body.header().kind {
            Kind::Revoke | Kind::Remove => {
                let cuts = self.cuts_of(&overlay, &topic)?;
                Arc::new(cuts.with(&mut overlay, &topic, &body, place)?)
            }
            _ => self.cuts_of(&overlay, &topic)?,
        };
        let trial = Overlay::new(self.store.snapshot()?);
        let tried = dry_run(trial, &topic, &cuts, &mut self.loaded, &body, place)?;
        let ruling = tried.map_err(|bundle| RuntimeError::NotInstalled { bundle })?.ruling;
        if ruling.verdict != Verdict::Accept {
            return Err(RuntimeError::NotAccepted(ruling));
        }
        // Its own clock a home follows without bounds: two of its events never claim one time.
        let record = TopicRecord { hlc: body.header().hlc, ..record };
        let event = Event::sign(body, signer.scope)?;
        let events = std::slice::from_ref(&event);
        match self.ingest_into(overlay, &topic, record, events, ambient.now_ms)? {
            IngestReport { added: 1.., .. } => Ok(Authored { event, ruling }),
            IngestReport { refused, .. } => Err(RuntimeError::BadInput {
                what: Subject::OwnEvent,
                cause: refused.into_iter().map(|refused| refused.reason).collect(),
            }),
        }
    }
}

/// The body of a draft, on the heads there are, and the place it would have: above every other.
pub(super) fn draft_body(
    overlay: &Overlay,
    topic: &Founding,
    record: &TopicRecord,
    in_force: InForce,
    signer: Signer<'_>,
    ambient: &Ambient<'_>,
    draft: Draft,
) -> Result<(Body, Place), RuntimeError> {
    let graph = Graph::new(overlay, topic.topic());
    let scope = signer.scope.public();
    let last = graph.last_of(scope, signer.person())?;
    let mut named = Vec::new();
    for id in draft.parents {
        named.push(graph.node(id)?.ok_or(RuntimeError::NoEvent { event: id })?.place);
    }
    // At least the highest head is named, so that the event comes after every other.
    let room = limits::PARENTS.saturating_sub(named.len());
    named.extend(graph.heads(room)?);
    let height = 1 + named.iter().map(|place| place.height).max().unwrap_or(0);
    let mut parents: Vec<_> = named.iter().map(|place| place.id).collect();
    parents.sort_unstable();
    parents.dedup();
    let header = Header {
        topic: topic.topic(),
        scope,
        seq: last.map_or(0, |last| last.seq + 1),
        prev: last.map(|last| last.place.id),
        parents,
        hlc: clock::tick(record.hlc, ambient.now_ms),
        generation: in_force.generation,
        kind: draft.kind,
        variant: draft.variant,
    };
    let body = Body::new(header, &draft.payload)?;
    let place = Place { epoch: 0, height, id: body.id() };
    Ok((body, place))
}
