use std::collections::BTreeSet;
use std::ops::ControlFlow;

use myrhiza_kernel_api::{EventId, Snapshot, TopicId};

use super::topics::Entrance;
use super::{Runtime, RuntimeError, Subject, TopicRecord};
use crate::bundle::Bundle;
use crate::dag::{self, Graph, IngestReport, RefusedEvent};
use crate::event::{Event, Founding, UnverifiedEvent};
use crate::export::{Opening, Writer};
use crate::identity::ed25519::SignatureError;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// Events taken in one go, and their bytes: whichever comes first.
const BATCH: usize = 4096;
const BATCH_BYTES: usize = 8 << 20;

/// Checks signatures, on as many cores as the host has: [`crate::event::verify_all_on`].
pub type Verify<'a> = dyn Fn(Vec<UnverifiedEvent>) -> Vec<Result<Event, SignatureError>> + 'a;

/// A topic's file on its way into a home.
pub struct Import {
    topic: TopicId,
    waiting: Vec<UnverifiedEvent>,
    waiting_bytes: usize,
    now_ms: u64,
    report: IngestReport,
}

impl Import {
    /// The topic.
    pub fn topic(&self) -> TopicId {
        self.topic
    }
}

impl Runtime {
    /// Whether an import could begin, so that nothing has to be done before it that would be in vain.
    ///
    /// # Errors
    /// As [`Runtime::begin_import`].
    pub fn check_import(&self, opening: &Opening, name: Option<&str>) -> Result<(), RuntimeError> {
        let reader = self.read()?;
        match TopicRecord::load(&*reader, opening.topic()) {
            Ok(record) => record.check_named(opening.topic(), name),
            Err(RuntimeError::NoTopic { .. }) => {
                let founded = founded(opening)?.1;
                self.check_name(name.unwrap_or(&founded.genesis().name))
            }
            Err(error) => Err(error),
        }
    }

    /// Starts to import a topic, which need not be in this home. `name` is what to call it here if
    /// it is not; its founder's name for it otherwise. `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// [`RuntimeError::NameTaken`], [`RuntimeError::BadInput`]
    pub fn begin_import(
        &mut self,
        opening: &Opening,
        name: Option<&str>,
        now_ms: u64,
    ) -> Result<Import, RuntimeError> {
        let topic = opening.topic();
        let reader = self.read()?;
        let report = match TopicRecord::load(&*reader, topic) {
            Ok(record) => {
                record.check_named(topic, name)?;
                IngestReport { known: 1, ..IngestReport::default() }
            }
            Err(RuntimeError::NoTopic { .. }) => {
                let (genesis, founded) = founded(opening)?;
                let name = name.unwrap_or(&founded.genesis().name);
                self.enter(&Entrance::of(name, std::slice::from_ref(&genesis)), now_ms)?
            }
            Err(error) => return Err(error),
        };
        Ok(Import { topic, waiting: Vec::new(), waiting_bytes: 0, now_ms, report })
    }

