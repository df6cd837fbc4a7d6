use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{EventId, Hash, Snapshot, TopicId, limits};

use super::RuntimeError;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::fault::Fault;
use crate::order::Place;
use crate::schema;
use crate::state::Overlay;

/// What a home keeps of a topic beside its events and state.
///
/// Layout: `[1, name, events, tip, folded, rewind, state root, log root, last hlc]`, a place being
/// `[epoch, height, id]` or null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRecord {
    /// What this home calls it; unique here.
    pub name: String,
    /// Events in the log.
    pub events: u64,
    /// The last event of the log in canonical order.
    pub tip: Option<Place>,
    /// The last event folded. Below it every event is folded, unless `rewind` says otherwise.
    pub folded: Option<Place>,
    /// The fold has to go back before this place first.
    pub rewind: Option<Place>,
    /// Root of the state after `folded`.
    pub state_root: Hash,
    /// Root of the log.
    pub log_root: Hash,
    /// The greatest hybrid logical clock this home has used here.
    pub hlc: u64,
}

impl TopicRecord {
    /// A topic without events.
    pub(super) fn empty(name: String, root: Hash) -> Self {
        Self {
            name,
            events: 0,
            tip: None,
            folded: None,
            rewind: None,
            state_root: root,
            log_root: root,
            hlc: 0,
        }
    }

    /// True if every event of the log is folded.
    pub fn settled(&self) -> bool {
        self.rewind.is_none() && self.folded == self.tip
    }

    /// Refuses another name than the topic has: taking it in again does not rename it.
    pub(super) fn check_named(
        &self,
        topic: TopicId,
        name: Option<&str>,
    ) -> Result<(), RuntimeError> {
        match name.is_none_or(|name| name == self.name) {
            true => Ok(()),
            false => Err(RuntimeError::Named { topic, name: self.name.clone() }),
        }
    }

    /// The fold has to start again before `place`.
    pub(super) fn rewind_to(&mut self, place: Place) {
        if self.folded.is_some_and(|folded| place <= folded) {
            self.rewind = Some(self.rewind.map_or(place, |earlier| earlier.min(place)));
        }
    }

    pub(super) fn load(reader: &dyn Snapshot, topic: TopicId) -> Result<Self, RuntimeError> {
        let found = reader.get(schema::TOPICS, topic.as_ref()).map_err(Fault::from)?;
        let bytes = found.ok_or(RuntimeError::NoTopic { topic: topic.to_string() })?;
        let record = Self::from_bytes(&bytes)
            .map_err(|cause| Fault::damaged(format!("the record of topic {topic}"), cause))?;
        Ok(record)
    }

    pub(super) fn save(&self, overlay: &mut Overlay, topic: TopicId) {
        overlay.put(schema::TOPICS, topic.0, self.to_bytes());
    }
}

fn write_place(w: &mut Writer, place: Option<Place>) {
    w.option(place, |w, place| {
        w.array(3).u64(place.epoch.into()).u64(place.height).bytes(place.id);
    });
}

fn read_place(r: &mut Reader<'_>) -> Result<Option<Place>, CodecError> {
    r.option(|r| {
        r.fields("place", 3)?;
        Ok(Place { epoch: r.u32("epoch")?, height: r.u64()?, id: EventId(r.fixed("id")?) })
    })
}

impl Canonical for TopicRecord {
    const WHAT: &'static str = "a topic's record";
    const MAX_BYTES: usize = 1024;

    fn write(&self, w: &mut Writer) {
        w.array(9).u64(1).text(&self.name).u64(self.events);
        write_place(w, self.tip);
        write_place(w, self.folded);
        write_place(w, self.rewind);
        w.bytes(self.state_root).bytes(self.log_root).u64(self.hlc);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("topic record", 1, 9)?;
        Ok(Self {
            name: r.text("name", limits::NAME_BYTES)?.to_owned(),
            events: r.u64()?,
            tip: read_place(r)?,
            folded: read_place(r)?,
            rewind: read_place(r)?,
            state_root: Hash(r.fixed("state root")?),
            log_root: Hash(r.fixed("log root")?),
            hlc: r.u64()?,
        })
    }
}

/// The topics of this home, ascending.
pub(super) fn topic_ids(reader: &dyn Snapshot) -> Result<Vec<TopicId>, RuntimeError> {
    let mut ids = Vec::new();
    let all = (Bound::Unbounded, Bound::Unbounded);
    reader.scan(schema::TOPICS, all, false, &mut |key, _| {
        ids.extend(TopicId::from_slice(key));
        ControlFlow::Continue(())
    })?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [STORE-2]
    #[test]
    fn a_record_is_laid_out_as_it_is_written_down() {
        let place = Place { epoch: 1, height: 300, id: EventId([7; 32]) };
        let record = TopicRecord {
            events: 24,
            tip: Some(place),
            rewind: Some(Place { epoch: 0, ..place }),
            hlc: 0,
            log_root: Hash([9; 32]),
            ..TopicRecord::empty("tally".into(), Hash([8; 32]))
        };
        let place = |epoch: u8| [&[0x83, epoch, 0x19, 1, 44, 0x58, 32][..], &[7; 32]].concat();
        let root = |byte: u8| [&[0x58, 32][..], &[byte; 32]].concat();
        let want = [
            &[0x89, 1, 0x65][..],
            b"tally",
            &[0x18, 24],
            &place(1),
            &[0xf6],
            &place(0),
            &root(8),
            &root(9),
            &[0],
        ]
        .concat();
        assert_eq!(record.to_bytes(), want);
        assert_eq!(TopicRecord::from_bytes(&want).unwrap(), record);
    }
}
