//! Where a call's host lies while the component runs.

use myrhiza_kernel_api::host::HostResult;
use wasmtime::{Result, StoreContextMut};

use crate::outcome::NoHost;

/// The data of a store: the host of the call in progress, if there is one.
pub(crate) struct Slot<H: ?Sized> {
    host: Option<Box<H>>,
}

impl<H: ?Sized> Slot<H> {
    pub(crate) fn empty() -> Self {
        Self { host: None }
    }

    pub(crate) fn put(&mut self, host: Box<H>) {
        self.host = Some(host);
    }

    pub(crate) fn take(&mut self) -> Option<Box<H>> {
        self.host.take()
    }
}

/// What a host function sees of the store that called it: the guest's memory, through the lists
/// and strings it was given.
pub(crate) type Cx<'a, H> = StoreContextMut<'a, Slot<H>>;

/// Runs a host function. The host leaves the slot meanwhile, so that arguments can be borrowed
/// from the guest's memory instead of being copied.
pub(crate) fn host<H: ?Sized + 'static, R>(
    mut cx: Cx<'_, H>,
    call: impl FnOnce(&mut H, &Cx<'_, H>) -> HostResult<R>,
) -> Result<R> {
    let mut host = cx.data_mut().take().ok_or(NoHost)?;
    let result = call(&mut host, &cx);
    cx.data_mut().put(host);
    Ok(result?)
}

/// [`host`] for a function with a result, in the form the linker wants it.
pub(crate) fn value<H: ?Sized + 'static, R>(
    cx: Cx<'_, H>,
    call: impl FnOnce(&mut H, &Cx<'_, H>) -> HostResult<R>,
) -> Result<(R,)> {
    Ok((host(cx, call)?,))
}
