//! Who asks: from the anchors, through the events, to the keys.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{Hash, Snapshot, TopicId};

use super::about::About;
use super::interval::{Interval, View};
use super::limits::{EVENTS, FRONTIER, KEYS, PLACES, ROUNDS};
use super::message::{Claim, Message, Value};
use super::place::log_key;
use super::report::{Differing, Explanation, Outcome, Shown};
use super::session::{Found, Step, Stop};
use super::split::Span;
use super::{Anchor, Vote, Why};
use crate::fault::Fault;
use crate::order::Place;
use crate::state::trie::{Address, Difference, LogTrie, Trie, state_leaf};
use crate::sync::Offence;

/// Where the leader is.
#[derive(Debug)]
pub(super) enum Leader {
    /// Has said what it has at its anchors: by count.
    Asked(Vec<u64>),
    /// Looks for the first event that differs.
    Splitting { case: Case, interval: Interval, span: Span },
    /// Looks for the keys that differ after it.
    Walking { case: Case, view: View, walk: Walk },
    /// Has shown its values.
    Showing {
        case: Case,
        keys: Vec<Difference>,
        values: Vec<Value>,
        here: Option<Outcome>,
        more: bool,
    },
}

/// What is known so far.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) theirs: Vote,
    pub(super) agreed: Option<u64>,
    pub(super) event: Option<Place>,
}

/// A walk down a trie of the follower's.
#[derive(Debug)]
pub(super) struct Walk {
    position: u64,
    /// Places to be asked about, with the hash of the record there, where it is known.
    frontier: BTreeMap<Address, Option<Hash>>,
    /// Those asked about.
    asked: Vec<(Address, Option<Hash>)>,
    rounds: u32,
    keys: Vec<Difference>,
    more: bool,
}

impl Leader {
    /// The first message of an inquiry.
    pub(super) fn ask(home: &dyn Snapshot, ours: &Vote) -> Result<(Self, Message), Fault> {
        let (topic, count) = (ours.at().topic, ours.at().count);
        let log = LogTrie::new(home, topic);
        let mut anchors = Vec::new();
        for anchor in Anchor::all(home, topic)? {
            if anchor.count < count && count - anchor.count <= EVENTS {
                let log_root = log.root_up_to(log_key(anchor.last))?.hash;
                let (count, state_root) = (anchor.count, anchor.state_root);
                anchors.push(Claim { count, log_root, state_root });
            }
        }
        let offered = anchors.iter().map(|claim| claim.count).collect();
        Ok((Self::Asked(offered), Message::Ask { vote: Box::new(ours.clone()), anchors }))
    }

    pub(super) fn step(self, about: About<'_>, message: Message) -> Result<Step<Self>, Stop> {
        match (self, message) {
            (Self::Asked(offered), Message::Answer { vote, agreed }) => {
                answered(about, &offered, *vote, agreed)
            }
            (Self::Splitting { case, interval, span }, Message::Part { part, .. }) => {
                let whole = about.whole(case.agreed)?;
                match part {
                    Some(part) if !part.is_part_of(span) => Err(Stop::Offence(Offence::Lie)),
                    Some(part) if part.is_one() => {
                        let event = interval.place(part.high);
                        walk(about, Case { event, ..case }, part.high)
                    }
                    Some(part) => Ok(split(about, case, interval, part)),
                    None if span == whole => walk(about, case, whole.high),
                    None => Err(Stop::Offence(Offence::Lie)),
                }
            }
            (Self::Walking { case, view, mut walk }, Message::Records { records, .. }) => {
                walk.compare(about.topic(), &view, &records)?;
                match walk.question(about.topic()) {
                    Some(question) => Ok(Step::Say(Self::Walking { case, view, walk }, question)),
                    None => show(about, case, &view, walk),
                }
            }
            (
                Self::Showing { case, keys, values, here, more },
                Message::Values { outcome: there, values: theirs, .. },
            ) => {
                let keys = shown(&keys, values, theirs)?;
                let Case { theirs, agreed, event } = case;
                let peer = about.peer;
                let explanation =
                    Explanation { peer, agreed, event, here, there, keys, more, again: None };
                Ok(Step::Found(Box::new(Found { theirs, explanation, last: None })))
            }
            _ => Err(Stop::Offence(Offence::Order)),
        }
    }
}

fn answered(
    about: About<'_>,
    offered: &[u64],
    theirs: Vote,
    agreed: Option<u64>,
) -> Result<Step<Leader>, Stop> {
    about.check(&theirs)?;
    if agreed.is_some_and(|agreed| !offered.contains(&agreed)) {
        return Err(Stop::Offence(Offence::Lie));
    }
    let (span, interval) = (about.whole(agreed)?, about.interval(agreed)?);
    Ok(split(about, Case { theirs, agreed, event: None }, interval, span))
}

