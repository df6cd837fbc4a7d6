use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{BundleId, TopicId};

use super::bundles::Asked;
use super::effect::{Effect, Host, Reason};
use super::limits::{ANSWER_MS, GREETING_MS, WINDOW};
use super::live::Heard;
use super::meet::Names;
use super::message::{Message, Number};
use super::offence::Offence;
use super::shared::Shared;
use super::sides::Phase;
use super::{Nonce, Opening, Role};
use crate::codec::{Canonical, CodecError};
use crate::fault::Fault;

/// Kinds of things of later versions that are told of.
const TOLD: usize = 16;

/// One connection to one peer. See the [module](super).
///
/// Every call returns what the driver is to do. An error is this home's own and says nothing of
/// the peer; the connection is then best closed.
#[derive(Debug)]
pub struct Session {
    pub(super) opening: Opening,
    pub(super) their_nonce: Option<Nonce>,
    pub(super) names: Names,
    pub(super) topics: BTreeMap<TopicId, Shared>,
    /// Of these, all that have something to send or wait for events, and perhaps others: what is
    /// counted and looked for there costs nothing for topics at rest.
    pub(super) busy: BTreeSet<TopicId>,
    /// Batches that may be sent.
    pub(super) credit: u32,
    /// Since when there is something to send and no credit.
    pub(super) starved_since: Option<u64>,
    /// Batches that the peer may send.
    pub(super) window: u32,
    /// The topic that was sent of last.
    pub(super) turn: Option<TopicId>,
    /// Bundles that the peer was asked for without a topic, and has not told of.
    pub(super) bundles: BTreeSet<BundleId>,
    /// Those that the peer has asked for so.
    pub(super) bundles_asked: Asked,
    pub(super) heard: Heard,
    pub(super) now_ms: u64,
    opened_ms: u64,
    closed: bool,
    told: BTreeSet<String>,
    out: Vec<Effect>,
}

/// Why a message was not taken to its end.
#[derive(Debug)]
pub(super) enum Stop {
    Fault(Fault),
    Offence(Offence),
}

pub(super) type Done = Result<(), Stop>;

impl<E: Into<Fault>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl Session {
    /// A session over a new connection, and the first message. `topics` are those this home wants
    /// to share, at most [`super::limits::TOPICS`]; others are left out.
    pub fn new(opening: Opening, topics: &[TopicId], now_ms: u64) -> (Self, Vec<Effect>) {
        let mut session = Self {
            opening,
            their_nonce: None,
            names: Names::new(topics),
            topics: BTreeMap::new(),
            busy: BTreeSet::new(),
            credit: WINDOW,
            starved_since: None,
            window: WINDOW,
            turn: None,
            bundles: BTreeSet::new(),
            bundles_asked: Asked::default(),
            heard: Heard::default(),
            now_ms,
            opened_ms: now_ms,
            closed: false,
            told: BTreeSet::new(),
            out: Vec::new(),
        };
        session.send(&Message::Hello { nonce: opening.nonce });
        let out = session.take_out();
        (session, out)
    }

