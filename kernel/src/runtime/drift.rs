//! Anchors, votes and reports: whether other homes have this one's state.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use myrhiza_kernel_api::{Hash, PublicKey, Snapshot, TopicId};

use super::parts::whole;
use super::{Runtime, RuntimeError, Signer, TopicRecord};
use crate::apply::{Cuts, InForce};
use crate::dag::founding;
use crate::drift::{
    Anchor, Engine, Host, NotCounted, Point, Report, Vote, is_member, limits, refolds,
};
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::Place;
use crate::state::Overlay;

/// Of which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteAt {
    /// At the last anchor.
    Anchor,
    /// After all events there are.
    Tip,
    /// After so many events, at an anchor or after all.
    Count(u64),
}

/// What became of another scope's vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It does not count, and is not kept.
    NotCounted(NotCounted),
    /// No news: a vote of that scope is kept that says as much or more.
    Known,
    /// It cannot be compared now: the logs or the cuts are not the same there, or this home has no
    /// state there. It is kept where it is of an anchor, and compared when this home gets there.
    Apart,
    /// Both have the same state.
    Agrees,
    /// It is another state than this home has, and there has to be one. A report is kept.
    Differs {
        /// This home's word on it is to be signed for this many events ([`VoteAt::Count`]), for
        /// [`crate::drift::Session::explain`]; none if a report says why already.
        explain: Option<u64>,
    },
}

/// A vote of another scope that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVote {
    /// It.
    pub vote: Vote,
    /// Whether this home has the same state there; `None` where that cannot be compared.
    pub agrees: Option<bool>,
}

/// This home's state somewhere.
struct Held {
    at: Point,
    state_root: Hash,
    engine: Engine,
}

