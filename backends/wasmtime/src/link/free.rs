//! `clock` and `random`.

use myrhiza_kernel_api::host::FreeHost;
use wasmtime::Result;
use wasmtime::component::Linker;

use super::interface;
use crate::slot::{Cx, Slot, value};

pub(super) fn define<H: FreeHost + ?Sized + 'static>(linker: &mut Linker<Slot<H>>) -> Result<()> {
    interface(linker, "clock")?
        .func_wrap("now", |cx: Cx<'_, H>, (): ()| value(cx, |h, _| h.now()))?;
    interface(linker, "random")?
        .func_wrap("bytes", |cx: Cx<'_, H>, (len,): (u32,)| value(cx, |h, _| h.random(len)))
}
