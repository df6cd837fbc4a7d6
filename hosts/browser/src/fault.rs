//! What can be wrong with a browser's home, in words for the person at the page.

use std::fmt::Display;

use myrhiza_api::Error;
use myrhiza_kernel_api::StoreError;
use wasm_bindgen::JsValue;

/// What there is to say where the home was not opened.
const NOT_OPENED: &str = "this browser's home was not opened";

/// The program contradicts itself.
pub(crate) fn build(cause: &dyn Display) -> Error {
    let next =
        "load the page again; if that does not help, this page is broken: tell who serves it";
    Error::new("build", NOT_OPENED, cause.to_string(), next)
}

pub(crate) fn store(error: &StoreError) -> Error {
    let (code, next) = match error {
        StoreError::Full { .. } => (
            "disk-full",
            "free some space, or let this site keep more, and load the page again; what was done \
             before is kept",
        ),
        // Its cause says what is to be done first.
        StoreError::Config { .. } => {
            ("store", "load the page again once that is so; what was done before is kept")
        }
        _ => (
            "store",
            "if a later version of this page made this home, load that; else clear this site's data, \
             which makes a new home with a new key: what you did in your topics is with your peers",
        ),
    };
    Error::new(code, NOT_OPENED, error.to_string(), next)
}

pub(crate) fn transport(cause: &dyn Display) -> Error {
    let next = "look at the relays in the settings; without one, nobody is reached";
    Error::new("transport", "the network was not started", cause.to_string(), next)
}

/// The browser's database failed, or does not give back what it was given.
pub(crate) fn keys(error: &JsValue) -> Error {
    let error = js_sys::Error::from(error.clone());
    let (code, next) = match String::from(error.name()).as_str() {
        "QuotaExceededError" => {
            ("disk-full", "free some space, or let this site keep more, and load the page again")
        }
        "VersionError" => (
            "keys",
            "a later version of this page was here: load that, past what the browser has kept of \
             this one (Ctrl+Shift+R)",
        ),
        "OperationError" | "DataError" | "InvalidAccessError" => (
            "keys",
            "they are damaged: clear this site's data, which makes a new home with a new key; what \
             you did in your topics is with your peers",
        ),
        _ => (
            "keys",
            "leave the private window and let this site keep data; then load the page again",
        ),
    };
    let cause = String::from(error.to_string());
    Error::new(code, "the keys of this browser's home were not read or kept", cause, next)
}

/// The files of this site cannot be looked at.
pub(crate) fn files(error: &JsValue) -> Error {
    let cause = String::from(js_sys::Error::from(error.clone()).to_string());
    Error::new("store", NOT_OPENED, cause, "let this site keep data, and load the page again")
}

/// The store ends whoever opens it.
pub(crate) fn ends_us() -> Error {
    let cause = "its store ended the program each time it was opened, so that it must be damaged";
    let next = "load the page once more; if it ends again, clear this site's data, which makes a new \
                home with a new key: what you did in your topics is with your peers";
    Error::new("store", NOT_OPENED, cause, next)
}

pub(crate) fn key_file(error: &dyn Display) -> Error {
    let next = "if a later version of this page made this home, load that; else clear this site's \
                data, which makes a new home with a new key";
    Error::new("keys", "the keys of this browser's home were not opened", error.to_string(), next)
}

pub(crate) fn chance(error: &dyn Display) -> Error {
    let next = "use another browser: this one gives no randomness";
    Error::new("randomness", "nothing was done", error.to_string(), next)
}

/// The home's own topics were not read or written.
pub(crate) fn home(error: &dyn Display) -> Error {
    Error::new("home", NOT_OPENED, error.to_string(), "load the page again")
}

/// The kernel has ended.
pub(crate) fn stopped(cause: &dyn Display) -> Error {
    Error::new("stopped", "nothing was done", cause.to_string(), "load the page again")
}
