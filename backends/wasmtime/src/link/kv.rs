//! `kv`.

use myrhiza_kernel_api::host::{KvHost, KvRefusal};
use wasmtime::Result;
use wasmtime::component::{ComponentType, Linker, Lower, WasmList};

use super::interface;
use crate::slot::{Cx, Slot, host, value};

type Bytes = WasmList<u8>;

pub(super) fn define<H: KvHost + ?Sized + 'static>(linker: &mut Linker<Slot<H>>) -> Result<()> {
    let mut kv = interface(linker, "kv")?;
    kv.func_wrap("get", |cx: Cx<'_, H>, (key,): (Bytes,)| {
        value(cx, |h, cx| h.kv_get(key.as_le_slice(cx)))
    })?;
    kv.func_wrap("set", |cx: Cx<'_, H>, (key, bytes): (Bytes, Bytes)| {
        value(cx, |h, cx| {
            let kept = h.kv_set(key.as_le_slice(cx), bytes.as_le_slice(cx))?;
            Ok(kept.map_err(Refusal::from))
        })
    })?;
    kv.func_wrap("delete", |cx: Cx<'_, H>, (key,): (Bytes,)| {
        host(cx, |h, cx| h.kv_delete(key.as_le_slice(cx)))
    })?;
    kv.func_wrap("scan", |cx: Cx<'_, H>, (from, to, limit): (Bytes, Bytes, u32)| {
        value(cx, |h, cx| h.kv_scan(from.as_le_slice(cx), to.as_le_slice(cx), limit))
    })
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
enum Refusal {
    #[component(name = "key")]
    Key,
    #[component(name = "value")]
    Value,
    #[component(name = "full")]
    Full,
}

impl From<KvRefusal> for Refusal {
    fn from(refusal: KvRefusal) -> Self {
        match refusal {
            KvRefusal::Key => Self::Key,
            KvRefusal::Value => Self::Value,
            KvRefusal::Full => Self::Full,
        }
    }
}
