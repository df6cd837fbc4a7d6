//! `clock` and `random`.

use myrhiza_kernel_api::host::FreeHost;

use super::super::frame::{Import, long, word};
use crate::world::Function;

pub(super) fn import<H: FreeHost + ?Sized>(function: Function) -> Option<Import<H>> {
    Some(match function {
        Function::ClockNow => long::<H>(|frame| frame.host(|h| h.now())),
        Function::RandomBytes => word::<H>(|frame, [len, area, ..]| {
            let bytes = frame.host(|h| h.random(len))?;
            frame.give(area, &bytes)
        }),
        _ => return None,
    })
}
