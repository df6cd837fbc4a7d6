//! What a browser refuses, in words for whoever sits before it.

use js_sys::Reflect;
use myrhiza_kernel_api::StoreError;
use wasm_bindgen::JsValue;

use crate::NAME;

/// An exception's name and message.
pub(super) fn words(error: &JsValue) -> (String, String) {
    let field = |name: &str| Reflect::get(error, &JsValue::from_str(name)).ok()?.as_string();
    let name = field("name").unwrap_or_else(|| "Error".into());
    (name, field("message").unwrap_or_else(|| format!("{error:?}")))
}

/// Why a folder could not be made ready.
pub(super) fn told(folder: &str, error: &JsValue) -> StoreError {
    let doing = "took its folder";
    let (name, message) = words(error);
    let why = match name.as_str() {
        "TimeoutError" | "NoModificationAllowedError" => format!(
            "another tab or window of this browser has {folder} open; go on there, or close it and \
             load this page again"
        ),
        "NotSupportedError" => format!(
            "there is no {message} here, which keeps files for a page (OPFS); it takes a browser of \
             2023 or later, a page served by https or from this machine, and a dedicated worker"
        ),
        "SecurityError" | "NotAllowedError" => format!(
            "the browser lets this page keep no files ({message}); leave the private window, or \
             allow the site to store data"
        ),
        "QuotaExceededError" => {
            return StoreError::Full { store: NAME, doing, source: message.into() };
        }
        _ => {
            let source = format!("{name}: {message}").into();
            return StoreError::Failed { store: NAME, doing, source };
        }
    };
    StoreError::Config { store: NAME, why }
}