impl Runtime {
    /// The anchors of a topic, ascending.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn anchors(&self, topic: TopicId) -> Result<Vec<Anchor>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        Ok(Anchor::all(&*reader, topic)?)
    }

    /// This home's word on its state, for others to compare; none if it has no state there.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::NotAMember`]
    pub fn vote(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        which: VoteAt,
    ) -> Result<Option<Vote>, RuntimeError> {
        let (reader, founding) = self.topic(topic)?;
        self.anchoring(&*reader, &founding)?;
        self.signed(topic, signer, which)
    }

    /// The same; after all events only once the app is loaded.
    fn signed(
        &self,
        topic: TopicId,
        signer: Signer<'_>,
        which: VoteAt,
    ) -> Result<Option<Vote>, RuntimeError> {
        let (reader, founding) = self.topic(topic)?;
        let cuts = self.cuts_of(&*reader, &founding)?;
        let held = self.held(&*reader, &founding, &cuts, which)?;
        let Some(Held { at, state_root, engine }) = held else { return Ok(None) };
        if !is_member(&*reader, topic, &cuts, signer.scope.public())? {
            return Err(RuntimeError::NotAMember { topic });
        }
        Ok(Some(Vote::sign(at, state_root, engine, signer.scope)))
    }

    /// Takes the vote of another scope: checks it, compares it, and keeps it where it is of an
    /// anchor and says more than what is kept of that scope. Where it is at odds, `signer` signs
    /// what this home has, for the report.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn take_vote(&mut self, vote: &Vote, signer: Signer<'_>) -> Result<Taken, RuntimeError> {
        let topic = vote.at().topic;
        let (reader, founding) = match self.topic(topic) {
            Err(RuntimeError::NoTopic { .. }) => return Ok(Taken::NotCounted(NotCounted::Topic)),
            opened => opened?,
        };
        let record = TopicRecord::load(&*reader, topic)?;
        let interval = self.anchoring(&*reader, &founding)?.map(|anchoring| anchoring.interval);
        let count = vote.at().count;
        // Before an upgrade the interval may have been another; what is ahead is taken to have this.
        let is_anchor = interval.is_some_and(|interval| count.is_multiple_of(interval))
            || Anchor::load(&*reader, topic, count)?.is_some();
        // What is far ahead would be kept in vain, and one after another without end.
        let ahead = interval.unwrap_or(1).saturating_mul(limits::AHEAD);
        if vote.scope() == signer.scope.public() {
            return Ok(Taken::NotCounted(NotCounted::Own));
        }
        if count == 0 || count > record.events.saturating_add(ahead) {
            return Ok(Taken::NotCounted(NotCounted::NotDue));
        }
        let cuts = self.cuts_of(&*reader, &founding)?;
        let held = self.held(&*reader, &founding, &cuts, VoteAt::Count(count))?;
        let held = held.filter(|held| held.at == *vote.at());
        let kept = Vote::kept(&*reader, topic, vote.scope())?;
        let news = match &kept {
            // Of two with one count, that one which can be compared.
            Some(kept) if kept.at().count == count => {
                held.as_ref().is_some_and(|held| held.at != *kept.at())
            }
            Some(kept) => kept.at().count < count,
            None => true,
        };
        let news = news || !is_anchor;
        if !news {
            return Ok(Taken::Known);
        }
        if !is_anchor && held.is_none() {
            return Ok(Taken::Apart);
        }
        match vote.check(&*reader, &founding, &cuts)? {
            Ok(()) => {}
            // Whether they are will be seen when the topic is folded.
            Err(NotCounted::NotAMember) if !record.settled() => return Ok(Taken::Apart),
            Err(why) => return Ok(Taken::NotCounted(why)),
        }
        let mut overlay = Overlay::new(reader);
        if is_anchor {
            vote.save(&mut overlay);
        }
        let taken = match held {
            None => Taken::Apart,
            Some(held) if held.state_root == vote.state_root() => {
                Report::end(&mut overlay, vote)?;
                Taken::Agrees
            }
            Some(held) => differs(&mut overlay, &held, vote, signer)?,
        };
        if overlay.written() > 0 {
            self.store.commit(overlay.into_batch())?;
        }
        Ok(taken)
    }

    /// Compares the votes kept of a topic with what this home has now, as after it came to an
    /// anchor. Returns, for each that is at odds and not explained, the scope's vote.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn compare_votes(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
    ) -> Result<Vec<Vote>, RuntimeError> {
        let (reader, founding) = self.topic(topic)?;
        let cuts = self.cuts_of(&*reader, &founding)?;
        let mut overlay = Overlay::new(reader);
        let (mut held, mut open) = (BTreeMap::new(), Vec::new());
        for vote in Vote::all(&overlay, topic)? {
            let ours = self.beside(&overlay, (&founding, &*cuts), &vote, &mut held)?;
            let Some(ours) = ours else { continue };
            // Its signature was verified before it was kept; whose scope it is may have changed since.
            if !is_member(&overlay, topic, &cuts, vote.scope())? {
                continue;
            }
            if ours.state_root == vote.state_root() {
                Report::end(&mut overlay, &vote)?;
                continue;
            }
            let taken = differs(&mut overlay, ours, &vote, signer)?;
            if matches!(taken, Taken::Differs { explain: Some(_) }) {
                open.push(vote);
            }
        }
        if overlay.written() > 0 {
            self.store.commit(overlay.into_batch())?;
        }
        Ok(open)
    }

    /// The scopes of which a vote on a topic is kept, ascending.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn voters(&self, topic: TopicId) -> Result<Vec<PublicKey>, RuntimeError> {
        let (reader, _) = self.topic(topic)?;
        Ok(Vote::all(&*reader, topic)?.iter().map(Vote::scope).collect())
    }

    /// The vote kept of a scope, if the scope has a word still.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn vote_of(
        &mut self,
        topic: TopicId,
        scope: PublicKey,
    ) -> Result<Option<Vote>, RuntimeError> {
        let (reader, founding) = self.topic(topic)?;
        let cuts = self.cuts_of(&*reader, &founding)?;
        let counts = is_member(&*reader, topic, &cuts, scope)?;
        Ok(Vote::kept(&*reader, topic, scope)?.filter(|_| counts))
    }

    /// The votes kept of a topic, ascending by scope.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn votes(&mut self, topic: TopicId) -> Result<Vec<KnownVote>, RuntimeError> {
        let (reader, founding) = self.topic(topic)?;
        let cuts = self.cuts_of(&*reader, &founding)?;
        let mut held = BTreeMap::new();
        let known = |vote: Vote| {
            let ours = self.beside(&*reader, (&founding, &*cuts), &vote, &mut held)?;
            let agrees = ours.map(|ours| ours.state_root == vote.state_root());
            Ok(KnownVote { vote, agrees })
        };
        Vote::all(&*reader, topic)?.into_iter().map(known).collect()
    }

    /// Keeps what a [`crate::drift::Session`] found, with whether this home's fold of the event that
    /// differs gives the same once more.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn keep_report(&mut self, mut report: Report) -> Result<(), RuntimeError> {
        let (reader, founding) = self.topic(report.theirs.at().topic)?;
        if let Some(explanation) = &mut report.explanation
            && let Some(event) = explanation.event
        {
            let cuts = self.cuts_of(&*reader, &founding)?;
            let (before, apps) = (self.store.snapshot()?, &mut self.loaded);
            explanation.again = refolds(before, &founding, &cuts, apps, event)?;
        }
        let mut overlay = Overlay::new(reader);
        report.save(&mut overlay)?;
        Ok(self.store.commit(overlay.into_batch())?)
    }

    /// The reports of drift kept of a topic, by scope.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn drift_reports(&self, topic: TopicId) -> Result<Vec<Report>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        Ok(Report::all(&*reader, topic)?)
    }

    fn topic(&self, topic: TopicId) -> Result<(Box<dyn Snapshot>, Founding), RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        let founding = founding(&*reader, topic)?;
        Ok((reader, founding))
    }

    /// What this home has beside a vote; none if that is of another point. Of each count it is looked
    /// up once, and is in `held` then: of most topics all votes are of one.
    fn beside<'h>(
        &self,
        reader: &dyn Snapshot,
        (topic, cuts): (&Founding, &Cuts),
        vote: &Vote,
        held: &'h mut BTreeMap<u64, Option<Held>>,
    ) -> Result<Option<&'h Held>, RuntimeError> {
        let count = vote.at().count;
        let held = match held.entry(count) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                unknown.insert(self.held(reader, topic, cuts, VoteAt::Count(count))?)
            }
        };
        Ok(held.as_ref().filter(|held| held.at == *vote.at()))
    }

    /// What this home has at a point.
    fn held(
        &self,
        reader: &dyn Snapshot,
        topic: &Founding,
        cuts: &Cuts,
        which: VoteAt,
    ) -> Result<Option<Held>, RuntimeError> {
        let id = topic.topic();
        let anchor = match which {
            VoteAt::Anchor => Anchor::newest(reader, id)?,
            VoteAt::Tip => None,
            VoteAt::Count(count) => Anchor::load(reader, id, count)?,
        };
        let held = |(count, last): (u64, Place), state_root, engine| {
            let at = Point::of(reader, id, cuts, (count, last))?;
            Ok(Some(Held { at, state_root, engine }))
        };
        if let Some(Anchor { count, last, state_root, engine }) = anchor {
            return held((count, last), state_root, engine);
        }
        let record = TopicRecord::load(reader, id)?;
        let at_tip = match which {
            VoteAt::Anchor => false,
            VoteAt::Tip => true,
            VoteAt::Count(count) => count == record.events,
        };
        let Some(tip) = record.tip.filter(|_| at_tip && record.settled()) else { return Ok(None) };
        let InForce { bundle, .. } = InForce::of(reader, topic)?;
        match self.loaded.anchoring(bundle) {
            Some(app) => held((record.events, tip), record.state_root, app.engine),
            None => Ok(None),
        }
    }
}

