use myrhiza_kernel_api::host::{
    EventField, EventHost, EventView, FieldValue, HostResult, Level, StateWrite,
};
use myrhiza_kernel_api::{EventId, Hash, PublicKey, TopicId};

use super::common::{Common, forward_common};
use crate::apply::ScopeRecord;
use crate::event::{Body, Founding};
use crate::order::Place;
use crate::state::Overlay;

/// The host of `state-apply` and `migrate`. It owns the fold's overlay while a component runs, so that no
/// reference to it has to outlive anything.
pub(in crate::apply) struct FoldHost {
    common: Common,
    event: EventView,
}

impl FoldHost {
    pub(in crate::apply) fn new(overlay: Overlay, topic: &Founding) -> Self {
        let (nobody, payload) = (PublicKey([0; 32]), Vec::new());
        let event = EventView {
            id: EventId([0; 32]),
            person: nobody,
            scope: nobody,
            scope_kind: 0,
            seq: 0,
            height: 0,
            hlc: 0,
            generation: 0,
            variant: 0,
            payload,
        };
        Self { common: Common::new(overlay, topic.topic(), topic.founder()), event }
    }

    /// The event of the next call, whose count of host calls starts anew.
    pub(in crate::apply) fn set_event(&mut self, body: &Body, place: Place, author: &ScopeRecord) {
        let header = body.header();
        let mut payload = std::mem::take(&mut self.event.payload);
        payload.clear();
        payload.extend_from_slice(body.payload());
        self.event = EventView {
            id: body.id(),
            person: author.person,
            scope: header.scope,
            scope_kind: author.kind.into(),
            seq: header.seq,
            height: place.height,
            hlc: header.hlc,
            generation: header.generation,
            variant: header.variant,
            payload,
        };
        self.common.reset_meter();
    }

    /// A migration begins: its first chunk is the next call.
    pub(in crate::apply) fn begin_migration(&mut self) {
        self.common.reset_meter();
    }

    /// Its next chunk is the next call.
    pub(in crate::apply) fn next_chunk(&mut self) {
        self.common.next_chunk();
    }

    pub(in crate::apply) fn overlay(&mut self) -> &mut Overlay {
        &mut self.common.overlay
    }

    pub(in crate::apply) fn into_overlay(self) -> Overlay {
        self.common.overlay
    }
}

forward_common!(FoldHost);

impl StateWrite for FoldHost {
    fn set(&mut self, key: &[u8], value: &[u8]) -> HostResult<()> {
        self.common.set(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.common.delete(key)
    }
}

impl EventHost for FoldHost {
    fn field(&mut self, field: EventField) -> HostResult<FieldValue<'_>> {
        let event = &self.event;
        let value = match field {
            EventField::Id => FieldValue::Bytes(event.id.as_ref()),
            EventField::Person => FieldValue::Bytes(event.person.as_ref()),
            EventField::Scope => FieldValue::Bytes(event.scope.as_ref()),
            EventField::Payload => FieldValue::Bytes(&event.payload),
            EventField::ScopeKind => FieldValue::Number(event.scope_kind.into()),
            EventField::Seq => FieldValue::Number(event.seq),
            EventField::Height => FieldValue::Number(event.height),
            EventField::Hlc => FieldValue::Number(event.hlc),
            EventField::Generation => FieldValue::Number(event.generation.into()),
            EventField::Variant => FieldValue::Number(event.variant.into()),
        };
        self.common.meter.call(0)?;
        if let FieldValue::Bytes(bytes) = value {
            self.common.meter.gives(bytes.len())?;
        }
        Ok(value)
    }
}
