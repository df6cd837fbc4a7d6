//! Where both logs stand, and what is to be done about it. The dialer leads.

use myrhiza_kernel_api::{Snapshot, TopicId};

use super::limits::{FRUITLESS, HOLD_MS, REST_MS, SMALL_LOG, SMALL_SHARE, WALKS};
use super::message::{Message, Number, Summary};
use super::session::{Done, Stop};
use super::sides::Phase;
use super::walk::Walk;
use super::{Effect, Host, Offence, Role, Session};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::trie::{LogKey, LogTrie};

/// Where this home's log stands.
pub(super) fn summary(home: &dyn Snapshot, topic: TopicId) -> Result<Summary, Fault> {
    let keys = TopicKeys { topic };
    let last = keys.scan_places(home, schema::LOG, keys.places_after(None), (true, 1))?.pop();
    let tip = last.map(|place| LogKey { height: place.height, id: place.id });
    Ok(Summary { root: LogTrie::new(home, topic).root()?, tip })
}

/// Whether the other's log is the start of this one.
fn is_start(
    home: &dyn Snapshot,
    topic: TopicId,
    ours: &Summary,
    theirs: &Summary,
) -> Result<bool, Fault> {
    Ok(match theirs.tip {
        _ if theirs.root.count >= ours.root.count => false,
        None => theirs.root.count == 0,
        Some(tip) => LogTrie::new(home, topic).root_up_to(tip)? == theirs.root,
    })
}

/// Whether a log of so many events is so small beside another that it is not worth a walk.
pub(super) fn is_small(count: u64, beside: u64) -> bool {
    count <= beside && (count <= SMALL_LOG || count.saturating_mul(SMALL_SHARE) <= beside)
}

pub(super) fn place(key: LogKey) -> Place {
    Place { epoch: 0, height: key.height, id: key.id }
}

