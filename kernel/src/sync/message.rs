//! What peers say to each other. Layouts: `docs/spec/sync.md`.

use myrhiza_kernel_api::limits::EVENT_BYTES;
use myrhiza_kernel_api::{BundleId, EventId, Hash, PeerAddress};

use super::limits::{
    BATCH_EVENTS, HINT_BYTES, IDS, MESSAGE_BYTES, PLACES, RECORDS, TOLD_PEERS, TOPICS, WINDOW,
};
use super::{Nonce, Proof};
use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};
use crate::state::trie::{Address, LogKey, Root};

/// Version of the protocol.
pub const VERSION: u64 = 1;

/// A topic on this connection: its place in the list of tags of the side that speaks.
pub(crate) type Number = u32;

/// Where a log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) root: Root,
    /// The last event; none if there is none.
    pub(crate) tip: Option<LogKey>,
}

/// Bytes that a transport fetches by their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Their BLAKE3 hash.
    pub hash: Hash,
    /// How many.
    pub bytes: u64,
}

/// One message. On the wire an array: its kind, then the fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// The first message of each side.
    Hello { nonce: Nonce },
    /// More topics, ascending by tag.
    Tags { tags: Vec<Hash> },
    /// To be served.
    Proof { topic: Number, proof: Box<Proof> },
    /// Nothing of this topic is served, or no longer.
    Denied { topic: Number },
    /// The leader's log; answered by [`Self::Compared`].
    Compare { topic: Number, summary: Summary },
    /// The follower's log. If `streams`, the leader's is the start of it and the rest follows.
    Compared { topic: Number, summary: Summary, streams: bool },
    /// Places and hints; answered by [`Self::Records`].
    Walk { topic: Number, places: Vec<(Address, Vec<u8>)> },
    /// Records of the log trie with this root.
    Records { topic: Number, root: Root, records: Vec<(Address, Vec<u8>)> },
    /// Everything after this event (or from the start) is wanted; ended by [`Self::End`].
    After { topic: Number, after: Option<LogKey> },
    /// These events are wanted.
    Want { topic: Number, ids: Vec<EventId> },
    /// Events, each encoded as it is stored; uses one credit.
    Events { topic: Number, events: Vec<Vec<u8>> },
    /// These events, which were wanted, are not there.
    Absent { topic: Number, ids: Vec<EventId> },
    /// A stream after an event is at its end.
    End { topic: Number },
    /// So many batches more may be sent.
    Credit { batches: u32 },
    /// The follower has something new that it did not send.
    Changed { topic: Number },
    /// The connection is closed for this reason.
    Bye { reason: u64 },
    /// Where the topic may be had: the side that speaks first, then others.
    Peers { topic: Number, peers: Vec<PeerAddress> },
    /// A bundle of the topic is wanted, or of no topic one that its author has published; answered
    /// by [`Self::Bundle`].
    BundleWanted { topic: Option<Number>, bundle: BundleId },
    /// As which blob a bundle can be fetched from the side that speaks; none if it has it not.
    Bundle { topic: Option<Number>, bundle: BundleId, blob: Option<Blob> },
}

impl Message {
    fn kind(&self) -> u64 {
        match self {
            Self::Hello { .. } => 0,
            Self::Tags { .. } => 1,
            Self::Proof { .. } => 2,
            Self::Denied { .. } => 3,
            Self::Compare { .. } => 4,
            Self::Compared { .. } => 5,
            Self::Walk { .. } => 6,
            Self::Records { .. } => 7,
            Self::After { .. } => 8,
            Self::Want { .. } => 9,
            Self::Events { .. } => 10,
            Self::Absent { .. } => 11,
            Self::End { .. } => 12,
            Self::Credit { .. } => 13,
            Self::Changed { .. } => 14,
            Self::Bye { .. } => 15,
            Self::Peers { .. } => 16,
            Self::BundleWanted { .. } => 17,
            Self::Bundle { .. } => 18,
        }
    }

    /// Items of the array, by kind.
    const ITEMS: [usize; 19] = [3, 2, 3, 2, 5, 6, 3, 5, 3, 3, 3, 3, 2, 2, 2, 2, 3, 3, 4];
}

