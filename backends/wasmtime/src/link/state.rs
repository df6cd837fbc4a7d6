//! `state` and `state-view`.

use myrhiza_kernel_api::host::{StateRead, StateWrite};
use wasmtime::Result;
use wasmtime::component::{Linker, LinkerInstance, WasmList};

use super::interface;
use crate::slot::{Cx, Slot, host, value};

type Bytes = WasmList<u8>;

/// `state`: reads and writes.
pub(super) fn define<H: StateWrite + ?Sized + 'static>(linker: &mut Linker<Slot<H>>) -> Result<()> {
    let mut state = interface(linker, "state")?;
    define_reads(&mut state)?;
    state.func_wrap("set", |cx: Cx<'_, H>, (key, value): (Bytes, Bytes)| {
        host(cx, |h, cx| h.set(key.as_le_slice(cx), value.as_le_slice(cx)))
    })?;
    state.func_wrap("delete", |cx: Cx<'_, H>, (key,): (Bytes,)| {
        host(cx, |h, cx| h.delete(key.as_le_slice(cx)))
    })
}

/// `state-view`: reads at the tip.
pub(super) fn define_view<H: StateRead + ?Sized + 'static>(
    linker: &mut Linker<Slot<H>>,
) -> Result<()> {
    define_reads(&mut interface(linker, "state-view")?)
}

fn define_reads<H: StateRead + ?Sized + 'static>(
    instance: &mut LinkerInstance<'_, Slot<H>>,
) -> Result<()> {
    instance.func_wrap("get", |cx: Cx<'_, H>, (key,): (Bytes,)| {
        value(cx, |h, cx| h.get(key.as_le_slice(cx)))
    })?;
    instance.func_wrap("scan", |cx: Cx<'_, H>, (from, to, limit): (Bytes, Bytes, u32)| {
        value(cx, |h, cx| h.scan(from.as_le_slice(cx), to.as_le_slice(cx), limit))
    })
}
