use myrhiza_kernel_api::TopicId;

use super::parts::Busy;
use super::upgrade::waits;
use super::{Runtime, RuntimeError, TopicRecord, Waits};
use crate::apply::InForce;
use crate::dag::founding;
use crate::event::Founding;
use crate::fault::Fault;
use crate::state::Overlay;

/// A topic at hand: what it is, where it stands, and an overlay for what is to become of it.
pub(super) struct Opened {
    pub(super) overlay: Overlay,
    pub(super) record: TopicRecord,
    pub(super) topic: Founding,
}

impl Opened {
    /// A topic as the store has it.
    pub(super) fn load(runtime: &Runtime, id: TopicId) -> Result<Self, RuntimeError> {
        let overlay = Overlay::new(runtime.read()?);
        let record = TopicRecord::load(&overlay, id)?;
        let topic = founding(&overlay, id)?;
        Ok(Self { overlay, record, topic })
    }

    /// What it waits for, if anything.
    pub(super) fn waits(&self) -> Result<Option<Waits>, Fault> {
        waits(&self.overlay, &self.topic, &self.record)
    }

    /// What is done with it before anything else can be, if anything.
    pub(super) fn busy(&self) -> Result<Option<Busy>, Fault> {
        Busy::of(&self.overlay, &self.topic, &self.record)
    }

    /// What is in force at the tip, of a topic that is folded to it: nothing is tried against another
    /// state than that.
    pub(super) fn ready(&self) -> Result<InForce, RuntimeError> {
        let topic = self.topic.topic();
        match self.waits()? {
            Some(Waits::App(bundle)) => Err(RuntimeError::NotInstalled { bundle }),
            Some(waits) => Err(RuntimeError::Waits { topic, waits: Box::new(waits) }),
            None => match self.busy()? {
                Some(busy) => Err(RuntimeError::Busy { topic, busy }),
                None => Ok(InForce::of(&self.overlay, &self.topic)?),
            },
        }
    }
}

impl Runtime {
    /// A topic, folded to its tip or to what it waits for. Where a part of that is not all, it is busy.
    pub(super) fn open(&mut self, id: TopicId) -> Result<Opened, RuntimeError> {
        let opened = Opened::load(self, id)?;
        if opened.busy()?.is_none() {
            return Ok(opened);
        }
        self.go_on(id)?;
        let opened = Opened::load(self, id)?;
        match opened.busy()? {
            Some(busy) if self.is_at_work(id) => Err(self.busy_with(id, busy)),
            _ => Ok(opened),
        }
    }

    /// What a topic was founded as.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn founding_of(&self, topic: TopicId) -> Result<Founding, RuntimeError> {
        Ok(Opened::load(self, topic)?.topic)
    }

    /// Folds a topic on where a kill or a full disk stopped it. What waits for a bundle is left.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`], [`RuntimeError::Fault`]
    pub fn resume(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        self.open(topic).map(|_| ())
    }
}
