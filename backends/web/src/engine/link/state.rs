//! `state` and `state-view`.

use myrhiza_kernel_api::host::{StateRead, StateWrite};

use super::super::frame::{Import, word};
use crate::world::Function;

pub(super) fn read<H: StateRead + ?Sized>(function: Function) -> Option<Import<H>> {
    Some(match function {
        Function::StateGet => word::<H>(|frame, [at, len, area, ..]| {
            let key = frame.bytes(at, len)?;
            let value = frame.host(|h| h.get(&key))?;
            frame.give_option(area, value.as_deref())
        }),
        Function::StateScan => word::<H>(|frame, [from, from_len, to, to_len, limit, area]| {
            let (from, to) = (frame.bytes(from, from_len)?, frame.bytes(to, to_len)?);
            let entries = frame.host(|h| h.scan(&from, &to, limit))?;
            frame.give(area, &entries)
        }),
        _ => return None,
    })
}

pub(super) fn write<H: StateWrite + ?Sized>(function: Function) -> Option<Import<H>> {
    Some(match function {
        Function::StateSet => word::<H>(|frame, [key, key_len, at, len, ..]| {
            let (key, value) = (frame.bytes(key, key_len)?, frame.bytes(at, len)?);
            frame.host(|h| h.set(&key, &value))?;
            Ok(0)
        }),
        Function::StateDelete => word::<H>(|frame, [at, len, ..]| {
            let key = frame.bytes(at, len)?;
            frame.host(|h| h.delete(&key))?;
            Ok(0)
        }),
        _ => return None,
    })
}
