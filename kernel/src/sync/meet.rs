//! Which topics both sides know, and whether the peer is served them.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{Hash, PeerAddress, Snapshot, TopicId};

use super::limits::{INTRODUCTIONS, TOLD_PEERS, TOPICS};
use super::message::{Message, Number};
use super::session::{Done, Stop};
use super::shared::{Access, Seen, Shared};
use super::{Effect, Host, Nonce, Offence, Proof, Role, Session};
use crate::dag::founding;
use crate::event::payload::Admission;

/// What each side calls the topics.
#[derive(Debug)]
pub(super) struct Names {
    /// Those not told of yet.
    untold: Vec<TopicId>,
    /// How many were told of.
    told: usize,
    /// This side's topics by the tag the other would give them, with this side's number.
    expected: BTreeMap<Hash, (TopicId, Number)>,
    /// The other's tags, with its number.
    theirs: BTreeMap<Hash, Number>,
    /// Shared topics by the other's number.
    shared: BTreeMap<Number, TopicId>,
}

impl Names {
    pub(super) fn new(topics: &[TopicId]) -> Self {
        let mut untold = topics.to_vec();
        untold.sort_unstable();
        untold.dedup();
        untold.truncate(TOPICS);
        Self {
            untold,
            told: 0,
            expected: BTreeMap::new(),
            theirs: BTreeMap::new(),
            shared: BTreeMap::new(),
        }
    }

    pub(super) fn topic(&self, number: Number) -> Option<TopicId> {
        self.shared.get(&number).copied()
    }
}