/// Keeps a report of a vote that is at odds, unless one says as much. Once a state is another, so is
/// every one after it: the first report that still holds is enough.
fn differs(
    overlay: &mut Overlay,
    Held { at, state_root, engine }: &Held,
    theirs: &Vote,
    signer: Signer<'_>,
) -> Result<Taken, Fault> {
    let (mut known, mut explained) = (false, false);
    for report in Report::about(&*overlay, at.topic, theirs.scope())? {
        let before = report.ours.at();
        // After a rewind, or when it was folded anew, it is of another state.
        let holds = match Anchor::load(&*overlay, at.topic, before.count)? {
            Some(anchor) => {
                anchor.last == before.last && anchor.state_root == report.ours.state_root()
            }
            None => true,
        };
        if holds && report.until.is_none() && before.count <= at.count {
            known = true;
            explained |= report.explanation.is_some();
        }
    }
    let count = at.count;
    if !known {
        let ours = Vote::sign(*at, *state_root, engine.clone(), signer.scope);
        Report { ours, theirs: theirs.clone(), explanation: None, until: None }.save(overlay)?;
    }
    Ok(Taken::Differs { explain: (!explained).then_some(count) })
}

/// What a [`crate::drift::Session`] sees of this home, for one call.
pub struct DriftHost<'a> {
    /// The home.
    pub runtime: &'a Runtime,
    /// Who votes.
    pub signer: Signer<'a>,
    /// Whether there is room for one more inquiry, over all connections.
    pub has_room: bool,
}

impl Host for DriftHost<'_> {
    fn snapshot(&self, topic: TopicId) -> Result<Option<Box<dyn Snapshot>>, Fault> {
        let found = self.runtime.topic(topic);
        there(found.and_then(|(reader, _)| whole(&*reader, topic).map(|()| Some(reader))))
    }

    fn vote(&self, topic: TopicId, count: u64) -> Result<Option<Vote>, Fault> {
        there(self.runtime.signed(topic, self.signer, VoteAt::Count(count)))
    }

    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault> {
        self.runtime.cuts_of(&*self.runtime.read()?, topic)
    }

    fn has_room(&self) -> bool {
        self.has_room
    }
}

/// Whatever else is wrong than this host: there is nothing to compare.
fn there<T>(found: Result<Option<T>, RuntimeError>) -> Result<Option<T>, Fault> {
    match found {
        Err(RuntimeError::Fault(fault)) => Err(fault),
        found => Ok(found.ok().flatten()),
    }
}