fn write_key(w: &mut Writer, key: Option<LogKey>) {
    w.option(key, |w, key| {
        w.array(2).u64(key.height).bytes(key.id);
    });
}

fn read_key(r: &mut Reader<'_>) -> Result<Option<LogKey>, CodecError> {
    r.option(|r| {
        r.fields("event's place", 2)?;
        Ok(LogKey { height: r.u64()?, id: EventId(r.fixed("id")?) })
    })
}

fn write_root(w: &mut Writer, root: Root) {
    w.bytes(root.hash).u64(root.count);
}

fn read_root(r: &mut Reader<'_>) -> Result<Root, CodecError> {
    Ok(Root { hash: Hash(r.fixed("root")?), count: r.u64()? })
}

fn write_pairs(w: &mut Writer, pairs: &[(Address, Vec<u8>)]) {
    w.list(pairs.iter(), |w, (address, bytes)| {
        w.array(2).bytes(address.to_bytes()).bytes(bytes);
    });
}

fn read_pairs(
    r: &mut Reader<'_>,
    field: &'static str,
    most: usize,
    max: usize,
) -> Result<Vec<(Address, Vec<u8>)>, CodecError> {
    r.list(field, most, |r| {
        r.fields(field, 2)?;
        let at = r.position();
        let bytes = r.bytes("address", Address::MAX_BYTES)?;
        let got = bytes.len() as u64;
        let bad = Fault::Length { field: "address", min: 1, max: Address::MAX_BYTES, got };
        let address = Address::from_bytes(bytes).ok_or_else(|| r.malformed(at, bad))?;
        Ok((address, r.bytes(field, max)?.to_vec()))
    })
}

fn write_number(w: &mut Writer, topic: Option<Number>) {
    w.option(topic, |w, topic| {
        w.u64(topic.into());
    });
}

fn write_ids(w: &mut Writer, ids: &[EventId]) {
    w.list(ids.iter(), |w, id| {
        w.bytes(id);
    });
}

fn read_ids(r: &mut Reader<'_>) -> Result<Vec<EventId>, CodecError> {
    r.ascending("ids", IDS, |r| r.fixed("id").map(EventId))
}

/// Longest record that is looked at, in bytes: an inner one with all children.
const RECORD_BYTES: usize = 643;

impl Canonical for Message {
    const WHAT: &'static str = "a sync message";
    const MAX_BYTES: usize = MESSAGE_BYTES;

