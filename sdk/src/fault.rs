//! The one way to give up.

/// Ends the call: the state holds what this app cannot have written, or a limit is broken.
///
/// In a component that is a trap, which rejects the event on every peer alike. There it says
/// nothing, since the text would carry Rust's formatting code into every component.
#[cfg_attr(not(target_arch = "wasm32"), track_caller)]
pub(crate) fn fault(_what: &str) -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    panic!("{_what}");
}
