use myrhiza_kernel_api::{Snapshot, TopicId};

use super::{Runtime, RuntimeError, TopicRecord};
use crate::dag::Graph;
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::Place;
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
}

impl Runtime {
    /// A topic, folded to its tip if its app is installed.
    pub(super) fn open(&mut self, id: TopicId) -> Result<Opened, RuntimeError> {
        let opened = Opened::load(self, id)?;
        let bundle = opened.topic.genesis().bundle;
        if opened.record.settled() || !self.load_app(&opened.overlay, bundle)? {
            return Ok(opened);
        }
        self.refold(id)?;
        Opened::load(self, id)
    }

    /// Folds a topic on where a kill or a full disk stopped it. Without its app nothing is done.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Fault`]
    pub fn resume(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        self.open(topic).map(|_| ())
    }
}

/// What a topic of this home was founded as.
pub(crate) fn founding(reader: &dyn Snapshot, id: TopicId) -> Result<Founding, Fault> {
    let place = Place { epoch: 0, height: 0, id: myrhiza_kernel_api::EventId(id.0) };
    let genesis = Graph::new(reader, id).event(place)?;
    Founding::of_stored(&genesis)
        .map_err(|cause| Fault::damaged(format!("the genesis of topic {id}"), cause))
}