impl Session {
    /// Shares another topic, as after one was joined.
    ///
    /// # Errors
    /// [`crate::fault::Fault`]
    pub fn add_topic(
        &mut self,
        topic: TopicId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, crate::fault::Fault> {
        self.act(host, now_ms, |session| {
            let names = &session.names;
            if session.has_named(topic) || names.told + names.untold.len() >= TOPICS {
                return Ok(());
            }
            session.names.untold.push(topic);
            if session.their_nonce.is_some() { session.offer(host) } else { Ok(()) }
        })
    }

    /// Whether a topic was named on this connection, or is about to be. One that was left meanwhile
    /// is shared again on another connection only.
    pub fn has_named(&self, topic: TopicId) -> bool {
        let mut named = self.names.expected.values();
        named.any(|(named, _)| *named == topic) || self.names.untold.contains(&topic)
    }

    /// Shares a topic no longer, as after it was left.
    ///
    /// # Errors
    /// [`crate::fault::Fault`]
    pub fn remove_topic(
        &mut self,
        topic: TopicId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, crate::fault::Fault> {
        self.act(host, now_ms, |session| {
            if let Some(shared) = session.topics.remove(&topic) {
                session.send(&Message::Denied { topic: shared.mine });
            }
            Ok(())
        })
    }

    pub(super) fn greeted(&mut self, nonce: Nonce, host: &dyn Host) -> Done {
        if self.their_nonce.is_some() {
            return Err(Stop::Offence(Offence::Order));
        }
        self.their_nonce = Some(nonce);
        self.offer(host)
    }

    fn transcript(&self, topic: TopicId, by: Role) -> super::Transcript {
        self.opening.transcript(self.their_nonce.unwrap_or_default(), topic, by)
    }

    /// Tells the other the tags of topics it was not told of.
    fn offer(&mut self, host: &dyn Host) -> Done {
        let role = self.opening.role;
        let topics = std::mem::take(&mut self.names.untold);
        let tag = |topic: TopicId| (self.transcript(topic, role).tag(), topic);
        let tags: BTreeMap<_, _> = topics.into_iter().map(tag).collect();
        self.send(&Message::Tags { tags: tags.keys().copied().collect() });
        for topic in tags.into_values() {
            let number = self.names.told as Number;
            self.names.told += 1;
            let tag = self.transcript(topic, role.other()).tag();
            self.names.expected.insert(tag, (topic, number));
            if let Some(theirs) = self.names.theirs.get(&tag).copied() {
                self.share(topic, number, theirs, host)?;
            }
        }
        Ok(())
    }

    pub(super) fn tagged(&mut self, tags: Vec<Hash>, host: &dyn Host) -> Done {
        if self.names.theirs.len() + tags.len() > TOPICS {
            return Err(Stop::Offence(Offence::Flood));
        }
        for tag in tags {
            let theirs = self.names.theirs.len() as Number;
            if self.names.theirs.insert(tag, theirs).is_some() {
                return Err(Stop::Offence(Offence::Order));
            }
            if let Some((topic, mine)) = self.names.expected.get(&tag).copied() {
                self.share(topic, mine, theirs, host)?;
            }
        }
        Ok(())
    }

    /// Both know the topic.
    fn share(&mut self, topic: TopicId, mine: Number, theirs: Number, host: &dyn Host) -> Done {
        self.names.shared.insert(theirs, topic);
        let Some(home) = host.snapshot(topic)? else { return Ok(()) };
        let open = founding(home, topic)?.genesis().admission != Admission::Invite;
        let access = if open { Access::Open } else { Access::Unproven };
        self.topics.insert(topic, Shared::new(mine, access));
        if open {
            self.introduce(topic, host);
            return self.compare_again(topic, host);
        }
        match host.prove(&self.transcript(topic, self.opening.role))? {
            Some(proof) => self.send(&Message::Proof { topic: mine, proof: Box::new(proof) }),
            // Who cannot be served does not serve either: both sides have to gain.
            None => self.refuse(topic),
        }
        Ok(())
    }

    pub(super) fn proved(&mut self, number: Number, proof: Proof, host: &dyn Host) -> Done {
        let topic = self.named(number)?;
        let transcript = self.transcript(topic, self.opening.role.other());
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        match shared.access {
            Access::Unproven => {}
            Access::Refused => return Ok(()),
            Access::Open | Access::Admitted { .. } => return Err(Stop::Offence(Offence::Order)),
        }
        let Some(home) = host.snapshot(topic)? else { return Ok(()) };
        let founding = founding(home, topic)?;
        let checked = match proof.verify(&founding, &transcript) {
            Err(error) => Err(error),
            Ok(()) => match proof.unspent(home, topic)? {
                Err(error) => Err(error),
                Ok(()) => proof.stands(home, &founding, &*host.cuts(&founding)?)?,
            },
        };
        match checked {
            Ok(()) => {
                let seen = Seen::now(home, topic, host)?;
                shared.access = Access::Admitted { proof: Box::new(proof), seen };
                self.introduce(topic, host);
                self.compare_again(topic, host)
            }
            Err(error) => {
                self.refuse(topic);
                let forged = error.is_forged();
                if forged { Err(Stop::Offence(Offence::Proof)) } else { Ok(()) }
            }
        }
    }

    /// Tells that a topic is shared, and the peer where it may be had beside.
    fn introduce(&mut self, topic: TopicId, host: &dyn Host) {
        self.tell(Effect::Shared { topic });
        let Some(shared) = self.topics.get(&topic) else { return };
        let mine = shared.mine;
        let mut peers = host.peers(topic);
        peers.retain(|peer| peer.key != self.opening.remote);
        peers.truncate(TOLD_PEERS);
        if !peers.is_empty() {
            self.send(&Message::Peers { topic: mine, peers });
        }
    }

    pub(super) fn introduced(&mut self, number: Number, peers: Vec<PeerAddress>) -> Done {
        let topic = self.named(number)?;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        match shared.access {
            Access::Unproven => return Err(Stop::Offence(Offence::Order)),
            Access::Refused => return Ok(()),
            Access::Open | Access::Admitted { .. } => {}
        }
        shared.introductions += 1;
        if shared.introductions > INTRODUCTIONS {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.tell(Effect::Peers { topic, peers });
        Ok(())
    }

    /// Serves a topic no longer, and says so.
    fn refuse(&mut self, topic: TopicId) {
        let Some(shared) = self.topics.get_mut(&topic) else { return };
        shared.access = Access::Refused;
        shared.stop();
        let mine = shared.mine;
        self.send(&Message::Denied { topic: mine });
        self.tell(Effect::Denied { topic, by_peer: false });
    }

    pub(super) fn denied(&mut self, number: Number) -> Done {
        let topic = self.named(number)?;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if !std::mem::replace(&mut shared.denied, true) {
            shared.stop();
            self.tell(Effect::Denied { topic, by_peer: true });
        }
        Ok(())
    }

    /// The home, if the peer may be served the topic now, by the cuts in force.
    pub(super) fn served<'h>(
        &mut self,
        topic: TopicId,
        host: &'h dyn Host,
    ) -> Result<Option<&'h dyn Snapshot>, Stop> {
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(None) };
        let Some(home) = host.snapshot(topic)? else { return Ok(None) };
        self.busy.insert(topic);
        match &mut shared.access {
            _ if shared.denied => Ok(None),
            Access::Open => Ok(Some(home)),
            Access::Unproven | Access::Refused => Ok(None),
            Access::Admitted { proof, seen } => {
                let now = Seen::now(home, topic, host)?;
                if std::mem::replace(seen, now) != now {
                    let founding = founding(home, topic)?;
                    if proof.stands(home, &founding, &*host.cuts(&founding)?)?.is_err() {
                        self.refuse(topic);
                        return Ok(None);
                    }
                }
                Ok(Some(home))
            }
        }
    }

    /// Like [`Self::served`], for a request: an offence before the peer has proved anything.
    pub(super) fn serving<'h>(
        &mut self,
        number: Number,
        host: &'h dyn Host,
    ) -> Result<Option<(TopicId, &'h dyn Snapshot)>, Stop> {
        let topic = self.named(number)?;
        let unproven = |shared: &Shared| matches!(shared.access, Access::Unproven);
        if self.topics.get(&topic).is_some_and(unproven) {
            return Err(Stop::Offence(Offence::Order));
        }
        Ok(self.served(topic, host)?.map(|home| (topic, home)))
    }
}
