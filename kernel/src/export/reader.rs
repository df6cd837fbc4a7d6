//! Reads an export, chunk by chunk, and believes nothing in it.

use std::fmt;

use myrhiza_kernel_api::{BundleId, EventId, Hash, LineageId, TopicId, limits};

use super::{BUNDLES, CHUNK_EVENTS, HEAD_BYTES, Kind, MAGIC, VERSION, seal};
use crate::bundle::{self, Bundle, BundleError};
use crate::codec::{self, Canonical as _, CodecError};
use crate::event::payload::Genesis;
use crate::event::{self, UnverifiedEvent};

/// What is in a file, in order: one opening, its bundles, events, one ending.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The topic.
    Opening(Box<Opening>),
    /// A bundle, verified.
    Bundle(Box<Bundle>),
    /// The next events: well-formed and of this topic, their signatures unchecked.
    Events(Vec<UnverifiedEvent>),
    /// The end. Nothing follows.
    Ending(Ending),
}

/// How a file starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// The topic's first event.
    pub genesis: UnverifiedEvent,
    /// Bundles that follow.
    pub bundles: u64,
}

impl Opening {
    /// The topic.
    pub fn topic(&self) -> TopicId {
        TopicId(self.genesis.id().0)
    }

    /// The bundle that the genesis names, if it is one.
    pub fn bundle(&self) -> Option<BundleId> {
        Some(Genesis::from_bytes(self.genesis.body().payload()).ok()?.bundle)
    }

    /// The app that the genesis names, if it is one.
    pub fn lineage(&self) -> Option<LineageId> {
        Some(Genesis::from_bytes(self.genesis.body().payload()).ok()?.lineage)
    }
}

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Events in the file, with the genesis event.
    pub events: u64,
    /// The root of the log as the exporting peer had it: who has exactly these events has it too.
    pub log_root: Hash,
}

/// Where in a file something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the chunk, from 0.
    pub chunk: u64,
    /// Where in the file the chunk starts.
    pub byte: u64,
    /// Events before it, with the genesis event.
    pub events: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chunk, byte, events } = self;
        write!(f, "chunk {chunk} at byte {byte}, after {events} events")
    }
}

/// Why a file is not an exported topic. A reader that failed fails again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Something else altogether.
    #[error(
        "this is not an exported topic: those start with `MYRTOPIC`; make one with `myrhiza topic export`"
    )]
    NotAnExport,
    /// The file ends too early.
    #[error("the export is cut off in {0}; copy it again")]
    Truncated(Place),
    /// A chunk has another seal than its content.
    #[error("the export is damaged in {0}; copy it again")]
    Damaged(Place),
    /// A chunk of no known kind, or where it does not belong, or too long.
    #[error("the export has {what} in {place}; export the topic again")]
    Chunk {
        /// Which chunk.
        place: Place,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A chunk is whole and its content cannot be decoded.
    #[error("the export cannot be read in {place}: {source}")]
    Malformed {
        /// Which chunk.
        place: Place,
        /// Why.
        source: CodecError,
    },
    /// An event cannot be decoded.
    #[error("event {number} of the export ({place}) cannot be read: {source}")]
    Event {
        /// Which chunk.
        place: Place,
        /// Number of the event in the file, from 0 for the genesis event.
        number: u64,
        /// Why.
        source: CodecError,
    },
    /// The first event is none that starts a topic.
    #[error("the export starts with an event that is no genesis; export the topic again")]
    NotGenesis,
    /// An event is of another topic.
    #[error(
        "event {number} of the export, {event}, is of topic {found} and not of {topic}; export the topic again"
    )]
    Foreign {
        /// Number of the event in the file.
        number: u64,
        /// The event.
        event: EventId,
        /// The file's topic.
        topic: TopicId,
        /// The event's topic.
        found: TopicId,
    },
    /// A bundle in the file is not whole.
    #[error("a bundle in the export ({place}) is refused: {source}")]
    Bundle {
        /// Which chunk.
        place: Place,
        /// Why.
        source: BundleError,
    },
    /// The count at the end is another.
    #[error("the export says it has {said} events and has {found}; export the topic again")]
    Count {
        /// What it says.
        said: u64,
        /// What it has.
        found: u64,
    },
    /// There is something behind the end.
    #[error("the export goes on behind its end at byte {byte}; copy it again")]
    Trailing {
        /// Where its end is.
        byte: u64,
    },
}

