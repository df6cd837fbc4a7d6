//! All connections of one home, as one synchronous machine: inputs in, outputs out.
//!
//! It has no clock and no randomness and does no I/O, so the simulator drives it as the node does.

use std::collections::{BTreeMap, VecDeque};

use myrhiza_kernel_api::{PeerAddress, PublicKey, TopicId};

use super::bundles::Bundles;
use super::choice::Choice;
use super::clock::Clock;
use super::dial::Dialer;
use super::link::{Link, LinkId, replaces};
use super::merit::Merits;
use super::neighbours::Unread;
use super::pace::Pace;
use super::parts::Parts;
use super::seat::{Seat, View};
use super::standing::Standing;
use super::told::{Told, Why};
use super::traffic::{Batch, Input, Output};
use super::turns::Turns;
use super::votes::Votes;
use crate::drift::is_drift;
use crate::event::UnverifiedEvent;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::runtime::{Change, PART, Runtime};
use crate::schema;
use crate::sync::limits::{CLOSE_POINTS, PAUSE_MS, THROTTLE_POINTS};
use crate::sync::{Effect, Nonce, Offence, Opening, Reason, Role, Session};

/// Milliseconds after which a connection that serves nothing is closed.
const USELESS_MS: u64 = 30_000;

/// One home and its connections.
pub struct Switch {
    pub(super) seat: Seat,
    /// This node's transport key, and how it is reached.
    pub(super) node: PeerAddress,
    pub(super) links: BTreeMap<LinkId, Link>,
    /// The connection with each peer.
    pub(super) peers: BTreeMap<PublicKey, LinkId>,
    pub(super) dialer: Dialer,
    pub(super) merits: Merits,
    pub(super) bundles: Bundles,
    pub(super) turns: Turns,
    pub(super) pace: Pace,
    pub(super) parts: Parts,
    pub(super) votes: Votes,
    pub(super) standing: Standing,
    /// What sessions have asked for, in order.
    asked: VecDeque<(LinkId, Effect)>,
    /// It is being done.
    performs: bool,
    /// What could not be read of whom to look for.
    pub(super) unread: Unread,
    pub(super) clock: Clock,
    /// Its steady time.
    pub(super) now_ms: u64,
    /// When the last tick was, by that.
    pub(super) ticked_ms: u64,
    /// When what was heard of peers was kept last.
    pub(super) kept_ms: u64,
    pub(super) out: Vec<Output>,
}

impl Switch {
    /// A node that is connected to nobody.
    pub fn new(mut seat: Seat, key: PublicKey, choice: Choice) -> Self {
        // So that time, peers and the user have their turn.
        seat.runtime.work_in_parts(PART);
        Self {
            seat,
            node: PeerAddress { key, addresses: Vec::new() },
            links: BTreeMap::new(),
            peers: BTreeMap::new(),
            dialer: Dialer::new(choice),
            merits: Merits::default(),
            bundles: Bundles::default(),
            turns: Turns::default(),
            pace: Pace::default(),
            parts: Parts::default(),
            votes: Votes::default(),
            standing: Standing::default(),
            asked: VecDeque::new(),
            performs: false,
            unread: Unread::default(),
            clock: Clock::default(),
            kept_ms: 0,
            now_ms: 0,
            ticked_ms: 0,
            out: Vec::new(),
        }
    }

    /// Begins to look for those who may have this home's topics.
    pub fn start(&mut self, now_ms: u64) -> Vec<Output> {
        self.look_at_clock(now_ms);
        self.ticked_ms = self.now_ms;
        // What was done to the home before is news to nobody: each peer is greeted with all of it.
        drop(self.seat.runtime.take_changes());
        self.look_for_all();
        self.tell_of_withdrawn();
        self.look_for_work();
        self.release_left();
        self.dial();
        std::mem::take(&mut self.out)
    }

    pub(super) fn look_at_clock(&mut self, wall_ms: u64) {
        self.clock.look(wall_ms);
        self.now_ms = self.clock.steady_ms();
    }

