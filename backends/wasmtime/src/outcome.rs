//! Which end of a call is a trap, the same on every peer, and which a failure of this host.

use myrhiza_kernel_api::host::HostStop;
use myrhiza_kernel_api::{BackendError, Trap};
use wasmtime::{Error, OutOfMemory, WasmtimeBug};

use crate::NAME;

/// An import was called while the component was being instantiated, when no event and no state is
/// at hand.
#[derive(Debug, thiserror::Error)]
#[error("an import was called outside a call of the component")]
pub(crate) struct NoHost;

/// The kernel's host answered for an event field with a value of another type.
#[derive(Debug, thiserror::Error)]
#[error("an event field has another type than its interface says")]
pub(crate) struct WrongField;

/// How a call that returned an error ended.
///
/// Wasmtime reports violations of the canonical ABI (a bad pointer, length, discriminant or UTF-8)
/// as plain texts, so what is of this host is recognised and the rest is the component's.
pub(crate) fn of_call(error: Error) -> Result<Trap, BackendError> {
    match error.downcast::<HostStop>() {
        Ok(HostStop::Trap(trap)) => Ok(Trap::Host(trap)),
        Ok(HostStop::Local(source)) => Err(BackendError::Store(source)),
        Ok(other) => Err(local(other.into())),
        Err(error) if is_local(&error) => Err(local(error)),
        Err(_) => Ok(Trap::Guest),
    }
}

/// How an instantiation that returned an error ended: its code can trap, but all else (memory,
/// address space, a world the component does not fit) is of this host.
pub(crate) fn of_instantiation(error: Error) -> Result<Trap, BackendError> {
    let code = error.is::<wasmtime::Trap>() && !is_local(&error);
    if code || error.is::<NoHost>() { Ok(Trap::Guest) } else { Err(local(error)) }
}

/// A failure of this host.
pub(crate) fn local(error: Error) -> BackendError {
    BackendError::Local { backend: NAME, cause: format!("{error:#}") }
}

fn is_local(error: &Error) -> bool {
    use wasmtime::Trap as Code;
    error.is::<OutOfMemory>()
        || error.is::<WasmtimeBug>()
        || error.is::<WrongField>()
        || matches!(
            error.downcast_ref::<Code>(),
            Some(Code::StackOverflow | Code::Interrupt | Code::OutOfFuel | Code::DisabledOpcode)
        )
}
