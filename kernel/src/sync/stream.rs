//! Events on their way, in canonical order, as far as the receiver's credit lasts.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{EventId, Snapshot, TopicId};

use super::compare::{is_small, place, summary};
use super::limits::{BATCH_BYTES, BATCH_EVENTS, QUEUED, WINDOW};
use super::message::{Message, Number};
use super::session::{Done, Stop};
use super::shared::{Access, Given, Range, Shared};
use super::sides::Phase;
use super::{Effect, Host, Offence, Role, Session};
use crate::codec::CodecError;
use crate::dag::{Graph, IngestReport};
use crate::event::UnverifiedEvent;
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::trie::{LogKey, LogTrie};

/// Events of refused ones that are charged for, a batch.
const CHARGED: usize = 8;

/// A batch that is being filled.
#[derive(Default)]
struct Batch {
    events: Vec<Vec<u8>>,
    bytes: usize,
}

impl Batch {
    /// Adds an event; true if there is room for more.
    fn add(&mut self, event: &[u8]) -> bool {
        self.bytes += event.len();
        self.events.push(event.to_vec());
        self.events.len() < BATCH_EVENTS && self.bytes < BATCH_BYTES
    }
}

impl Session {
    /// The peer wants everything after an event. Only who has next to nothing beside this log asks for
    /// that, so whatever it claims to have, it gets everything again only once the log has grown
    /// sixteenfold.
    pub(super) fn after(&mut self, number: Number, after: Option<LogKey>, host: &dyn Host) -> Done {
        self.only(Role::Listener)?;
        let Some((topic, _)) = self.serving(number, host)? else { return Ok(()) };
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if shared.logs.counts.is_some_and(|(ours, theirs)| !is_small(theirs, ours)) {
            return Err(Stop::Offence(Offence::Flood));
        }
        shared.stream_to_peer(after.map(place))
    }

    /// The peer wants events by id.
    pub(super) fn want(&mut self, number: Number, ids: &[EventId], host: &dyn Host) -> Done {
        let Some((topic, home)) = self.serving(number, host)? else { return Ok(()) };
        if self.queued() + ids.len() > QUEUED {
            return Err(Stop::Offence(Offence::Flood));
        }
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let (graph, mine, mut absent) = (Graph::new(home, topic), shared.mine, Vec::new());
        for id in ids {
            match graph.node(*id)? {
                Some(node) => {
                    shared.sends.queue.insert(node.place);
                }
                None => absent.push(*id),
            }
        }
        if !absent.is_empty() {
            self.send(&Message::Absent { topic: mine, ids: absent });
        }
        Ok(())
    }

    /// The peer does not have what it was asked for: only what it showed or named is asked for.
    pub(super) fn absent(&mut self, number: Number, ids: &[EventId]) -> Done {
        let (topic, now_ms) = (self.named(number)?, self.now_ms);
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let asked = ids.iter().filter(|id| shared.takes.wanted.remove(*id)).count();
        shared.note(now_ms);
        let offence = if asked == 0 { Offence::Order } else { Offence::Lie };
        Err(Stop::Offence(offence))
    }

    /// A stream from the follower is at its end.
    pub(super) fn ended(&mut self, number: Number, host: &dyn Host) -> Done {
        self.only(Role::Dialer)?;
        let (topic, now_ms) = (self.named(number)?, self.now_ms);
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if !matches!(shared.leads.phase, Phase::Receiving) {
            // The stream may have been for a walk that was given up.
            return Ok(());
        }
        (shared.leads.phase, shared.leads.due) = (Phase::Idle, true);
        shared.note(now_ms);
        self.go_on(topic, host)
    }

