use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, TopicId};

use super::about::About;
use super::follower::Follower;
use super::leader::Leader;
use super::limits::{ANSWER_MS, INQUIRIES, INQUIRY_MS, PERIOD_MS, VOTES};
use super::message::Message;
use super::{Effect, Explanation, Host, Report, Vote, Why};
use crate::codec::{Canonical, CodecError};
use crate::fault::Fault;
use crate::sync::{Offence, Role};

/// What two homes say about their states on one connection, beside a [`crate::sync::Session`]. See
/// the [module](super).
///
/// Every call returns what the driver is to do. An error is this home's own and says nothing of the
/// peer; the inquiry at hand has then ended.
#[derive(Debug)]
pub struct Session {
    role: Role,
    /// The peer's transport key.
    peer: PublicKey,
    inquiry: Option<Inquiry>,
    /// By topic, the count of the last point that was inquired about.
    done: BTreeMap<TopicId, u64>,
    period: Period,
    now_ms: u64,
    out: Vec<Effect>,
}

/// What the peer has sent since.
#[derive(Debug, Default)]
struct Period {
    since_ms: u64,
    votes: u32,
    inquiries: u32,
}

/// An inquiry under way.
#[derive(Debug)]
struct Inquiry {
    topic: TopicId,
    /// This home's vote.
    ours: Vote,
    began_ms: u64,
    heard_ms: u64,
    side: Side,
}

#[derive(Debug)]
enum Side {
    Leader(Box<Leader>),
    Follower(Box<Follower>),
}

/// What a side does next.
pub(super) enum Step<T> {
    /// It goes on with this, and says that.
    Say(T, Message),
    /// It is at its end.
    Found(Box<Found>),
}

/// What an inquiry came to.
pub(super) struct Found {
    pub(super) theirs: Vote,
    pub(super) explanation: Explanation,
    /// What is still to be said.
    pub(super) last: Option<Message>,
}

