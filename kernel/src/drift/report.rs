//! That a peer has another state at a point where it has to have this one, and why.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::prefix_end;
use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::Vote;
use super::limits::{KEYS, REPORTS, SCOPE_REPORTS, SHOWN_BYTES};
use super::place::{read_place, write_place};
use crate::apply::{Ruling, Verdict};
use crate::codec::{self, Canonical, CodecError, Reader, Writer};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;

/// Longest key: a side and the longest key of a state map.
pub(super) const KEY_BYTES: usize = 1 + myrhiza_kernel_api::limits::STATE_KEY_BYTES;

/// Two states where there has to be one.
///
/// Layout: `[1, own vote, their vote, explanation or null, until or null]`, an explanation being `[peer, agreed or
/// null, place or null, own outcome or null, their outcome or null, [[key, own value or null, their
/// value or null]..], more, again or null]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What this home signed.
    pub ours: Vote,
    /// What the other scope signed.
    pub theirs: Vote,
    /// Why, once both sides have looked.
    pub explanation: Option<Explanation>,
    /// The count of the first point after it at which both had one state again.
    pub until: Option<u64>,
}

/// Where two states part, as far as two homes told each other. What is said to be there is what the
/// peer claims, and nothing proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Transport key of the peer that claims.
    pub peer: PublicKey,
    /// The last anchor at which both had one state, of those both still know: its count.
    pub agreed: Option<u64>,
    /// The first event whose writes differ; `None` where no event's do, among those looked at.
    pub event: Option<Place>,
    /// How this home judged it.
    pub here: Option<Outcome>,
    /// How the peer claims to have.
    pub there: Option<Outcome>,
    /// What differs after it, or at the point where no event is named; ascending.
    pub keys: Vec<Differing>,
    /// True if more keys differ than are named.
    pub more: bool,
    /// Whether this home, folding that event once more, wrote what it had written; `None` where that
    /// was not tried.
    pub again: Option<bool>,
}

/// A ruling without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// The app's number for the reason.
    pub code: u32,
    /// Fuel used.
    pub fuel: u64,
}

/// A key with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Side (0 the kernel's part, 1 the app's) ‖ key.
    pub key: Vec<u8>,
    /// Its value here.
    pub here: Option<Shown>,
    /// The value that the peer claims.
    pub there: Option<Shown>,
}

/// A value, or the start of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its length, in bytes.
    pub len: u64,
    /// Its first [`SHOWN_BYTES`] bytes.
    pub start: Vec<u8>,
}

impl Outcome {
    pub(super) fn of(ruling: &Ruling) -> Self {
        Self { verdict: ruling.verdict, code: ruling.code, fuel: ruling.fuel }
    }

    pub(super) fn write(self, w: &mut Writer) {
        let verdict = match self.verdict {
            Verdict::Accept => 0,
            Verdict::Reject => 1,
            Verdict::Trap => 2,
        };
        w.array(3).u64(verdict).u64(self.code.into()).u64(self.fuel);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("outcome", 3)?;
        let at = r.position();
        let verdict = match r.u64()? {
            0 => Verdict::Accept,
            1 => Verdict::Reject,
            2 => Verdict::Trap,
            got => return Err(r.malformed(at, codec::Fault::Value { field: "verdict", got })),
        };
        Ok(Self { verdict, code: r.u32("code")?, fuel: r.u64()? })
    }
}

impl Shown {
    /// What is shown of a value.
    pub fn of(value: &[u8]) -> Self {
        let start = value[..value.len().min(SHOWN_BYTES)].to_vec();
        Self { len: value.len() as u64, start }
    }

    /// The whole value, if all of it is shown.
    pub fn whole(&self) -> Option<&[u8]> {
        (self.len == self.start.len() as u64).then_some(&self.start[..])
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.array(2).u64(self.len).bytes(&self.start);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("value", 2)?;
        let at = r.position();
        let len = r.u64()?;
        let start = r.bytes("start of a value", SHOWN_BYTES)?.to_vec();
        let shown = len.min(SHOWN_BYTES as u64);
        if start.len() as u64 != shown {
            return Err(r.malformed(at, codec::Fault::Value { field: "length", got: len }));
        }
        Ok(Self { len, start })
    }
}

