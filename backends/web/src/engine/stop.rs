//! Which end of a call is a trap, the same on every peer, and which a failure of this host.

use js_sys::WebAssembly::RuntimeError;
use myrhiza_kernel_api::host::HostStop;
use myrhiza_kernel_api::{BackendError, Trap};
use wasm_bindgen::{JsCast as _, JsValue};

use super::NAME;

/// Why a call or a part of it did not return.
#[derive(Debug)]
pub(super) enum Stop {
    /// A host function said so.
    Host(HostStop),
    /// The component broke a rule of the canonical ABI: a bad pointer, length, discriminant or
    /// UTF-8, or a call of the host where it may not.
    Breach,
    /// An import was called while the component was being instantiated, when no event and no state
    /// is at hand.
    NoHost,
    /// The kernel's host answered for an event field with a value of another type.
    WrongField,
    /// The engine threw this.
    Thrown(JsValue),
}

/// What may end so.
pub(super) type Ends<T> = Result<T, Stop>;

impl Stop {
    /// How a call that stopped ended.
    pub(super) fn of_call(self) -> Result<Trap, BackendError> {
        match self {
            Self::Host(HostStop::Trap(trap)) => Ok(Trap::Host(trap)),
            Self::Host(HostStop::Local(source)) => Err(BackendError::Store(source)),
            Self::Host(other) => Err(local(other.to_string())),
            Self::Breach | Self::NoHost => Ok(Trap::Guest),
            Self::Thrown(thrown) if is_trap(&thrown) => Ok(Trap::Guest),
            Self::Thrown(thrown) => Err(local(text(&thrown))),
            Self::WrongField => {
                Err(local("an event field has another type than its interface says".into()))
            }
        }
    }

    /// How an instantiation that stopped ended: its code can trap, but all else (memory, address
    /// space) is of this host.
    pub(super) fn of_instantiation(self) -> Result<Trap, BackendError> {
        match self {
            Self::Host(stop) => Err(local(stop.to_string())),
            other => other.of_call(),
        }
    }
}

/// A failure of this host.
fn local(cause: String) -> BackendError {
    BackendError::Local { backend: NAME, cause }
}

/// Whether what was thrown is a trap of the component's code. A native stack that ends and memory
/// that is not to be had are thrown as other kinds of error.
fn is_trap(thrown: &JsValue) -> bool {
    thrown.is_instance_of::<RuntimeError>()
}

/// What was thrown, in the engine's words.
pub(super) fn text(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => format!("{thrown:?}"),
    }
}