    /// Takes the next events of a file.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn import_events(
        &mut self,
        import: &mut Import,
        events: Vec<UnverifiedEvent>,
        verify: &Verify<'_>,
    ) -> Result<(), RuntimeError> {
        for event in events {
            import.waiting_bytes += event.body().payload().len();
            import.waiting.push(event);
            if import.waiting.len() >= BATCH || import.waiting_bytes >= BATCH_BYTES {
                self.flush(import, verify)?;
            }
        }
        Ok(())
    }

    /// Takes the rest, and tells what became of all of it. What waits is counted for the topic, not
    /// for the file: a batch may wait for a later one, and what is known may still wait.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn finish_import(
        &mut self,
        mut import: Import,
        verify: &Verify<'_>,
    ) -> Result<IngestReport, RuntimeError> {
        self.flush(&mut import, verify)?;
        let waiting = dag::waiting(&*self.read()?, import.topic)?;
        import.report.pending = waiting.len() as u64;
        let missing: BTreeSet<_> = waiting.into_iter().flat_map(|event| event.missing).collect();
        import.report.missing = missing.into_iter().collect();
        Ok(import.report)
    }

    fn flush(&mut self, import: &mut Import, verify: &Verify<'_>) -> Result<(), RuntimeError> {
        let waiting = std::mem::take(&mut import.waiting);
        import.waiting_bytes = 0;
        let report = self.ingest_unverified(import.topic, waiting, import.now_ms, verify)?;
        import.report.absorb(report);
        Ok(())
    }

    /// Takes events whose signatures nobody has looked at; those that are not valid are refused,
    /// those that are known are not looked at again.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn ingest_unverified(
        &mut self,
        topic: TopicId,
        events: Vec<UnverifiedEvent>,
        now_ms: u64,
        verify: &Verify<'_>,
    ) -> Result<IngestReport, RuntimeError> {
        let reader = self.read()?;
        let keys = TopicKeys { topic };
        let mut report = IngestReport::default();
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            if reader.get(schema::IDS, &keys.key(&[event.id().as_ref()]))?.is_some() {
                report.known += 1;
            } else {
                new.push(event);
            }
        }
        let authors: Vec<_> = new.iter().map(|e| (e.id(), e.body().header().scope)).collect();
        let mut verified = Vec::with_capacity(new.len());
        for (result, (id, scope)) in verify(new).into_iter().zip(authors) {
            match result {
                Ok(event) => verified.push(event),
                Err(error) => report.refused.push(RefusedEvent {
                    id,
                    scope,
                    reason: error.to_string(),
                    waited: false,
                }),
            }
        }
        report.absorb(self.ingest(topic, &verified, now_ms)?);
        Ok(report)
    }

    /// A topic as it is now, to be written as one verifiable file, with [`Runtime::bundles_of`] it if
    /// wanted.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn export(&self, topic: TopicId, with_bundles: bool) -> Result<Export, RuntimeError> {
        let reader = self.read()?;
        let record = TopicRecord::load(&*reader, topic)?;
        let bundles = if with_bundles { self.bundles_of(topic)? } else { Vec::new() };
        Ok(Export { reader, topic, record, bundles })
    }
}

/// A topic on its way into a file. It is as it was when this was made, and needs no runtime: however
/// slow whoever takes it is, the home goes on.
pub struct Export {
    reader: Box<dyn Snapshot>,
    topic: TopicId,
    record: TopicRecord,
    bundles: Vec<Bundle>,
}

impl Export {
    /// Writes it; how many events it has. `sink` takes the bytes; what it fails with is given back.
    ///
    /// # Errors
    /// [`RuntimeError`] in the outer result, the sink's in the inner.
    pub fn write<E>(
        self,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Result<u64, E>, RuntimeError> {
        let Self { reader, topic, record, bundles } = self;
        let (graph, keys) = (Graph::new(&*reader, topic), TopicKeys { topic });
        let genesis = graph.event(graph.known(EventId(topic.0))?.place)?;
        let mut writer = Writer::new(&genesis, &bundles.iter().collect::<Vec<_>>());
        let (from, to) = keys.places_after(Some(Place { epoch: 0, height: 0, id: genesis.id() }));
        let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
        let mut sunk = Ok(());
        reader.scan(schema::LOG, range, false, &mut |_, event| {
            writer.event(event);
            let bytes = writer.take();
            if !bytes.is_empty() {
                sunk = sink(&bytes);
            }
            if sunk.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let ended = sunk.and_then(|()| sink(&writer.finish(&record.log_root)));
        Ok(ended.map(|()| record.events))
    }
}

/// The topic a file opens with.
fn founded(opening: &Opening) -> Result<(Event, Founding), RuntimeError> {
    let bad = |cause: String| RuntimeError::BadInput { what: Subject::ExportGenesis, cause };
    let genesis = opening.genesis.clone().verify().map_err(|error| bad(error.to_string()))?;
    let founded = Founding::of(&genesis).map_err(|error| bad(error.to_string()))?;
    Ok((genesis, founded))
}
