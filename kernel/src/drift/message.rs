//! What peers say to each other about their states. Layouts: `docs/spec/drift.md`.

use myrhiza_kernel_api::{Hash, TopicId};

use super::Vote;
use super::limits::{ANCHORS, KEYS, MESSAGE_BYTES, PLACES, RECORD_BYTES, WAYS};
use super::report::{KEY_BYTES, Outcome, Shown};
use super::split::Span;
use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};
use crate::state::trie::Address;

/// The first kind: those below are the sync protocol's.
const FIRST: u64 = 32;

/// What a side says it has at an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) count: u64,
    pub(super) log_root: Hash,
    pub(super) state_root: Hash,
}

/// One message. On the wire an array: its kind, then the fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// A vote: the sender's own, or another's that it passes on.
    Vote { vote: Box<Vote>, own: bool },
    /// The leader's vote, and what it has at anchors before. Answered by [`Self::Answer`].
    Ask { vote: Box<Vote>, anchors: Vec<Claim> },
    /// The follower's vote, and the last of these anchors at which both have the same.
    Answer { vote: Box<Vote>, agreed: Option<u64> },
    /// The leader's digests at the ends of the parts of a span. Answered by [`Self::Part`].
    Split { topic: TopicId, span: Span, digests: Vec<Hash> },
    /// The first part that differs.
    Part { topic: TopicId, part: Option<Span> },
    /// Places in the trie of the state at a position. Answered by [`Self::Records`].
    Walk { topic: TopicId, position: u64, places: Vec<Address> },
    /// What is there, in the same order; nothing where there is nothing.
    Records { topic: TopicId, records: Vec<Vec<u8>> },
    /// What differs, as it is on this side. The leader's is answered by the follower's.
    Values { topic: TopicId, outcome: Option<Outcome>, values: Vec<Value>, more: bool },
    /// Nothing more is said of it, for this reason.
    End { topic: TopicId, why: u64 },
}

/// A key (side ‖ key) and its value.
pub(super) type Value = (Vec<u8>, Option<Shown>);

/// True of the bytes of a message that is to be given to a [`super::Session`]; others are the sync
/// protocol's.
pub fn is_drift(bytes: &[u8]) -> bool {
    let kind = || {
        let mut r = Reader::new(Message::WHAT, bytes, MESSAGE_BYTES).ok()?;
        r.array("message", 1, usize::MAX).ok()?;
        r.u64().ok()
    };
    kind().is_some_and(|kind| (FIRST..FIRST + 16).contains(&kind))
}

impl Message {
    /// Items of the array, by kind.
    const ITEMS: [usize; 9] = [3, 3, 3, 5, 3, 4, 3, 5, 3];

    /// The topic of a message of an inquiry under way.
    pub(super) fn topic(&self) -> Option<TopicId> {
        match self {
            Self::Vote { .. } | Self::Ask { .. } => None,
            Self::Answer { vote, .. } => Some(vote.at().topic),
            Self::Split { topic, .. }
            | Self::Part { topic, .. }
            | Self::Walk { topic, .. }
            | Self::Records { topic, .. }
            | Self::Values { topic, .. }
            | Self::End { topic, .. } => Some(*topic),
        }
    }

    fn kind(&self) -> u64 {
        let number = match self {
            Self::Vote { .. } => 0,
            Self::Ask { .. } => 1,
            Self::Answer { .. } => 2,
            Self::Split { .. } => 3,
            Self::Part { .. } => 4,
            Self::Walk { .. } => 5,
            Self::Records { .. } => 6,
            Self::Values { .. } => 7,
            Self::End { .. } => 8,
        };
        FIRST + number
    }
}

fn write_span(w: &mut Writer, span: Span) {
    w.array(2).u64(span.low).u64(span.high);
}

fn read_span(r: &mut Reader<'_>) -> Result<Span, CodecError> {
    let at = r.position();
    r.fields("span", 2)?;
    let (low, high) = (r.u64()?, r.u64()?);
    let empty = Fault::Value { field: "end of a span", got: high };
    Span::new(low, high).ok_or_else(|| r.malformed(at, empty))
}

fn read_address(r: &mut Reader<'_>) -> Result<Address, CodecError> {
    let at = r.position();
    let bytes = r.bytes("address", Address::MAX_BYTES)?;
    let got = bytes.len() as u64;
    let bad = Fault::Length { field: "address", min: 1, max: Address::MAX_BYTES, got };
    Address::from_bytes(bytes).ok_or_else(|| r.malformed(at, bad))
}