/// Why an inquiry does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    Fault(Fault),
    Offence(Offence),
    End(Why),
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl Session {
    /// A session over a connection to who has this transport key.
    pub fn new(role: Role, peer: PublicKey, now_ms: u64) -> Self {
        Self {
            role,
            peer,
            inquiry: None,
            done: BTreeMap::new(),
            period: Period { since_ms: now_ms, ..Period::default() },
            now_ms,
            out: Vec::new(),
        }
    }

    /// True while an inquiry is under way, which may hold a snapshot.
    pub fn is_inquiring(&self) -> bool {
        self.inquiry.is_some()
    }

    /// Tells the peer a vote: this home's own, or one to be passed on.
    pub fn tell(&mut self, vote: &Vote, own: bool) -> Vec<Effect> {
        self.send(&Message::Vote { vote: Box::new(vote.clone()), own });
        self.take_out()
    }

    /// Looks, with the peer, into why its state is not this home's at the point of this home's vote.
    /// Only the dialer leads; a listener tells its vote, and so makes the dialer ask. Nothing is
    /// done if that point, or a later one, was looked into on this connection, or while another is.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn explain(
        &mut self,
        ours: &Vote,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.now_ms = now_ms;
        let (topic, count) = (ours.at().topic, ours.at().count);
        if self.inquiry.is_some() || self.is_done(topic, count) {
            return Ok(Vec::new());
        }
        if self.role == Role::Listener {
            return Ok(self.tell(ours, true));
        }
        if !host.has_room() {
            return Ok(Vec::new());
        }
        let Some(home) = host.snapshot(topic)? else { return Ok(Vec::new()) };
        let (leader, ask) = Leader::ask(&*home, ours)?;
        self.begin(ours.clone(), Side::Leader(Box::new(leader)));
        self.send(&ask);
        Ok(self.take_out())
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
        self.now_ms = now_ms;
        let done = match Message::from_bytes(bytes) {
            Ok(message) => self.take(message, host),
            Err(error @ CodecError::UpdateNeeded { .. }) => {
                self.out.push(Effect::UpdateNeeded { what: error.to_string() });
                self.count(|period| &mut period.votes, VOTES)
            }
            Err(CodecError::Malformed { .. }) => Err(Stop::Offence(Offence::Malformed)),
        };
        match done {
            Ok(()) => {}
            Err(Stop::Fault(fault)) => {
                self.inquiry = None;
                return Err(fault);
            }
            Err(Stop::End(why)) => self.end(why),
            Err(Stop::Offence(offence)) => {
                self.end(Why::Offended(offence));
                self.out.push(Effect::Offence(offence));
            }
        }
        Ok(self.take_out())
    }

    /// Lets time pass; to be called every second or so.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        self.now_ms = now_ms;
        let late = |inquiry: &Inquiry| {
            now_ms.saturating_sub(inquiry.heard_ms) > ANSWER_MS
                || now_ms.saturating_sub(inquiry.began_ms) > INQUIRY_MS
        };
        if self.inquiry.as_ref().is_some_and(late) {
            self.end(Why::Silent);
        }
        self.take_out()
    }

    fn take(&mut self, message: Message, host: &dyn Host) -> Result<(), Stop> {
        match message {
            Message::Vote { vote, own } => {
                self.count(|period| &mut period.votes, VOTES)?;
                self.out.push(Effect::Vote { vote, own });
                Ok(())
            }
            Message::Ask { vote, anchors } => {
                if self.role == Role::Dialer || self.inquiry.is_some() {
                    return Err(Stop::Offence(Offence::Order));
                }
                self.count(|period| &mut period.inquiries, INQUIRIES)?;
                let (topic, count) = (vote.at().topic, vote.at().count);
                if self.is_done(topic, count) {
                    return Err(Stop::Offence(Offence::Repeat));
                }
                if !host.has_room() {
                    self.send(&Message::End { topic, why: Why::Busy.number() });
                    return Ok(());
                }
                match Follower::answer(*vote, &anchors, self.peer, host) {
                    Ok((ours, follower, answer)) => {
                        self.begin(ours, Side::Follower(Box::new(follower)));
                        self.send(&answer);
                        Ok(())
                    }
                    Err(Stop::End(why)) => {
                        self.send(&Message::End { topic, why: why.number() });
                        Ok(())
                    }
                    Err(stop) => Err(stop),
                }
            }
            Message::End { topic, why } => {
                if let Some(inquiry) = self.inquiry.take_if(|inquiry| inquiry.topic == topic) {
                    let why = Why::by_peer(why);
                    if why == Why::Busy {
                        // It was not looked into.
                        self.done.remove(&topic);
                    }
                    self.out.push(Effect::Ended { topic: inquiry.topic, why });
                }
                Ok(())
            }
            message => self.step(message, host),
        }
    }

    /// Goes on with the inquiry at hand.
    fn step(&mut self, message: Message, host: &dyn Host) -> Result<(), Stop> {
        let topic = message.topic();
        let inquiry = self.inquiry.take_if(|inquiry| Some(inquiry.topic) == topic);
        // The rest of an inquiry that has ended here may still come.
        let Some(Inquiry { topic, ours, began_ms, side, .. }) = inquiry else {
            self.out.push(Effect::Offence(Offence::Repeat));
            return Ok(());
        };
        let about = About { ours: &ours, peer: self.peer, host };
        let stepped = match side {
            Side::Leader(leader) => leader.step(about, message).map(|step| step.map(Side::Leader)),
            Side::Follower(follower) => {
                follower.step(about, message).map(|step| step.map(Side::Follower))
            }
        };
        match stepped {
            Ok(Step::Say(side, message)) => {
                let heard_ms = self.now_ms;
                self.inquiry = Some(Inquiry { topic, ours, began_ms, heard_ms, side });
                self.send(&message);
                Ok(())
            }
            Ok(Step::Found(found)) => {
                let Found { theirs, explanation, last } = *found;
                last.iter().for_each(|message| self.send(message));
                let explanation = Some(explanation);
                let report = Report { ours, theirs, explanation, until: None };
                self.out.push(Effect::Report(Box::new(report)));
                self.out.push(Effect::Ended { topic, why: Why::Explained });
                Ok(())
            }
            Err(Stop::Fault(fault)) => Err(Stop::Fault(fault)),
            Err(Stop::End(why)) => {
                self.ended(topic, why);
                Ok(())
            }
            Err(Stop::Offence(offence)) => {
                self.ended(topic, Why::Offended(offence));
                Err(Stop::Offence(offence))
            }
        }
    }

    fn begin(&mut self, ours: Vote, side: Side) {
        let (topic, now_ms) = (ours.at().topic, self.now_ms);
        self.done.insert(topic, ours.at().count);
        self.inquiry = Some(Inquiry { topic, ours, began_ms: now_ms, heard_ms: now_ms, side });
    }

    /// Ends the inquiry at hand, if there is one, and tells both sides.
    fn end(&mut self, why: Why) {
        if let Some(inquiry) = self.inquiry.take() {
            self.ended(inquiry.topic, why);
        }
    }

    fn ended(&mut self, topic: TopicId, why: Why) {
        self.send(&Message::End { topic, why: why.number() });
        self.out.push(Effect::Ended { topic, why });
    }

    fn is_done(&self, topic: TopicId, count: u64) -> bool {
        self.done.get(&topic).is_some_and(|done| count <= *done)
    }

    /// Counts something of which the peer may send so many in a while.
    fn count(
        &mut self,
        which: impl FnOnce(&mut Period) -> &mut u32,
        most: u32,
    ) -> Result<(), Stop> {
        // A clock that was set back begins anew.
        if self.now_ms.abs_diff(self.period.since_ms) > PERIOD_MS {
            self.period = Period { since_ms: self.now_ms, ..Period::default() };
        }
        let counted = which(&mut self.period);
        *counted = counted.saturating_add(1);
        if *counted > most { Err(Stop::Offence(Offence::Flood)) } else { Ok(()) }
    }

    fn send(&mut self, message: &Message) {
        self.out.push(Effect::Send(message.to_bytes()));
    }

    fn take_out(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.out)
    }
}

impl<T> Step<T> {
    fn map<U>(self, with: impl FnOnce(Box<T>) -> U) -> Step<U> {
        match self {
            Self::Say(side, message) => Step::Say(with(Box::new(side)), message),
            Self::Found(found) => Step::Found(found),
        }
    }
}