    /// Takes what happened at `now_ms`, milliseconds since 1970.
    pub fn take(&mut self, input: Input, now_ms: u64) -> Vec<Output> {
        self.look_at_clock(now_ms);
        match input {
            Input::Opened { link, peer, role, nonce } => self.opened(link, peer, role, nonce),
            Input::Frame { link, bytes } => self.frame(link, &bytes),
            Input::Closed { link, cause } => self.closed(link, cause),
            Input::NotReached { peer, cause } => {
                self.dialer.down(peer, self.now_ms);
                self.tell(Told::NotReached { peer, cause });
            }
            Input::Verified(verified) => self.verified(verified),
            Input::Kept { bundle, blob } => self.kept(bundle, blob),
            Input::Fetching { bundle, link, bytes, total } => {
                self.fetching(bundle, link, bytes, total);
            }
            Input::Fetched { bundle, link, bytes } => self.fetched(bundle, link, bytes),
            Input::Held(hashes) => self.held(hashes),
            Input::Connect(peer) => self.want(peer),
            Input::Awake { slept } => self.awake(slept),
            Input::Addresses(addresses) => self.node.addresses = addresses,
            Input::GoOn => self.go_on(),
            Input::Tick => {
                self.tick();
                self.take_some(None);
            }
        }
        self.keep_peers_in_time();
        self.dial();
        std::mem::take(&mut self.out)
    }

    /// Lets something be done with the home, and passes on what came of it.
    pub fn call<T>(&mut self, what: impl FnOnce(&mut Seat) -> T, now_ms: u64) -> (T, Vec<Output>) {
        self.look_at_clock(now_ms);
        let result = what(&mut self.seat);
        self.note_asked();
        self.pass_on(None);
        self.look_for_named();
        self.ask_for_wanted();
        self.dial();
        (result, std::mem::take(&mut self.out))
    }

    /// Says goodbye to everybody; nothing is to be given to it afterwards.
    pub fn stop(mut self) -> (Seat, Vec<Output>) {
        for link in std::mem::take(&mut self.links).into_keys() {
            self.out.push(Output::Close { link });
        }
        self.keep_peers();
        (self.seat, self.out)
    }

    fn opened(&mut self, link: LinkId, peer: PublicKey, role: Role, nonce: Nonce) {
        // Before anybody has to go for it: where this fails, it is not let in.
        let topics = match self.seat.runtime.topic_ids() {
            Ok(topics) => topics,
            Err(error) => {
                self.refuse(link, peer);
                return self.tell(Told::Fault { what: "the topics were not read", error });
            }
        };
        if let Err(cause) = self.admit(peer, role) {
            self.refuse(link, peer);
            return self.tell(Told::Refused { peer, cause: cause.into() });
        }
        if let Some(other) = self.peers.get(&peer).copied() {
            // Who has greeted knows of the connection, and dials only if it has lost that.
            let keeps = |link: &Link| {
                !link.session.is_greeted() && !replaces(&self.node.key, &peer, link.role, role)
            };
            if self.links.get(&other).is_some_and(keeps) {
                self.out.push(Output::Close { link });
                self.dialer.up(peer);
                return;
            }
            self.out.push(Output::Close { link: other });
            self.peers.remove(&peer);
            self.drop_link(other, Why::Replaced);
        }
        let opening = Opening { role, nonce, local: self.node.key, remote: peer };
        let (session, effects) = Session::new(opening, &topics, self.now_ms);
        self.links.insert(link, Link::new(peer, role, session, self.now_ms));
        self.peers.insert(peer, link);
        self.merits.came(peer, self.now_ms);
        self.dialer.up(peer);
        self.tell(Told::Connected { peer, role });
        self.perform(link, effects);
    }

    /// Ends a connection before it is one; if this node opened it, it will try again.
    fn refuse(&mut self, link: LinkId, peer: PublicKey) {
        self.out.push(Output::Close { link });
        if !self.peers.contains_key(&peer) {
            self.dialer.down(peer, self.now_ms);
        }
    }

    fn frame(&mut self, id: LinkId, bytes: &[u8]) {
        if let Some(link) = self.links.get_mut(&id) {
            link.traffic.received += bytes.len() as u64;
        }
        if is_drift(bytes) {
            return self.drift_frame(id, bytes);
        }
        self.session(id, |session, view, now_ms| session.receive(bytes, view, now_ms));
    }

    fn closed(&mut self, id: LinkId, cause: String) {
        self.drop_link(id, Why::Lost(cause));
    }

    /// Ends a connection.
    pub(super) fn end_link(&mut self, id: LinkId, why: Why) {
        self.out.push(Output::Close { link: id });
        self.drop_link(id, why);
    }