fn read_claim(r: &mut Reader<'_>) -> Result<Claim, CodecError> {
    r.fields("anchor", 3)?;
    let (count, log_root) = (r.u64()?, Hash(r.fixed("log root")?));
    Ok(Claim { count, log_root, state_root: Hash(r.fixed("state root")?) })
}

fn read_value(r: &mut Reader<'_>) -> Result<Value, CodecError> {
    r.fields("key and value", 2)?;
    Ok((r.bytes("key", KEY_BYTES)?.to_vec(), r.option(Shown::read)?))
}

impl Canonical for Message {
    const WHAT: &'static str = "a message about drift";
    const MAX_BYTES: usize = MESSAGE_BYTES;

    fn write(&self, w: &mut Writer) {
        let kind = self.kind();
        w.array(Self::ITEMS[(kind - FIRST) as usize]).u64(kind);
        match self {
            Self::Vote { vote, own } => {
                vote.write(w);
                w.bool(*own);
            }
            Self::Ask { vote, anchors } => {
                vote.write(w);
                w.list(anchors.iter(), |w, claim| {
                    w.array(3).u64(claim.count).bytes(claim.log_root).bytes(claim.state_root);
                });
            }
            Self::Answer { vote, agreed } => {
                vote.write(w);
                w.option(*agreed, |w, agreed| {
                    w.u64(agreed);
                });
            }
            Self::Split { topic, span, digests } => {
                w.bytes(topic);
                write_span(w, *span);
                w.list(digests.iter(), |w, digest| {
                    w.bytes(digest);
                });
            }
            Self::Part { topic, part } => {
                w.bytes(topic).option(*part, write_span);
            }
            Self::Walk { topic, position, places } => {
                w.bytes(topic).u64(*position).list(places.iter(), |w, address| {
                    w.bytes(address.to_bytes());
                });
            }
            Self::Records { topic, records } => {
                w.bytes(topic).list(records.iter(), |w, record| {
                    w.bytes(record);
                });
            }
            Self::Values { topic, outcome, values, more } => {
                w.bytes(topic).option(*outcome, |w, outcome| outcome.write(w));
                w.list(values.iter(), |w, (key, value)| {
                    w.array(2).bytes(key).option(value.as_ref(), |w, value| value.write(w));
                });
                w.bool(*more);
            }
            Self::End { topic, why } => {
                w.bytes(topic).u64(*why);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = r.position();
        let items = r.array("message", 1, usize::MAX)?;
        let kind = r.u64()?;
        let number = kind.checked_sub(FIRST).and_then(|number| usize::try_from(number).ok());
        let Some(want) = number.and_then(|number| Self::ITEMS.get(number).copied()) else {
            return Err(r.update_needed("kind", kind));
        };
        if items != want {
            let fault = Fault::Length { field: "message", min: want, max: want, got: items as u64 };
            return Err(r.malformed(at, fault));
        }
        let topic = |r: &mut Reader<'_>| Ok::<_, CodecError>(TopicId(r.fixed("topic")?));
        Ok(match kind - FIRST {
            0 => Self::Vote { vote: Box::new(Vote::read(r)?), own: r.bool()? },
            1 => {
                let vote = Box::new(Vote::read(r)?);
                let most = ANCHORS as usize;
                let anchors = r.ascending_by("anchors", most, read_claim, |claim| claim.count)?;
                Self::Ask { vote, anchors }
            }
            2 => {
                let vote = Box::new(Vote::read(r)?);
                Self::Answer { vote, agreed: r.option(Reader::u64)? }
            }
            3 => {
                let (topic, span) = (topic(r)?, read_span(r)?);
                let digests = r.list("digests", WAYS as usize, |r| Ok(Hash(r.fixed("digest")?)))?;
                Self::Split { topic, span, digests }
            }
            4 => Self::Part { topic: topic(r)?, part: r.option(read_span)? },
            5 => {
                let (topic, position) = (topic(r)?, r.u64()?);
                let places = r.ascending("places", PLACES, read_address)?;
                Self::Walk { topic, position, places }
            }
            6 => {
                let topic = topic(r)?;
                let record = |r: &mut Reader<'_>| Ok(r.bytes("record", RECORD_BYTES)?.to_vec());
                Self::Records { topic, records: r.list("records", PLACES, record)? }
            }
            7 => {
                let (topic, outcome) = (topic(r)?, r.option(Outcome::read)?);
                let values = r.ascending_by("values", KEYS, read_value, |(key, _)| key.clone())?;
                Self::Values { topic, outcome, values, more: r.bool()? }
            }
            _ => Self::End { topic: topic(r)?, why: r.u64()? },
        })
    }
}