    /// Takes one message of the peer.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn receive(
        &mut self,
        bytes: &[u8],
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| match Message::from_bytes(bytes) {
            Ok(message) => session.take(message, host),
            Err(error @ CodecError::UpdateNeeded { field, found, .. }) => {
                if session.their_nonce.is_none() && field == "version" {
                    session.close(Reason::Version(found));
                }
                session.update_needed(&error);
                Ok(())
            }
            Err(CodecError::Malformed { .. }) => Err(Stop::Offence(Offence::Malformed)),
        })
    }

    /// Lets time pass; to be called every second or so.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn tick(&mut self, host: &dyn Host, now_ms: u64) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            let since = |ms: u64| now_ms.saturating_sub(ms);
            if session.their_nonce.is_none() && since(session.opened_ms) > GREETING_MS {
                session.close(Reason::Silent);
                return Ok(());
            }
            let owes = |shared: &Shared| {
                shared.takes.waiting_since.is_some_and(|ms| since(ms) > ANSWER_MS)
            };
            // While this home is at work on a batch, the peer may be out of credit.
            let idle = session.is_idle();
            let starved = session.starved_since.is_some_and(|ms| since(ms) > ANSWER_MS);
            if starved || idle && session.topics.values().any(owes) {
                return Err(Stop::Offence(Offence::Stalled));
            }
            let rested = |shared: &Shared| shared.leads.rests_until.is_some_and(|ms| ms <= now_ms);
            let rested: Vec<_> =
                session.topics.iter().filter(|(_, s)| rested(s)).map(|(topic, _)| *topic).collect();
            for topic in rested {
                session.compare_again(topic, host)?;
            }
            let held = |shared: &Shared| shared.follows.deferred.is_some();
            let held: Vec<_> =
                session.topics.iter().filter(|(_, s)| held(s)).map(|(topic, _)| *topic).collect();
            for topic in held {
                session.answer_deferred(topic, host)?;
            }
            session.unpark(host)
        })
    }

    /// Ends the connection for what its peer did, of which this was the last.
    pub fn close_for(&mut self, offence: Offence) -> Vec<Effect> {
        self.close(Reason::Offended(offence));
        self.take_out()
    }

    /// True once the connection is to be closed; nothing comes of it any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// True if nothing the peer sent is being verified or ingested.
    pub fn is_idle(&self) -> bool {
        self.window == WINDOW
    }

    /// True once the peer has said hello.
    pub fn is_greeted(&self) -> bool {
        self.their_nonce.is_some() && !self.closed
    }

    /// True if both logs of a topic were equal when they were compared last, and all since was sent.
    #[cfg(test)]
    pub(crate) fn is_synced(&self, topic: TopicId) -> bool {
        self.topics.get(&topic).is_some_and(|shared| shared.logs.synced)
    }

    /// Everything it keeps that a peer can make more of, counted.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        let walk = |shared: &Shared| match &shared.leads.phase {
            Phase::Walking(walk) => walk.kept(),
            _ => 0,
        };
        let bundles = |shared: &Shared| shared.bundles.len() + shared.bundles_asked.len();
        let shared =
            |shared: &Shared| shared.takes.ingesting.len() + bundles(shared) + walk(shared);
        let topics: usize = self.topics.values().map(shared).sum();
        let own = self.heard.len() + self.told.len() + self.bundles_asked.len();
        topics + self.queued() + self.wanted() + own
    }

    /// Does something, tells what offence it was, and sends what can be sent.
    pub(super) fn act(
        &mut self,
        host: &dyn Host,
        now_ms: u64,
        what: impl FnOnce(&mut Self) -> Done,
    ) -> Result<Vec<Effect>, Fault> {
        self.now_ms = now_ms;
        if self.closed {
            return Ok(Vec::new());
        }
        for done in [what(self), self.pump(host)] {
            match done {
                Ok(()) => {}
                Err(Stop::Offence(offence)) => self.charge(offence),
                Err(Stop::Fault(fault)) => return Err(fault),
            }
        }
        Ok(self.take_out())
    }

    fn take(&mut self, message: Message, host: &dyn Host) -> Done {
        if self.their_nonce.is_none()
            && !matches!(message, Message::Hello { .. } | Message::Bye { .. })
        {
            return Err(Stop::Offence(Offence::Order));
        }
        match message {
            Message::Hello { nonce } => self.greeted(nonce, host),
            Message::Tags { tags } => self.tagged(tags, host),
            Message::Proof { topic, proof } => self.proved(topic, *proof, host),
            Message::Denied { topic } => self.denied(topic),
            Message::Compare { topic, summary } => self.compared_by_leader(topic, summary, host),
            Message::Compared { topic, summary, streams } => {
                self.compared(topic, summary, streams, host)
            }
            Message::Walk { topic, places } => self.walked(topic, &places, host),
            Message::Records { topic, root, records } => self.records(topic, root, records, host),
            Message::After { topic, after } => self.after(topic, after, host),
            Message::Want { topic, ids } => self.want(topic, &ids, host),
            Message::Events { topic, events } => self.events(topic, &events),
            Message::Absent { topic, ids } => self.absent(topic, &ids),
            Message::End { topic } => self.ended(topic, host),
            Message::Credit { batches } => self.credited(batches),
            Message::Changed { topic } => self.changed(topic, host),
            Message::Peers { topic, peers } => self.introduced(topic, peers),
            Message::BundleWanted { topic, bundle } => self.bundle_wanted(topic, bundle, host),
            Message::Bundle { topic, bundle, blob } => self.bundle_told(topic, bundle, blob),
            Message::Bye { reason } => {
                self.closed = true;
                self.out.push(Effect::Close(Reason::ByPeer(reason)));
                Ok(())
            }
        }
    }

    /// The topic the peer calls so.
    pub(super) fn named(&mut self, number: Number) -> Result<TopicId, Stop> {
        let topic = self.names.topic(number).ok_or(Stop::Offence(Offence::Order))?;
        self.busy.insert(topic);
        Ok(topic)
    }

    /// Refuses what only the other role sends.
    pub(super) fn only(&self, role: Role) -> Done {
        if self.opening.role == role { Ok(()) } else { Err(Stop::Offence(Offence::Order)) }
    }

    pub(super) fn send(&mut self, message: &Message) {
        self.out.push(Effect::Send(message.to_bytes()));
    }

    pub(super) fn tell(&mut self, effect: Effect) {
        self.out.push(effect);
    }

    /// Tells of something that a later version knows, once.
    pub(super) fn update_needed(&mut self, error: &CodecError) {
        let what = error.to_string();
        if self.told.len() < TOLD && self.told.insert(what.clone()) {
            self.out.push(Effect::UpdateNeeded { what });
        }
    }

    /// Tells of an offence. Who does not answer is left, whatever else they did.
    pub(super) fn charge(&mut self, offence: Offence) {
        self.out.push(Effect::Offence(offence));
        if offence == Offence::Stalled {
            self.close(Reason::Offended(offence));
        }
    }

    fn close(&mut self, reason: Reason) {
        if !self.closed {
            self.closed = true;
            self.send(&Message::Bye { reason: reason.number() });
            self.out.push(Effect::Close(reason));
            self.topics.clear();
        }
    }

    fn take_out(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.out)
    }

    /// Topics whose logs are being walked.
    pub(super) fn walks(&self) -> usize {
        let walking = |shared: &&Shared| matches!(shared.leads.phase, Phase::Walking(_));
        self.topics.values().filter(walking).count()
    }
}