    /// Forgets a connection that is at its end.
    pub(super) fn drop_link(&mut self, id: LinkId, why: Why) {
        let Some(link) = self.links.remove(&id) else { return };
        if self.peers.get(&link.peer) == Some(&id) {
            self.peers.remove(&link.peer);
            self.merits.left(&link.peer, self.now_ms);
            match why {
                Why::Surplus | Why::Entered => self.dialer.let_go(link.peer, self.now_ms),
                _ => self.dialer.down(link.peer, self.now_ms),
            }
        }
        match why {
            Why::Displaced => self.merits.yielded(&link.peer, self.now_ms),
            Why::Ended(Reason::Offended(offence)) if !offence.is_by_chance() => {
                self.merits.bar(&link.peer, self.now_ms);
            }
            _ => {}
        }
        self.bundles.forget(id);
        self.pace.departed(id, link.peer);
        self.tell(Told::Disconnected { peer: link.peer, why });
        link.topics.into_keys().for_each(|topic| self.end_turn(id, topic));
    }

    fn tick(&mut self) {
        self.ticked_ms = self.now_ms;
        self.pass_slow_turns();
        self.look_again();
        self.come_in();
        self.ask_for_wanted();
        self.tick_votes();
        self.tick_bundles();
        let ids: Vec<_> = self.links.keys().copied().collect();
        for id in ids {
            self.session(id, |session, view, now_ms| session.tick(view, now_ms));
            let useless = |link: &Link| {
                !link.is_of_use() && self.now_ms.saturating_sub(link.opened_ms) > USELESS_MS
            };
            if self.links.get(&id).is_some_and(useless) {
                self.end_link(id, Why::Useless);
            }
        }
        self.choose();
        self.let_surplus_go();
        self.release_all();
        self.tick_parts();
    }

    /// Tells the sessions what has changed in the logs, but for the one that has brought it.
    pub(super) fn pass_on(&mut self, source: Option<LinkId>) {
        for (topic, change) in self.seat.runtime.take_changes() {
            let others = self.links.keys().filter(|id| Some(**id) != source);
            let ids: Vec<_> = others.copied().collect();
            for id in ids {
                match &change {
                    Change::Events(events) => {
                        self.session(id, |session, view, now_ms| {
                            session.announce(topic, events, view, now_ms)
                        });
                    }
                    Change::Much => {
                        self.session(id, |session, view, now_ms| {
                            session.touched(topic, view, now_ms)
                        });
                    }
                    Change::Entered => self.share(id, topic),
                    Change::Left => {
                        if let Some(link) = self.links.get_mut(&id) {
                            link.topics.remove(&topic);
                        }
                        self.session(id, |session, view, now_ms| {
                            session.remove_topic(topic, view, now_ms)
                        });
                    }
                }
            }
            match change {
                Change::Entered => self.look_for_peers(topic),
                Change::Left => {
                    self.unread.topics.remove(&topic);
                    self.pace.forget(topic);
                    self.forget_votes(topic);
                    self.standing.forget(topic);
                    self.dialer.forget_topic(topic);
                }
                Change::Events(_) | Change::Much => {
                    self.votes.change(topic);
                    // An upgrade may have come, or the version before it have been installed.
                    self.ask_for_new_bundle(topic);
                }
            }
            self.look_at_withdrawals(topic);
            self.tell(Told::Changed { topic, change });
        }
    }

    /// Shares a topic that was entered: on a connection where it was named before it was left, on a
    /// new one.
    fn share(&mut self, id: LinkId, topic: TopicId) {
        let Some(link) = self.links.get(&id) else { return };
        let peer = link.peer;
        if link.session.has_named(topic) {
            self.dialer.may_have(peer, topic);
            return self.end_link(id, Why::Entered);
        }
        self.session(id, |session, view, now_ms| session.add_topic(topic, view, now_ms));
    }

    /// Does something with a connection's session, and what it asks for.
    pub(super) fn session(
        &mut self,
        id: LinkId,
        what: impl FnOnce(&mut Session, &View<'_>, u64) -> Result<Vec<Effect>, Fault>,
    ) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let done = match self.seat.view(&self.node, (&self.turns, id)) {
            Ok(view) => what(&mut link.session, &view, self.now_ms),
            Err(fault) => Err(fault),
        };
        match done {
            Ok(effects) => self.perform(id, effects),
            // A fault is this home's own and says nothing of the peer; later may be better.
            Err(fault) => {
                let error = fault.into();
                self.tell(Told::Fault { what: "a peer was not answered", error });
                self.end_link(id, Why::Fault);
            }
        }
    }

    /// Does what sessions ask for, in the order they asked: what comes of one thing comes after all
    /// that was asked before it.
    pub(super) fn perform(&mut self, id: LinkId, effects: Vec<Effect>) {
        self.asked.extend(effects.into_iter().map(|effect| (id, effect)));
        if std::mem::replace(&mut self.performs, true) {
            return;
        }
        while let Some((id, effect)) = self.asked.pop_front() {
            self.perform_one(id, effect);
        }
        self.performs = false;
    }

