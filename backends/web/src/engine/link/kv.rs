//! `kv`.

use myrhiza_kernel_api::host::{KvHost, KvRefusal};

use super::super::frame::{Import, word};
use super::super::guest::KEPT;
use crate::world::Function;

pub(super) fn import<H: KvHost + ?Sized>(function: Function) -> Option<Import<H>> {
    Some(match function {
        Function::KvGet => word::<H>(|frame, [key, len, area, ..]| {
            let key = frame.bytes(key, len)?;
            let value = frame.host(|h| h.kv_get(&key))?;
            frame.give_option(area, value.as_deref())
        }),
        Function::KvSet => word::<H>(|frame, [key, key_len, value, value_len, area, _]| {
            let (key, value) = (frame.bytes(key, key_len)?, frame.bytes(value, value_len)?);
            let kept = frame.host(|h| h.kv_set(&key, &value))?;
            frame.guest.area(area, KEPT)?;
            let shown = match kept {
                Ok(()) => [0, 0],
                Err(KvRefusal::Key) => [1, 0],
                Err(KvRefusal::Value) => [1, 1],
                Err(KvRefusal::Full) => [1, 2],
            };
            frame.guest.store(area, &shown)?;
            Ok(0)
        }),
        Function::KvDelete => word::<H>(|frame, [key, len, ..]| {
            let key = frame.bytes(key, len)?;
            frame.host(|h| h.kv_delete(&key))?;
            Ok(0)
        }),
        Function::KvScan => word::<H>(|frame, [from, from_len, to, to_len, limit, area]| {
            let (from, to) = (frame.bytes(from, from_len)?, frame.bytes(to, to_len)?);
            let entries = frame.host(|h| h.kv_scan(&from, &to, limit))?;
            frame.give(area, &entries)
        }),
        _ => return None,
    })
}
