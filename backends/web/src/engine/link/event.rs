//! `event`.

use myrhiza_kernel_api::host::{ApplyHost, EventField, FieldValue};

use super::super::frame::{Frame, Import, long, word};
use super::super::stop::{Ends, Stop};
use crate::world::Function;

type Host = dyn ApplyHost;

pub(super) fn import(function: Function) -> Option<Import<Host>> {
    Some(match function {
        Function::EventId => bytes(EventField::Id),
        Function::EventPerson => bytes(EventField::Person),
        Function::EventScope => bytes(EventField::Scope),
        Function::EventPayload => bytes(EventField::Payload),
        Function::EventSeq => long::<Host>(|frame| number(frame, EventField::Seq)),
        Function::EventHeight => long::<Host>(|frame| number(frame, EventField::Height)),
        Function::EventHlc => long::<Host>(|frame| number(frame, EventField::Hlc)),
        Function::EventScopeKind => word::<Host>(|frame, _| number(frame, EventField::ScopeKind)),
        Function::EventGeneration => word::<Host>(|frame, _| number(frame, EventField::Generation)),
        Function::EventVariant => word::<Host>(|frame, _| number(frame, EventField::Variant)),
        _ => return None,
    })
}

fn bytes(field: EventField) -> Import<Host> {
    word::<Host>(move |frame, [area, ..]| {
        let bytes = frame.host(|h| match h.field(field)? {
            FieldValue::Bytes(bytes) => Ok(Some(bytes.to_vec())),
            FieldValue::Number(_) => Ok(None),
        })?;
        frame.give(area, &bytes.ok_or(Stop::WrongField)?)
    })
}

fn number<N: TryFrom<u64>>(frame: &Frame<'_, Host>, field: EventField) -> Ends<N> {
    let number = frame.host(|h| match h.field(field)? {
        FieldValue::Number(number) => Ok(N::try_from(number).ok()),
        FieldValue::Bytes(_) => Ok(None),
    })?;
    number.ok_or(Stop::WrongField)
}