    fn perform_one(&mut self, id: LinkId, effect: Effect) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let peer = link.peer;
        match effect {
            Effect::Send(bytes) => {
                link.traffic.sent += bytes.len() as u64;
                self.out.push(Output::Send { link: id, bytes });
            }
            Effect::Ingest { topic, events } => match self.unknown(id, topic, events) {
                Ok(batch) => self.out.push(Output::Verify(batch)),
                Err(fault) => {
                    let error = fault.into();
                    self.tell(Told::Fault { what: "events were not looked at", error });
                    self.end_link(id, Why::Fault);
                }
            },
            Effect::Shared { topic } => {
                let is_first = !link.is_of_use();
                link.topics.entry(topic).or_default().denied = false;
                self.dialer.may_have(peer, topic);
                self.tell(Told::Shared { peer, topic });
                self.owe_votes(id, topic);
                self.ask_for_bundle(id, topic);
                self.take_turn(id, topic);
                if is_first {
                    self.take_place(id);
                }
            }
            Effect::Peers { topic, peers } => self.heard_of(peer, topic, peers),
            Effect::BundleWanted { topic, bundle } => self.bundle_wanted(id, topic, bundle),
            Effect::Bundle { topic, bundle, blob } => self.bundle_told(id, topic, bundle, blob),
            Effect::Denied { topic, by_peer } => {
                let was_shared = by_peer && link.serves(&topic);
                let exchange = link.topics.entry(topic).or_default();
                (exchange.denied, exchange.complete) = (true, false);
                self.note_denied(topic, was_shared);
                self.tell(Told::Denied { peer, topic, by_peer });
                self.end_turn(id, topic);
            }
            Effect::Progress { topic, known, total } => {
                self.turns.note(topic, id, (known, total), self.now_ms);
                let exchange = link.topics.entry(topic).or_default();
                (exchange.known, exchange.total) = (known, total);
                exchange.complete = false;
                self.note_served(topic);
                self.tell(Told::Progress { peer, topic, known, total });
            }
            Effect::Complete { topic, events } => {
                let exchange = link.topics.entry(topic).or_default();
                (exchange.known, exchange.total) = (events, events);
                exchange.complete = true;
                self.note_arrived(topic);
                self.dialer.useful(peer);
                self.turn_done(id, topic);
                // An upgrade that came may need another bundle.
                self.ask_for_bundle(id, topic);
                self.tell(Told::Complete { peer, topic, events });
            }
            Effect::UpdateNeeded { what } => self.tell(Told::UpdateNeeded { peer, what }),
            Effect::Offence(offence) => self.offended(id, offence),
            Effect::Close(reason) => {
                self.end_link(id, Why::Ended(reason));
            }
        }
    }

    /// A peer did something; what it did on connections before counts with it.
    pub(super) fn offended(&mut self, id: LinkId, offence: Offence) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let peer = link.peer;
        let points = self.merits.offended(&peer, offence, self.now_ms);
        self.out.push(Output::Told(Told::Offence { peer, offence, points }));
        match points {
            _ if link.session.is_closed() => {}
            CLOSE_POINTS.. => {
                let effects = link.session.close_for(offence);
                self.perform(id, effects);
            }
            THROTTLE_POINTS.. => self.out.push(Output::Pause { link: id, ms: PAUSE_MS }),
            _ => {}
        }
    }

    /// Leaves out of a batch what is known, since its signatures need no second look.
    fn unknown(
        &self,
        link: LinkId,
        topic: TopicId,
        events: Vec<UnverifiedEvent>,
    ) -> Result<Batch, Fault> {
        let (snapshot, keys) = (self.seat.runtime.read()?, TopicKeys { topic });
        let mut batch = Batch { link, topic, known: 0, events: Vec::with_capacity(events.len()) };
        for event in events {
            let key = keys.key(&[event.id().as_ref()]);
            match snapshot.get(schema::IDS, &key)? {
                Some(_) => batch.known += 1,
                None => batch.events.push(event),
            }
        }
        Ok(batch)
    }

    pub(super) fn tell(&mut self, told: Told) {
        self.out.push(Output::Told(told));
    }
}

impl Switch {
    /// Everything it keeps that peers can make more of, counted.
    #[cfg(test)]
    pub(super) fn weight(&self) -> usize {
        let sessions: usize = self.links.values().map(|link| link.session.kept()).sum();
        let kept = self.asked.len() + self.unread.topics.len() + self.merits.count();
        sessions + self.links.len() + kept
    }

    /// The home, for those who look only.
    pub fn runtime(&self) -> &Runtime {
        &self.seat.runtime
    }
}