fn split(about: About<'_>, case: Case, interval: Interval, span: Span) -> Step<Leader> {
    let digests = interval.digests(span);
    let message = Message::Split { topic: about.topic(), span, digests };
    Step::Say(Leader::Splitting { case, interval, span }, message)
}

fn walk(about: About<'_>, case: Case, position: u64) -> Result<Step<Leader>, Stop> {
    let view = about.view(case.event)?;
    // At the point itself, the follower has said by its vote what is there.
    let root = (position == about.ours.at().count).then_some(case.theirs.state_root());
    let mut walk = Walk {
        position,
        frontier: [(Address::ROOT, root)].into(),
        asked: Vec::new(),
        rounds: 0,
        keys: Vec::new(),
        more: false,
    };
    let question = walk.question(about.topic()).ok_or(Stop::End(Why::NotThere))?;
    Ok(Step::Say(Leader::Walking { case, view, walk }, question))
}

impl Walk {
    /// The next question; none at the end.
    fn question(&mut self, topic: TopicId) -> Option<Message> {
        let enough = self.keys.len() > KEYS || self.rounds >= ROUNDS;
        if enough || self.frontier.is_empty() {
            self.more |= !self.frontier.is_empty();
            return None;
        }
        self.rounds += 1;
        while self.asked.len() < PLACES
            && let Some(next) = self.frontier.pop_first()
        {
            self.asked.push(next);
        }
        let places = self.asked.iter().map(|(at, _)| *at).collect();
        Some(Message::Walk { topic, position: self.position, places })
    }

    fn compare(&mut self, topic: TopicId, view: &View, records: &[Vec<u8>]) -> Result<(), Stop> {
        let asked = std::mem::take(&mut self.asked);
        if records.len() != asked.len() {
            return Err(Stop::Offence(Offence::Lie));
        }
        for ((at, named), record) in asked.into_iter().zip(records) {
            let compared =
                Trie::state(topic).compare(&view.overlay, at, named, record, KEYS + 1)?;
            let compared = compared.ok_or(Stop::Offence(Offence::Lie))?;
            self.keys.extend(compared.keys);
            self.frontier.extend(compared.below.into_iter().map(|(at, hash)| (at, Some(hash))));
        }
        while self.frontier.len() > FRONTIER {
            self.frontier.pop_last();
            self.more = true;
        }
        Ok(())
    }
}

/// Shows what differs as it is here.
fn show(about: About<'_>, case: Case, view: &View, walk: Walk) -> Result<Step<Leader>, Stop> {
    let (topic, Walk { mut keys, mut more, .. }) = (about.topic(), walk);
    // Two roots, or two digests, that differ, and nothing that does.
    if keys.is_empty() {
        return Err(Stop::Offence(Offence::NoProgress));
    }
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    keys.dedup_by(|a, b| a.key == b.key);
    more |= keys.len() > KEYS;
    keys.truncate(KEYS);
    let here = about.outcome(view, case.event)?;
    let value = |difference: &Difference| {
        let value = view.value(topic, &difference.key)?;
        Ok::<_, Fault>((difference.key.clone(), value.as_deref().map(Shown::of)))
    };
    let values: Vec<_> = keys.iter().map(value).collect::<Result<_, _>>()?;
    let message = Message::Values { topic, outcome: here, values: values.clone(), more };
    Ok(Step::Say(Leader::Showing { case, keys, values, here, more }, message))
}

/// Puts their values beside this home's. What they show has to be what their trie has.
fn shown(
    keys: &[Difference],
    ours: Vec<Value>,
    theirs: Vec<Value>,
) -> Result<Vec<Differing>, Stop> {
    if theirs.len() != keys.len() {
        return Err(Stop::Offence(Offence::Lie));
    }
    let mut differing = Vec::with_capacity(keys.len());
    for ((difference, (key, here)), (named, there)) in keys.iter().zip(ours).zip(theirs) {
        let fits = match (&there, difference.there) {
            (None, leaf) => leaf.is_none(),
            (Some(_), None) => false,
            (Some(shown), Some(leaf)) => {
                shown.whole().is_none_or(|value| state_leaf(&key, value) == leaf)
            }
        };
        if named != key || !fits {
            return Err(Stop::Offence(Offence::Lie));
        }
        differing.push(Differing { key, here, there });
    }
    Ok(differing)
}