impl ExportError {
    /// True where a later version of the program would know what to do.
    pub fn is_update_needed(&self) -> bool {
        match self {
            Self::Malformed { source, .. } | Self::Event { source, .. } => {
                source.is_update_needed()
            }
            Self::Bundle { source, .. } => source.is_update_needed(),
            _ => false,
        }
    }
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Magic,
    Opening,
    Bundles(u64),
    Events,
    Nothing,
}

/// Reads one file. Holds no more of it than one chunk and what it was given last.
#[derive(Debug)]
pub struct Reader {
    buffer: Vec<u8>,
    /// Bytes at the start of `buffer` that are done with.
    done: usize,
    expect: Expect,
    place: Place,
    seal: Hash,
    topic: TopicId,
    failed: Option<ExportError>,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader at the start of a file.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            done: 0,
            expect: Expect::Magic,
            place: Place { chunk: 0, byte: 0, events: 0 },
            seal: Hash([0; 32]),
            topic: TopicId([0; 32]),
            failed: None,
        }
    }

    /// Gives it the file's next bytes, any number of them.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.done);
        self.done = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next item; none if that needs more bytes.
    ///
    /// # Errors
    /// [`ExportError`], and the same one ever after.
    pub fn next_item(&mut self) -> Result<Option<Item>, ExportError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.step().inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Says that there are no more bytes; call it when [`Self::next_item`] gives none.
    ///
    /// # Errors
    /// [`ExportError::Truncated`] if the file's end was not reached.
    pub fn finish(self) -> Result<(), ExportError> {
        match (self.failed, self.expect) {
            (Some(error), _) => Err(error),
            (None, Expect::Nothing) => Ok(()),
            (None, Expect::Magic) if !MAGIC.starts_with(&self.buffer) => {
                Err(ExportError::NotAnExport)
            }
            _ => Err(ExportError::Truncated(self.place)),
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.done..).unwrap_or_default()
    }

    fn step(&mut self) -> Result<Option<Item>, ExportError> {
        if self.expect == Expect::Magic {
            let Some(magic) = self.rest().get(..MAGIC.len()) else { return Ok(None) };
            if magic != MAGIC {
                return Err(ExportError::NotAnExport);
            }
            self.advance(MAGIC.len());
            self.expect = Expect::Opening;
        }
        if self.expect == Expect::Nothing {
            let end = self.rest().is_empty();
            return if end {
                Ok(None)
            } else {
                Err(ExportError::Trailing { byte: self.place.byte })
            };
        }
        let Some(head) = self.rest().first_chunk::<HEAD_BYTES>().copied() else { return Ok(None) };
        let [number, length @ ..] = head;
        let kind = self.kind(number)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > kind.max_bytes() {
            return Err(self.chunk_error("too long a chunk"));
        }
        let whole = HEAD_BYTES + length + Hash::LEN;
        let Some(chunk) = self.rest().get(..whole) else { return Ok(None) };
        let (head, rest) = chunk.split_at(HEAD_BYTES);
        let (body, sealed) = rest.split_at(length);
        let seal = seal(&self.seal, head, body);
        if seal.as_ref() != sealed {
            return Err(ExportError::Damaged(self.place));
        }
        let item = self.item(kind, body)?;
        self.seal = seal;
        self.accept(&item);
        self.place.chunk += 1;
        self.advance(whole);
        Ok(Some(item))
    }

    fn advance(&mut self, bytes: usize) {
        self.done += bytes;
        self.place.byte += bytes as u64;
    }

    /// The kind of the chunk at hand, if it may be here.
    fn kind(&self, number: u8) -> Result<Kind, ExportError> {
        let kind =
            Kind::from_number(number).ok_or_else(|| self.chunk_error("a chunk of unknown kind"))?;
        let fits = match self.expect {
            Expect::Opening => kind == Kind::Opening,
            Expect::Bundles(_) => kind == Kind::Bundle,
            Expect::Events => matches!(kind, Kind::Events | Kind::Ending),
            Expect::Magic | Expect::Nothing => false,
        };
        if fits { Ok(kind) } else { Err(self.chunk_error("a chunk where another belongs")) }
    }

    fn chunk_error(&self, what: &'static str) -> ExportError {
        ExportError::Chunk { place: self.place, what }
    }

    fn item(&self, kind: Kind, body: &[u8]) -> Result<Item, ExportError> {
        let place = self.place;
        let malformed = |source| ExportError::Malformed { place, source };
        let what = "an export";
        let mut r = codec::Reader::new(what, body, kind.max_bytes()).map_err(malformed)?;
        match kind {
            Kind::Opening => {
                let (genesis, bundles) = opening(r).map_err(malformed)?;
                let genesis = self.event(genesis, 0)?;
                if genesis.body().header().kind != event::Kind::Genesis {
                    return Err(ExportError::NotGenesis);
                }
                Ok(Item::Opening(Box::new(Opening { genesis, bundles })))
            }
            Kind::Bundle => {
                let bundle = bundle::open(body);
                let bundle = bundle.map_err(|source| ExportError::Bundle { place, source })?;
                Ok(Item::Bundle(Box::new(bundle)))
            }
            Kind::Events => {
                let signed = r
                    .list("events", CHUNK_EVENTS, |r| r.bytes("event", limits::EVENT_BYTES))
                    .map_err(malformed)?;
                r.finish().map_err(malformed)?;
                if signed.is_empty() {
                    return Err(self.chunk_error("a chunk without events"));
                }
                let numbers = self.place.events..;
                let events = signed.into_iter().zip(numbers).map(|(bytes, n)| self.event(bytes, n));
                Ok(Item::Events(events.collect::<Result<_, _>>()?))
            }
            Kind::Ending => {
                let ending = ending(r).map_err(malformed)?;
                let (said, found) = (ending.events, self.place.events);
                if said != found {
                    return Err(ExportError::Count { said, found });
                }
                Ok(Item::Ending(ending))
            }
        }
    }

    fn event(&self, signed: &[u8], number: u64) -> Result<UnverifiedEvent, ExportError> {
        let place = self.place;
        let event = UnverifiedEvent::decode(signed).map_err(|source| ExportError::Event {
            place,
            number,
            source,
        })?;
        let found = event.body().header().topic;
        // A genesis event has no topic, because it is one.
        let topic = if number == 0 { event::Header::NO_TOPIC } else { self.topic };
        if found != topic {
            return Err(ExportError::Foreign { number, event: event.id(), topic, found });
        }
        Ok(event)
    }

    fn accept(&mut self, item: &Item) {
        let after = |bundles| if bundles == 0 { Expect::Events } else { Expect::Bundles(bundles) };
        match item {
            Item::Opening(opening) => {
                self.topic = opening.topic();
                self.place.events = 1;
                self.expect = after(opening.bundles);
            }
            Item::Bundle(_) => {
                if let Expect::Bundles(left) = self.expect {
                    self.expect = after(left.saturating_sub(1));
                }
            }
            Item::Events(events) => self.place.events += events.len() as u64,
            Item::Ending(_) => self.expect = Expect::Nothing,
        }
    }
}

fn opening<'b>(mut r: codec::Reader<'b>) -> Result<(&'b [u8], u64), CodecError> {
    r.versioned("export", VERSION, 3)?;
    let genesis = r.bytes("genesis", limits::EVENT_BYTES)?;
    let at = r.position();
    let bundles = r.u64()?;
    if bundles > BUNDLES as u64 {
        let fault = codec::Fault::Value { field: "bundles", got: bundles };
        return Err(r.malformed(at, fault));
    }
    r.finish()?;
    Ok((genesis, bundles))
}

fn ending(mut r: codec::Reader<'_>) -> Result<Ending, CodecError> {
    r.fields("ending", 2)?;
    let ending = Ending { events: r.u64()?, log_root: Hash(r.fixed("log root")?) };
    r.finish()?;
    Ok(ending)
}