    pub(super) fn credited(&mut self, batches: u32) -> Done {
        if self.credit + batches > WINDOW {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.credit += batches;
        self.starved_since = None;
        Ok(())
    }

    /// Takes a batch.
    pub(super) fn events(&mut self, number: Number, encoded: &[Vec<u8>]) -> Done {
        let (topic, now_ms) = (self.named(number)?, self.now_ms);
        if self.window == 0 {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.window -= 1;
        if !self.topics.get(&topic).is_some_and(Shared::may_take) {
            // It may have been on the way when the peer was told that it is not served.
            self.give_back();
            let unproven = |shared: &Shared| matches!(shared.access, Access::Unproven);
            let early = self.topics.get(&topic).is_some_and(unproven);
            return Err(Stop::Offence(if early { Offence::Order } else { Offence::Useless }));
        }
        let (mut events, mut bad) = (Vec::with_capacity(encoded.len()), None);
        let mut outdated = false;
        for bytes in encoded {
            match UnverifiedEvent::decode(bytes) {
                Ok(event) if event.body().topic() == topic => events.push(event),
                Ok(_) => bad = Some(Offence::Event),
                Err(error @ CodecError::UpdateNeeded { .. }) => {
                    outdated = true;
                    self.update_needed(&error);
                }
                Err(CodecError::Malformed { .. }) => bad = Some(Offence::Malformed),
            }
        }
        if encoded.is_empty() {
            bad = Some(Offence::Malformed);
        }
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if outdated {
            // It may be any of those that were asked for. What else does not come is found by the next
            // comparison.
            shared.outdated = true;
            shared.takes.wanted.clear();
            shared.note(now_ms);
        }
        if events.is_empty() {
            self.give_back();
        } else {
            let live = shared.logs.synced;
            // Live, several peers may send what is new at the same time, each of them once.
            let heard = &self.heard;
            let if_useless = match live && !events.iter().all(|e| heard.contains(&e.id())) {
                true => None,
                false => Some(Offence::Useless),
            };
            shared.takes.ingesting.push_back(Given { events: events.len(), if_useless });
            for event in &events {
                shared.takes.wanted.remove(&event.id());
            }
            shared.note(now_ms);
            if live {
                events.iter().for_each(|event| self.heard.hear(event.id()));
            }
            self.tell(Effect::Ingest { topic, events });
        }
        bad.map_or(Ok(()), |offence| Err(Stop::Offence(offence)))
    }

    fn give_back(&mut self) {
        self.window += 1;
        self.send(&Message::Credit { batches: 1 });
    }

    /// What became of a batch that an [`Effect::Ingest`] gave.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn ingested(
        &mut self,
        topic: TopicId,
        report: &IngestReport,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            if session.window < WINDOW {
                session.give_back();
            }
            let Some(shared) = session.topics.get_mut(&topic) else { return Ok(()) };
            session.busy.insert(topic);
            let given = shared.takes.ingesting.pop_front();
            shared.logs.came |= report.added > 0;
            if shared.takes.waiting_since.is_some() {
                shared.note(now_ms);
            }
            let synced = shared.logs.synced;
            let live = given.is_some_and(|given| given.if_useless.is_none());
            if live {
                shared.logs.echoes.events = shared.logs.echoes.events.saturating_add(report.known);
            }
            let echoes = shared.logs.echoes;
            let sent = report.refused.iter().filter(|refused| !refused.waited);
            for _ in sent.take(CHARGED) {
                session.charge(Offence::Event);
            }
            let useless = report.added == 0 && report.pending == 0 && report.refused.is_empty();
            if useless && let Some(offence) = given.and_then(|given| given.if_useless) {
                session.charge(offence);
            } else if live
                && report.known > 0
                && let Some(home) = session.served(topic, host)?
                && echoes.are_too_many(LogTrie::new(home, topic).root()?.count)
            {
                session.charge(Offence::Useless);
            }
            if synced && report.added > given.map_or(0, |given| given.events as u64) {
                // Events that others sent were waiting for these; the peer may not have them.
                session.compare_again(topic, host)?;
            } else if synced {
                session.pull(topic, report, host)?;
            } else if report.added > 0
                && let Some(home) = session.served(topic, host)?
            {
                let known = summary(home, topic)?.root.count;
                session.report(topic, false, known);
            }
            session.answer_deferred(topic, host)?;
            session.go_on(topic, host)
        })
    }

    /// Sends events as long as there is credit, topic by topic in turn.
    pub(super) fn pump(&mut self, host: &dyn Host) -> Done {
        loop {
            let ready = |topic: &&TopicId| self.topics.get(*topic).is_some_and(Shared::has_to_send);
            let from = self.turn.map_or(Bound::Unbounded, Bound::Excluded);
            let later = self.busy.range((from, Bound::Unbounded));
            let next = later.chain(self.busy.iter()).find(ready);
            let Some(topic) = next.copied() else {
                self.starved_since = None;
                let topics = &self.topics;
                self.busy.retain(|topic| topics.get(topic).is_some_and(Shared::is_busy));
                debug_assert!(topics.iter().all(|(t, s)| !s.is_busy() || self.busy.contains(t)));
                return Ok(());
            };
            if self.credit == 0 {
                self.starved_since.get_or_insert(self.now_ms);
                return Ok(());
            }
            self.turn = Some(topic);
            self.send_batch(topic, host)?;
        }
    }

    fn send_batch(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let home = self.served(topic, host)?;
        let role = self.opening.role;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let Some(home) = home else {
            shared.sends.range = None;
            shared.sends.queue.clear();
            return Ok(());
        };
        let (mine, mut batch, mut end) = (shared.mine, Batch::default(), false);
        if let Some(Range { after }) = shared.sends.range {
            let last = stream(home, topic, after, &mut batch)?;
            shared.sends.range = last.map(|after| Range { after: Some(after) });
            end = last.is_none() && role == Role::Listener;
        } else {
            while let Some(place) = shared.sends.queue.pop_first() {
                let key = TopicKeys { topic }.place(place);
                let event = home.get(schema::LOG, &key)?;
                let damaged = || Fault::damaged(format!("event {}", place.id), "missing");
                if !batch.add(&event.ok_or_else(damaged)?) {
                    break;
                }
            }
        }
        let drained = !shared.has_to_send();
        shared.logs.sent |= !batch.events.is_empty();
        if !batch.events.is_empty() {
            self.credit -= 1;
            self.send(&Message::Events { topic: mine, events: batch.events });
        }
        if end {
            self.send(&Message::End { topic: mine });
        }
        if drained { self.go_on(topic, host) } else { Ok(()) }
    }
}

/// Fills a batch with what comes after a place; the last place if there may be more.
fn stream(
    home: &dyn Snapshot,
    topic: TopicId,
    after: Option<Place>,
    batch: &mut Batch,
) -> Result<Option<Place>, Fault> {
    let keys = TopicKeys { topic };
    let (from, to) = keys.places_after(after);
    let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
    let mut last = None;
    home.scan(schema::LOG, range, false, &mut |key, event| {
        if batch.add(event) {
            return ControlFlow::Continue(());
        }
        last = Some(keys.read_place(key));
        ControlFlow::Break(())
    })?;
    let damaged = || Fault::damaged("a key of the log", "bad layout");
    last.map(|place| place.ok_or_else(damaged)).transpose()
}
