//! Long work in parts, each a transaction of its own: a topic that is folded on, or whose rows are
//! removed since it was left. A node does a part at a time between what else there is to do, and what
//! needs the whole says meanwhile that it is [`Busy`]. Where a part ends decides nothing.

use std::collections::BTreeSet;
use std::fmt;

use myrhiza_kernel_api::{Snapshot, TopicId};

use super::leave::{being_removed, is_being_removed};
use super::open::Opened;
use super::upgrade::waits;
use super::{Change, Runtime, RuntimeError, TopicRecord, Work};
use crate::dag::founding;
use crate::drift::log_key;
use crate::event::Founding;
use crate::fault::Fault;
use crate::state::trie::LogTrie;

/// What is done with a topic before anything else can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Its log is folded.
    Folding {
        /// Events whose fold stands, at the front of the log.
        folded: u64,
        /// Events in the log.
        events: u64,
    },
    /// It was left, and what was kept of it is removed.
    Removing,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folding { folded, events } => {
                write!(f, "is being folded: {folded} of {events} events are")
            }
            Self::Removing => write!(f, "was left, and its events are still being removed"),
        }
    }
}

impl Busy {
    /// What a topic that is here is at, if it is neither folded to its tip nor waits for a bundle.
    pub(super) fn of(
        reader: &dyn Snapshot,
        topic: &Founding,
        record: &TopicRecord,
    ) -> Result<Option<Self>, Fault> {
        if record.settled() || waits(reader, topic, record)?.is_some() {
            return Ok(None);
        }
        // What is yet to be taken back does not stand any more.
        let stands = record.folded.map(|folded| record.rewind.map_or(folded, |to| folded.min(to)));
        let log = LogTrie::new(reader, topic.topic());
        let folded = stands.map(|place| log.count_up_to(log_key(place))).transpose()?;
        Ok(Some(Self::Folding { folded: folded.unwrap_or(0), events: record.events }))
    }
}

/// Refuses a topic whose state is that of a part of its log: nobody is to take it for the whole. What
/// waits for the bundle of an upgrade can be read as it was before.
pub(super) fn whole(reader: &dyn Snapshot, topic: TopicId) -> Result<(), RuntimeError> {
    let record = TopicRecord::load(reader, topic)?;
    if record.settled() {
        return Ok(());
    }
    match Busy::of(reader, &founding(reader, topic)?, &record)? {
        Some(busy) => Err(RuntimeError::Busy { topic, busy }),
        None => Ok(()),
    }
}

impl Runtime {
    /// From now on no more than so much is done at a time, in units of fuel ([`Work::total`]), or than was
    /// agreed on before if that is less. The rest is done by [`Runtime::go_on`].
    pub fn work_in_parts(&mut self, most: u64) {
        self.part = Some(self.part.map_or(most, |part| part.min(most)).max(1));
    }

    /// Whether it works in parts.
    pub const fn works_in_parts(&self) -> bool {
        self.part.is_some()
    }

    /// Works in such parts, for one call, where who calls has something else to do between them.
    pub fn in_parts<T>(&mut self, most: u64, what: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.part;
        self.work_in_parts(most);
        let result = what(self);
        self.part = before;
        result
    }

    /// The topics with work under way, ascending.
    pub fn at_work(&self) -> impl Iterator<Item = TopicId> {
        self.at_work.iter().copied()
    }

    /// Whether there is work under way with a topic.
    pub fn is_at_work(&self, topic: TopicId) -> bool {
        self.at_work.contains(&topic)
    }

    /// Looks for work that a process before this one has left.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn look_for_work(&mut self) -> Result<(), RuntimeError> {
        for topic in self.topic_ids()? {
            // What cannot be read is told of where it is gone on with.
            if !matches!(self.busy(topic), Ok(None)) {
                self.at_work.insert(topic);
            }
        }
        let left = being_removed(&*self.read()?)?;
        self.at_work.extend(left);
        Ok(())
    }

    /// What is done with a topic before anything else can be, if anything.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn busy(&self, topic: TopicId) -> Result<Option<Busy>, RuntimeError> {
        let reader = self.read()?;
        match TopicRecord::load(&*reader, topic) {
            Ok(record) => Ok(Busy::of(&*reader, &founding(&*reader, topic)?, &record)?),
            Err(RuntimeError::NoTopic { .. }) if is_being_removed(&*reader, topic)? => {
                Ok(Some(Busy::Removing))
            }
            Err(error) => Err(error),
        }
    }

    /// Does a part of the work there is with a topic; how much that was. The topic is at work no longer
    /// once that was all. Where the runtime does not work in parts, all is done.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]: it can be tried again.
    pub fn go_on(&mut self, topic: TopicId) -> Result<Work, RuntimeError> {
        let opened = match Opened::load(self, topic) {
            Ok(opened) => opened,
            Err(RuntimeError::NoTopic { .. }) => {
                self.sweep(topic)?;
                return Ok(Work::default());
            }
            Err(error) => return Err(error),
        };
        if opened.busy()?.is_none() {
            self.note_at_work(topic, false);
            return Ok(Work::default());
        }
        let work = self.fold(opened)?;
        if !self.is_at_work(topic) {
            self.changed(topic, Change::Events(Vec::new()));
        }
        Ok(work)
    }

    /// Topics that were asked for in vain since the last call: whoever did so comes again.
    pub fn take_asked(&mut self) -> BTreeSet<TopicId> {
        std::mem::take(&mut self.asked)
    }

    /// There is work under way with a topic, or no longer.
    pub(super) fn note_at_work(&mut self, topic: TopicId, is_at_work: bool) {
        match is_at_work {
            true => self.at_work.insert(topic),
            false => self.at_work.remove(&topic),
        };
    }

    /// What a topic was asked for has to wait.
    pub(super) fn busy_with(&mut self, topic: TopicId, busy: Busy) -> RuntimeError {
        self.at_work.insert(topic);
        self.asked.insert(topic);
        RuntimeError::Busy { topic, busy }
    }
}
