//! What both sides of an inquiry do alike: reading this home's log and state at its point.

use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::interval::{Interval, View};
use super::limits::EVENTS;
use super::place::log_key;
use super::report::Outcome;
use super::session::Stop;
use super::split::Span;
use super::{Host, Vote, Why};
use crate::apply::read_verdict;
use crate::dag::founding;
use crate::fault::Fault;
use crate::order::Place;
use crate::state::trie::LogTrie;

/// What an inquiry is about, with whom, and this home.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// This home's vote.
    pub(super) ours: &'a Vote,
    pub(super) peer: PublicKey,
    pub(super) host: &'a dyn Host,
}

impl About<'_> {
    pub(super) fn topic(&self) -> TopicId {
        self.ours.at().topic
    }

    /// The events to be looked at.
    pub(super) fn whole(&self, agreed: Option<u64>) -> Result<Span, Stop> {
        let count = self.ours.at().count;
        let low = agreed.unwrap_or(count.saturating_sub(EVENTS));
        Span::new(low, count).ok_or(Stop::End(Why::NotThere))
    }

    pub(super) fn home(&self) -> Result<Box<dyn Snapshot>, Stop> {
        self.host.snapshot(self.topic())?.ok_or(Stop::End(Why::NotThere))
    }

    /// Refuses a vote of the peer that does not count, or that is not at odds with this home's.
    pub(super) fn check(&self, theirs: &Vote) -> Result<(), Stop> {
        if !self.ours.is_beside(theirs) {
            return Err(Stop::End(Why::Unequal));
        }
        let home = self.home()?;
        let founding = founding(&*home, self.topic())?;
        let cuts = self.host.cuts(&founding)?;
        if theirs.check(&*home, &founding, &cuts)?.is_err() {
            return Err(Stop::End(Why::NotCounted));
        }
        if self.ours.differs(theirs) { Ok(()) } else { Err(Stop::End(Why::Agreed)) }
    }

    /// The home, if its log up to the point is still what it was.
    fn unmoved(&self) -> Result<Box<dyn Snapshot>, Stop> {
        let (home, at) = (self.home()?, self.ours.at());
        let root = LogTrie::new(&*home, at.topic).root_up_to(log_key(at.last))?;
        let same = root.hash == at.log_root && root.count == at.count;
        if same { Ok(home) } else { Err(Stop::End(Why::Unequal)) }
    }

    /// What the events to be looked at wrote.
    pub(super) fn interval(&self, agreed: Option<u64>) -> Result<Interval, Stop> {
        let (whole, last) = (self.whole(agreed)?, self.ours.at().last);
        let read = Interval::read(self.unmoved()?, self.topic(), whole, last)?;
        read.ok_or(Stop::End(Why::TooFar))
    }

    /// The state after an event, or at the point where none is named.
    pub(super) fn view(&self, event: Option<Place>) -> Result<View, Stop> {
        let at = self.ours.at();
        let view = View::after(self.unmoved()?, at.topic, event.unwrap_or(at.last))?;
        let view = view.ok_or(Stop::End(Why::TooFar))?;
        let whole = event.is_none_or(|event| event == at.last);
        if whole && view.root.hash != self.ours.state_root() {
            let what = format!("the state after {} events", at.count);
            return Err(Stop::Fault(Fault::damaged(what, "its root is another one than it was")));
        }
        Ok(view)
    }

    /// How this home judged an event.
    pub(super) fn outcome(
        &self,
        view: &View,
        event: Option<Place>,
    ) -> Result<Option<Outcome>, Fault> {
        let Some(event) = event else { return Ok(None) };
        Ok(read_verdict(&view.overlay, self.topic(), event)?.as_ref().map(Outcome::of))
    }
}