impl Session {
    /// Begins the exchange of a topic that is [shared](Effect::Shared): so the driver sees to it that
    /// not every peer sends the same history at the same time. Where the peer leads, nothing is to
    /// begin here.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn begin(
        &mut self,
        topic: TopicId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            let Some(shared) = session.topics.get_mut(&topic) else { return Ok(()) };
            shared.leads.released = true;
            session.go_on(topic, host)
        })
    }

    /// Roots are to be compared as soon as nothing is under way. The follower asks the leader to.
    pub(super) fn compare_again(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        shared.leads.rests_until = None;
        match self.opening.role {
            Role::Dialer => {
                shared.leads.due = true;
                self.go_on(topic, host)
            }
            Role::Listener => {
                // Before the first comparison there is nothing to say.
                if shared.logs.counts.is_some()
                    && !std::mem::replace(&mut shared.follows.told_changed, true)
                {
                    let mine = shared.mine;
                    self.send(&Message::Changed { topic: mine });
                }
                Ok(())
            }
        }
    }

    /// Does what the leader has to do next.
    pub(super) fn go_on(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let Some(shared) = self.topics.get(&topic) else { return Ok(()) };
        match &shared.leads.phase {
            Phase::Walking(_) => self.walk_on(topic, host),
            Phase::Idle if shared.may_compare() => self.compare(topic, host),
            _ => Ok(()),
        }
    }

    fn compare(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let Some(home) = self.served(topic, host)? else { return Ok(()) };
        let summary = summary(home, topic)?;
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        (shared.leads.phase, shared.leads.due) = (Phase::Comparing(summary.root), false);
        shared.note(now_ms);
        let message = Message::Compare { topic: shared.mine, summary };
        self.send(&message);
        Ok(())
    }

    /// The follower's side of a comparison.
    pub(super) fn compared_by_leader(
        &mut self,
        number: Number,
        theirs: Summary,
        host: &dyn Host,
    ) -> Done {
        self.only(Role::Listener)?;
        let Some((topic, _)) = self.serving(number, host)? else { return Ok(()) };
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if shared.follows.deferred.is_some() {
            return Err(Stop::Offence(Offence::Order));
        }
        shared.follows.deferred = Some((theirs, now_ms));
        self.answer_deferred(topic, host)
    }

    /// Answers the leader once everything it sent is ingested, and no other sends what it would.
    pub(super) fn answer_deferred(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let Some(home) = self.served(topic, host)? else { return Ok(()) };
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if !shared.takes.ingesting.is_empty() {
            return Ok(());
        }
        let Some((theirs, since_ms)) = shared.follows.deferred.take() else { return Ok(()) };
        let ours = summary(home, topic)?;
        let patient = now_ms.saturating_sub(since_ms) < HOLD_MS;
        if patient && theirs.root.count > ours.root.count && host.receives_beside(topic) {
            shared.follows.deferred = Some((theirs, since_ms));
            return Ok(());
        }
        let counts = (ours.root.count, theirs.root.count);
        let before = shared.logs.counts.replace(counts);
        let came = std::mem::take(&mut shared.logs.came);
        let moved = std::mem::take(&mut shared.logs.sent) || came;
        let asked = std::mem::replace(&mut shared.follows.told_changed, false);
        let same = before.is_some_and(|(ours, _)| ours == counts.0);
        let idle = same && !moved && !asked;
        // What a log has grown by is sent once it was compared: who has it grow again and again, and
        // sends nothing, does not have it.
        let grown = before.is_some_and(|(_, theirs)| theirs != counts.1);
        let repeated = idle && (!grown || shared.follows.claims);
        shared.follows.claims = idle && (grown || shared.follows.claims);
        shared.follows.answered = 0;
        shared.note_synced(ours.root == theirs.root, counts.0);
        let streams = !shared.logs.synced
            && !shared.follows.streamed.is_more_than(counts.1)
            && is_start(home, topic, &ours, &theirs)?;
        if streams {
            shared.stream_to_peer(theirs.tip.map(place))?;
        }
        shared.logs.total = counts.0.max(counts.1);
        let (topic_number, synced) = (shared.mine, shared.logs.synced);
        self.send(&Message::Compared { topic: topic_number, summary: ours, streams });
        self.report(topic, synced, counts.0);
        if repeated { Err(Stop::Offence(Offence::Repeat)) } else { Ok(()) }
    }

    /// The leader's side: the follower's log is known.
    pub(super) fn compared(
        &mut self,
        number: Number,
        theirs: Summary,
        streams: bool,
        host: &dyn Host,
    ) -> Done {
        self.only(Role::Dialer)?;
        let topic = self.named(number)?;
        let Some(home) = self.served(topic, host)? else { return Ok(()) };
        let ours = summary(home, topic)?;
        let (now_ms, walks) = (self.now_ms, self.walks());
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let Phase::Comparing(told) = shared.leads.phase else {
            return Err(Stop::Offence(Offence::Order));
        };
        shared.leads.phase = Phase::Idle;
        if shared.leads.changes.compared(theirs.root.count) {
            self.charge(Offence::Repeat);
        }
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let counts = (ours.root.count, theirs.root.count);
        let before = shared.logs.counts.replace(counts);
        // What others bring meanwhile is progress too.
        let grown =
            shared.leads.grown_from.replace(counts.0).is_some_and(|before| before != counts.0);
        let came = std::mem::take(&mut shared.logs.came) || grown;
        // What was sent is none if the peer has no more for it.
        let sent = std::mem::take(&mut shared.logs.sent);
        let moved = came || sent && before.is_none_or(|(_, before)| before < counts.1);
        shared.leads.fruitless = if moved { 0 } else { shared.leads.fruitless + 1 };
        // What is streamed comes, also where both are equal by now.
        shared.note_synced(ours.root == theirs.root && !streams, counts.0);
        shared.logs.total = counts.0.max(counts.1);
        if shared.logs.synced {
            shared.leads.fruitless = 0;
            // The peer has compared with a log that has changed since, and does not know.
            shared.leads.due |= told != theirs.root;
            shared.note(now_ms);
            self.report(topic, true, counts.0);
            return self.go_on(topic, host);
        }
        let behind = is_start(home, topic, &ours, &theirs)?;
        let again = behind && shared.leads.streamed.is_more_than(counts.1);
        if again || shared.leads.fruitless > FRUITLESS {
            (shared.leads.fruitless, shared.leads.rests_until) =
                (0, Some(now_ms.saturating_add(REST_MS)));
            shared.note(now_ms);
            // An event of a later version keeps two honest logs apart until one side is updated, and
            // one that grows is another each time.
            let grew = before.is_some_and(|(_, before)| before != counts.1);
            let excused = again || sent || grew || shared.outdated;
            return if excused { Ok(()) } else { Err(Stop::Offence(Offence::NoProgress)) };
        }
        let mine = shared.mine;
        if streams {
            shared.leads.phase = Phase::Receiving;
        } else if behind {
            shared.stream_to_follower(theirs.tip.map(place), counts.0);
        } else if is_small(ours.root.count, theirs.root.count)
            && !shared.outdated
            && shared.leads.asked_for_all.is_none_or(|before| ours.root.count >= before)
        {
            shared.leads.phase = Phase::Receiving;
            shared.leads.asked_for_all = Some(theirs.root.count);
            self.send(&Message::After { topic: mine, after: None });
        } else if is_small(theirs.root.count, ours.root.count)
            && !shared.leads.streamed.is_more_than(counts.1)
        {
            shared.stream_to_follower(None, counts.0);
        } else if walks < WALKS {
            shared.leads.phase = Phase::Walking(Box::new(Walk::new(theirs.root)));
        } else {
            shared.leads.parked = Some(theirs.root);
        }
        if let Some(shared) = self.topics.get_mut(&topic) {
            shared.note(now_ms);
        }
        self.report(topic, false, counts.0);
        self.go_on(topic, host)
    }

    /// Tells how far the topic is.
    pub(super) fn report(&mut self, topic: TopicId, synced: bool, known: u64) {
        let total = self.topics.get(&topic).map_or(known, |shared| shared.logs.total.max(known));
        self.tell(match synced {
            true => Effect::Complete { topic, events: known },
            false => Effect::Progress { topic, known, total },
        });
    }

    /// The follower has something new.
    pub(super) fn changed(&mut self, number: Number, host: &dyn Host) -> Done {
        self.only(Role::Dialer)?;
        let Some((topic, _)) = self.serving(number, host)? else { return Ok(()) };
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let known = shared.logs.counts.map_or(0, |(_, theirs)| theirs);
        let repeated = shared.leads.changes.hear(known, now_ms);
        self.compare_again(topic, host)?;
        if repeated { Err(Stop::Offence(Offence::Repeat)) } else { Ok(()) }
    }
}