    fn write(&self, w: &mut Writer) {
        let kind = self.kind();
        w.array(Self::ITEMS[kind as usize]).u64(kind);
        match self {
            Self::Hello { nonce } => {
                w.u64(VERSION).bytes(nonce);
            }
            Self::Tags { tags } => {
                w.list(tags.iter(), |w, tag| {
                    w.bytes(tag);
                });
            }
            Self::Proof { topic, proof } => {
                w.u64((*topic).into());
                proof.write(w);
            }
            Self::Denied { topic } | Self::End { topic } | Self::Changed { topic } => {
                w.u64((*topic).into());
            }
            Self::Compare { topic, summary } => {
                w.u64((*topic).into());
                write_root(w, summary.root);
                write_key(w, summary.tip);
            }
            Self::Compared { topic, summary, streams } => {
                w.u64((*topic).into());
                write_root(w, summary.root);
                write_key(w, summary.tip);
                w.bool(*streams);
            }
            Self::Walk { topic, places } => {
                w.u64((*topic).into());
                write_pairs(w, places);
            }
            Self::Records { topic, root, records } => {
                w.u64((*topic).into());
                write_root(w, *root);
                write_pairs(w, records);
            }
            Self::After { topic, after } => {
                w.u64((*topic).into());
                write_key(w, *after);
            }
            Self::Want { topic, ids } | Self::Absent { topic, ids } => {
                w.u64((*topic).into());
                write_ids(w, ids);
            }
            Self::Events { topic, events } => {
                w.u64((*topic).into()).list(events.iter(), |w, event| {
                    w.bytes(event);
                });
            }
            Self::Credit { batches } => {
                w.u64((*batches).into());
            }
            Self::Bye { reason } => {
                w.u64(*reason);
            }
            Self::BundleWanted { topic, bundle } => {
                write_number(w, *topic);
                w.bytes(bundle);
            }
            Self::Bundle { topic, bundle, blob } => {
                write_number(w, *topic);
                w.bytes(bundle).option(*blob, |w, blob| {
                    w.array(2).bytes(blob.hash).u64(blob.bytes);
                });
            }
            Self::Peers { topic, peers } => {
                w.u64((*topic).into()).list(peers.iter(), |w, peer| peer.write(w));
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = r.position();
        let items = r.array("message", 1, usize::MAX)?;
        let kind = r.u64()?;
        let want = usize::try_from(kind).ok().and_then(|kind| Self::ITEMS.get(kind).copied());
        let Some(want) = want else { return Err(r.update_needed("kind", kind)) };
        // The version is looked at before the length.
        if kind == 0 && items > 1 {
            match r.u64()? {
                VERSION => {}
                other => return Err(r.update_needed("version", other)),
            }
        }
        if items != want {
            let fault = Fault::Length { field: "message", min: want, max: want, got: items as u64 };
            return Err(r.malformed(at, fault));
        }
        let number = |r: &mut Reader<'_>| r.u32("topic");
        Ok(match kind {
            0 => Self::Hello { nonce: r.fixed("nonce")? },
            1 => {
                let tags = r.ascending("tags", TOPICS, |r| r.fixed("tag").map(Hash))?;
                Self::Tags { tags }
            }
            2 => Self::Proof { topic: number(r)?, proof: Box::new(Proof::read(r)?) },
            3 => Self::Denied { topic: number(r)? },
            4 => {
                let topic = number(r)?;
                Self::Compare { topic, summary: read_summary(r)? }
            }
            5 => {
                let (topic, summary) = (number(r)?, read_summary(r)?);
                Self::Compared { topic, summary, streams: r.bool()? }
            }
            6 => {
                let topic = number(r)?;
                Self::Walk { topic, places: read_pairs(r, "places", PLACES, HINT_BYTES)? }
            }
            7 => {
                let (topic, root) = (number(r)?, read_root(r)?);
                let records = read_pairs(r, "records", RECORDS, RECORD_BYTES)?;
                Self::Records { topic, root, records }
            }
            8 => Self::After { topic: number(r)?, after: read_key(r)? },
            9 => Self::Want { topic: number(r)?, ids: read_ids(r)? },
            10 => {
                let topic = number(r)?;
                let events = r.list("events", BATCH_EVENTS, |r| {
                    Ok(r.bytes("event", EVENT_BYTES)?.to_vec())
                })?;
                Self::Events { topic, events }
            }
            11 => Self::Absent { topic: number(r)?, ids: read_ids(r)? },
            12 => Self::End { topic: number(r)? },
            13 => {
                let at = r.position();
                let batches = r.u32("batches")?;
                if batches == 0 || batches > WINDOW {
                    let fault = Fault::Value { field: "batches", got: batches.into() };
                    return Err(r.malformed(at, fault));
                }
                Self::Credit { batches }
            }
            14 => Self::Changed { topic: number(r)? },
            15 => Self::Bye { reason: r.u64()? },
            17 => Self::BundleWanted {
                topic: r.option(number)?,
                bundle: BundleId(r.fixed("bundle")?),
            },
            18 => {
                let (topic, bundle) = (r.option(number)?, BundleId(r.fixed("bundle")?));
                let blob = r.option(|r| {
                    r.fields("blob", 2)?;
                    Ok(Blob { hash: Hash(r.fixed("hash")?), bytes: r.u64()? })
                })?;
                Self::Bundle { topic, bundle, blob }
            }
            _ => {
                let topic = number(r)?;
                Self::Peers { topic, peers: r.list("peers", TOLD_PEERS, PeerAddress::read)? }
            }
        })
    }
}

fn read_summary(r: &mut Reader<'_>) -> Result<Summary, CodecError> {
    Ok(Summary { root: read_root(r)?, tip: read_key(r)? })
}
