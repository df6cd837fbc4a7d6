//! Peers that are let in and mean no good: real homes, whose messages are tampered with.

use myrhiza_kernel::codec::Writer;

use crate::chance::Chance;
use crate::told::Fault;

/// Kinds of messages, as of `docs/spec/sync.md`: the second byte of each.
const COMPARE: u8 = 4;
const COMPARED: u8 = 5;
const WALK: u8 = 6;
const RECORDS: u8 = 7;
const WANT: u8 = 9;
const EVENTS: u8 = 10;
const ABSENT: u8 = 11;

/// Messages that are kept to be sent again.
const PAST: usize = 16;

/// What a peer does to others.
#[derive(Clone, Debug)]
pub(crate) struct Hostile {
    /// How.
    pub(crate) way: Fault,
    /// Some of what it has sent.
    past: Vec<Vec<u8>>,
}

impl Hostile {
    /// The ways there are.
    const WAYS: [Fault; 5] =
        [Fault::Garble, Fault::Withhold, Fault::Lie, Fault::Flood, Fault::Orphans];

    /// One of them.
    pub(crate) fn any(chance: &mut Chance) -> Self {
        Self { way: Self::WAYS[chance.below(Self::WAYS.len())], past: Vec::new() }
    }

    /// What it sends in place of a message.
    pub(crate) fn send(&mut self, mut message: Vec<u8>, chance: &mut Chance) -> Vec<Vec<u8>> {
        let kind = message.get(1).copied().unwrap_or_default();
        if self.past.len() < PAST {
            self.past.push(message.clone());
        } else {
            self.past[chance.below(PAST)].clone_from(&message);
        }
        match (self.way, kind) {
            (Fault::Garble, _) if chance.one_in(5) => vec![self.garbled(message, chance)],
            (Fault::Withhold, EVENTS) if !chance.one_in(8) => Vec::new(),
            // Within the hash of its root.
            (Fault::Lie, COMPARE | COMPARED | RECORDS) if chance.one_in(2) => {
                if let Some(byte) = message.get_mut(5 + chance.below(32)) {
                    *byte ^= 1;
                }
                vec![message]
            }
            (Fault::Flood, EVENTS) => vec![message; 3],
            _ => vec![message],
        }
    }

    fn garbled(&self, mut message: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
        match chance.below(5) {
            0 => message.clear(),
            1 => message.truncate(chance.below(message.len().max(1))),
            2 => {
                let at = chance.below(message.len().max(1));
                message.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << chance.below(8));
            }
            3 => {
                message.resize(chance.below(4096), 0);
                chance.fill(&mut message);
            }
            _ => message = chance.pick(&self.past).cloned().unwrap_or_default(),
        }
        message
    }

    /// What it answers in place of its home, if it does.
    pub(crate) fn answer(&mut self, message: &[u8], chance: &mut Chance) -> Option<Vec<Vec<u8>>> {
        let kind = message.get(1).copied().unwrap_or_default();
        if self.way != Fault::Withhold || chance.one_in(4) {
            return None;
        }
        let silent = chance.one_in(3);
        match kind {
            WANT | WALK if silent => Some(Vec::new()),
            // The layout is the same, and there is one topic.
            WANT => {
                let mut absent = message.to_vec();
                absent[1] = ABSENT;
                Some(vec![absent])
            }
            WALK => {
                let records = self.past.iter().rfind(|past| past.get(1) == Some(&RECORDS));
                Some(records.cloned().into_iter().collect())
            }
            _ => None,
        }
    }
}

/// The message that brings events of the only topic, by their encodings.
pub(crate) fn events(encoded: &[Vec<u8>]) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(3).u64(EVENTS.into()).u64(0).list(encoded.iter(), |w, event| {
        w.bytes(event);
    });
    w.into_bytes()
}
