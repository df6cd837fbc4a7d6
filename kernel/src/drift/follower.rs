//! Who answers. It sees for itself where its digests part from the leader's.

use myrhiza_kernel_api::{Hash, PublicKey};

use super::about::About;
use super::interval::{Interval, View};
use super::leader::Case;
use super::limits::{EVENTS, ROUNDS};
use super::message::{Claim, Message, Value};
use super::place::log_key;
use super::report::{Differing, Explanation, Outcome, Shown};
use super::session::{Found, Step, Stop};
use super::split::Span;
use super::{Anchor, Host, Vote, Why};
use crate::fault::Fault;
use crate::state::trie::{Address, LogTrie, Trie};
use crate::sync::Offence;

/// Where the follower is.
#[derive(Debug)]
pub(super) struct Follower {
    case: Case,
    interval: Interval,
    next: Next,
    /// The state that the leader walks, once it does.
    view: Option<View>,
    rounds: u32,
}

/// What may be asked next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Where in this span the digests part.
    Split(Span),
    /// What is in the trie after so many events.
    Walk(u64),
}

impl Follower {
    /// The answer to the first message of an inquiry, with this home's vote.
    pub(super) fn answer(
        theirs: Vote,
        anchors: &[Claim],
        peer: PublicKey,
        host: &dyn Host,
    ) -> Result<(Vote, Self, Message), Stop> {
        let at = theirs.at();
        let ours = host.vote(at.topic, at.count)?.ok_or(Stop::End(Why::NotThere))?;
        let about = About { ours: &ours, peer, host };
        about.check(&theirs)?;
        let agreed = agreed(about, anchors)?;
        let (span, interval) = (about.whole(agreed)?, about.interval(agreed)?);
        let case = Case { theirs, agreed, event: None };
        let follower = Self { case, interval, next: Next::Split(span), view: None, rounds: 0 };
        let answer = Message::Answer { vote: Box::new(ours.clone()), agreed };
        Ok((ours, follower, answer))
    }

    pub(super) fn step(self, about: About<'_>, message: Message) -> Result<Step<Self>, Stop> {
        match (self.next, message) {
            (Next::Split(expected), Message::Split { span, digests, .. }) if span == expected => {
                self.part(about, span, &digests)
            }
            (Next::Walk(expected), Message::Walk { position, places, .. })
                if position == expected && !places.is_empty() =>
            {
                self.records(about, &places)
            }
            (Next::Walk(_), Message::Values { outcome, values, more, .. }) => {
                self.values(about, outcome, values, more)
            }
            _ => Err(Stop::Offence(Offence::Order)),
        }
    }

    fn part(mut self, about: About<'_>, span: Span, digests: &[Hash]) -> Result<Step<Self>, Stop> {
        let own = self.interval.digests(span);
        if own.len() != digests.len() {
            return Err(Stop::Offence(Offence::Lie));
        }
        let part = span.first_differing(&own, digests);
        self.next = match part {
            Some(part) if part.is_one() => {
                self.case.event = self.interval.place(part.high);
                Next::Walk(part.high)
            }
            Some(part) => Next::Split(part),
            // Only of the whole there may be none: of a part it was said that it differs.
            None if span == about.whole(self.case.agreed)? => Next::Walk(span.high),
            None => return Err(Stop::Offence(Offence::Lie)),
        };
        Ok(Step::Say(self, Message::Part { topic: about.topic(), part }))
    }

    fn records(mut self, about: About<'_>, places: &[Address]) -> Result<Step<Self>, Stop> {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            return Err(Stop::Offence(Offence::Flood));
        }
        let view = match self.view.take() {
            Some(view) => view,
            None => about.view(self.case.event)?,
        };
        let (topic, trie) = (about.topic(), Trie::state(about.topic()));
        let record = |at: &Address| Ok(trie.record(&view.overlay, *at)?.unwrap_or_default());
        let records = places.iter().map(record).collect::<Result<_, Fault>>()?;
        self.view = Some(view);
        Ok(Step::Say(self, Message::Records { topic, records }))
    }

    /// Shows the same keys as they are here, and has its report.
    fn values(
        self,
        about: About<'_>,
        there: Option<Outcome>,
        theirs: Vec<Value>,
        more: bool,
    ) -> Result<Step<Self>, Stop> {
        let Some(view) = self.view else { return Err(Stop::Offence(Offence::Order)) };
        let Case { theirs: vote, agreed, event } = self.case;
        let (topic, peer, here) = (about.topic(), about.peer, about.outcome(&view, event)?);
        let (mut values, mut keys) = (Vec::new(), Vec::new());
        for (key, there) in theirs {
            let here = view.value(topic, &key)?.as_deref().map(Shown::of);
            values.push((key.clone(), here.clone()));
            // Two long values may start alike.
            if here != there || here.as_ref().is_some_and(|shown| shown.whole().is_none()) {
                keys.push(Differing { key, here, there });
            }
        }
        let explanation = Explanation { peer, agreed, event, here, there, keys, more, again: None };
        let last = Message::Values { topic, outcome: here, values, more };
        Ok(Step::Found(Box::new(Found { theirs: vote, explanation, last: Some(last) })))
    }
}

/// The last of the leader's anchors at which both have the same log and state.
fn agreed(about: About<'_>, anchors: &[Claim]) -> Result<Option<u64>, Stop> {
    let (topic, count) = (about.topic(), about.ours.at().count);
    let home = about.home()?;
    let log = LogTrie::new(&*home, topic);
    for claim in anchors.iter().rev() {
        if claim.count >= count || count - claim.count > EVENTS {
            return Err(Stop::Offence(Offence::Order));
        }
        if let Some(anchor) = Anchor::load(&*home, topic, claim.count)?
            && anchor.state_root == claim.state_root
            && log.root_up_to(log_key(anchor.last))?.hash == claim.log_root
        {
            return Ok(Some(claim.count));
        }
    }
    Ok(None)
}
