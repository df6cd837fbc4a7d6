//! `event`.

use myrhiza_kernel_api::host::{ApplyHost, EventField, FieldValue};
use wasmtime::Result;
use wasmtime::component::Linker;

use super::interface;
use crate::outcome::WrongField;
use crate::slot::{Cx, Slot, host};

type Host = dyn ApplyHost;

pub(super) fn define(linker: &mut Linker<Slot<Host>>) -> Result<()> {
    let mut event = interface(linker, "event")?;
    for (name, field) in [
        ("id", EventField::Id),
        ("person", EventField::Person),
        ("scope", EventField::Scope),
        ("payload", EventField::Payload),
    ] {
        event.func_wrap(name, move |cx: Cx<'_, Host>, (): ()| bytes(cx, field))?;
    }
    for (name, field) in
        [("seq", EventField::Seq), ("height", EventField::Height), ("hlc", EventField::Hlc)]
    {
        event.func_wrap(name, move |cx: Cx<'_, Host>, (): ()| number::<u64>(cx, field))?;
    }
    for (name, field) in [
        ("scope-kind", EventField::ScopeKind),
        ("generation", EventField::Generation),
        ("variant", EventField::Variant),
    ] {
        event.func_wrap(name, move |cx: Cx<'_, Host>, (): ()| number::<u32>(cx, field))?;
    }
    Ok(())
}

fn bytes(cx: Cx<'_, Host>, field: EventField) -> Result<(Vec<u8>,)> {
    let bytes = host(cx, |h, _| match h.field(field)? {
        FieldValue::Bytes(bytes) => Ok(Some(bytes.to_vec())),
        FieldValue::Number(_) => Ok(None),
    })?;
    Ok((bytes.ok_or(WrongField)?,))
}

fn number<N: TryFrom<u64>>(cx: Cx<'_, Host>, field: EventField) -> Result<(N,)> {
    let number = host(cx, |h, _| match h.field(field)? {
        FieldValue::Number(number) => Ok(N::try_from(number).ok()),
        FieldValue::Bytes(_) => Ok(None),
    })?;
    Ok((number.ok_or(WrongField)?,))
}