impl Report {
    /// The reports kept of a topic, by scope, then by count.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<Self>, Fault> {
        Self::under(reader, TopicKeys { topic }.key(&[]))
    }

    /// Those about a scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn about(
        reader: &dyn Snapshot,
        topic: TopicId,
        scope: PublicKey,
    ) -> Result<Vec<Self>, Fault> {
        Self::under(reader, TopicKeys { topic }.key(&[scope.as_ref()]))
    }

    fn under(reader: &dyn Snapshot, prefix: Vec<u8>) -> Result<Vec<Self>, Fault> {
        let end = prefix_end(&prefix);
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut reports = Vec::new();
        reader.scan(schema::DRIFT, (Bound::Included(&prefix), to), false, &mut |_, row| {
            reports.push(Self::from_bytes(row));
            ControlFlow::Continue(())
        })?;
        let damaged = |cause| Fault::damaged("a report of drift", cause);
        reports.into_iter().map(|report| report.map_err(damaged)).collect()
    }

    /// Keeps it, in the place of one about the same point, and makes room for it: of too many, the
    /// one about the fewest events goes.
    pub(crate) fn save(&self, overlay: &mut Overlay) -> Result<(), Fault> {
        let (topic, own) = (self.theirs.at().topic, self.key());
        for (of_scope, most) in [(true, SCOPE_REPORTS), (false, REPORTS)] {
            let kept = match of_scope {
                true => Self::about(overlay, topic, self.theirs.scope())?,
                false => Self::all(overlay, topic)?,
            };
            let others = kept.iter().filter(|report| report.key() != own);
            let mut others: Vec<_> =
                others.map(|report| (report.theirs.at().count, report.key())).collect();
            others.sort_unstable();
            let surplus = (others.len() + 1).saturating_sub(most);
            others
                .into_iter()
                .take(surplus)
                .for_each(|(_, key)| overlay.delete(schema::DRIFT, key));
        }
        overlay.put(schema::DRIFT, own, self.to_bytes());
        Ok(())
    }

    /// Ends the reports about a scope with whose vote this home agrees.
    pub(crate) fn end(overlay: &mut Overlay, agrees: &Vote) -> Result<(), Fault> {
        let at = agrees.at();
        for report in Self::about(overlay, at.topic, agrees.scope())? {
            if report.until.is_none() && report.theirs.at().count < at.count {
                let ended = Self { until: Some(at.count), ..report };
                overlay.put(schema::DRIFT, ended.key(), ended.to_bytes());
            }
        }
        Ok(())
    }

    fn key(&self) -> Vec<u8> {
        let at = self.theirs.at();
        let scope = self.theirs.scope();
        TopicKeys { topic: at.topic }.key(&[scope.as_ref(), &at.count.to_be_bytes()])
    }
}

impl Explanation {
    fn write(&self, w: &mut Writer) {
        w.array(8).bytes(self.peer).option(self.agreed, |w, agreed| {
            w.u64(agreed);
        });
        w.option(self.event, write_place);
        for outcome in [self.here, self.there] {
            w.option(outcome, |w, outcome| outcome.write(w));
        }
        w.list(self.keys.iter(), |w, differing| {
            w.array(3).bytes(&differing.key);
            for value in [&differing.here, &differing.there] {
                w.option(value.as_ref(), |w, value| value.write(w));
            }
        });
        w.bool(self.more).option(self.again, |w, again| {
            w.bool(again);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("explanation", 8)?;
        let differing = |r: &mut Reader<'_>| {
            r.fields("differing key", 3)?;
            let key = r.bytes("key", KEY_BYTES)?.to_vec();
            Ok(Differing { key, here: r.option(Shown::read)?, there: r.option(Shown::read)? })
        };
        Ok(Self {
            peer: PublicKey(r.fixed("peer")?),
            agreed: r.option(Reader::u64)?,
            event: r.option(read_place)?,
            here: r.option(Outcome::read)?,
            there: r.option(Outcome::read)?,
            keys: r.ascending_by("keys", KEYS, differing, |differing| differing.key.clone())?,
            more: r.bool()?,
            again: r.option(Reader::bool)?,
        })
    }
}

impl Canonical for Report {
    const WHAT: &'static str = "a report of drift";
    const MAX_BYTES: usize = 64 << 10;

    fn write(&self, w: &mut Writer) {
        w.array(5).u64(1);
        self.ours.write(w);
        self.theirs.write(w);
        w.option(self.explanation.as_ref(), |w, explanation| explanation.write(w));
        w.option(self.until, |w, until| {
            w.u64(until);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("drift report", 1, 5)?;
        Ok(Self {
            ours: Vote::read(r)?,
            theirs: Vote::read(r)?,
            explanation: r.option(Explanation::read)?,
            until: r.option(Reader::u64)?,
        })
    }
}
